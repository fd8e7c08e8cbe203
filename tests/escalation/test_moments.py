"""Instants, dates and lengths of time in words, in Python and in templates."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from django.template import Context, Template
from django.template.loader import render_to_string

from escalation import day_strip, deadlines, moments

LONDON = ZoneInfo("Europe/London")


def london(text, fold=0):
    return dt.datetime.fromisoformat(text).replace(tzinfo=LONDON, fold=fold).astimezone(dt.UTC)


def on(text):
    return dt.date.fromisoformat(text)


NOW = london("2026-05-26T10:30")
RAISED = london("2026-05-20T14:15")
TARGET = london("2026-05-27T14:15")


def rendered(source, **context):
    return Template("{% load moments %}" + source).render(Context({"at": NOW, **context}))


@pytest.mark.parametrize(
    ("time", "words"),
    [
        ("14:15", "2:15pm"),
        ("09:00", "9am"),
        ("09:05", "9:05am"),
        ("17:00", "5pm"),
        ("12:00", "midday"),
        ("12:01", "12:01pm"),
        ("00:00", "midnight"),
        ("00:30", "12:30am"),
        ("23:59:59", "11:59pm"),
    ],
)
def test_clock_time(time, words):
    assert moments.clock_time(london(f"2026-05-27T{time}")) == words


@pytest.mark.parametrize(
    ("instant", "at", "words"),
    [
        (TARGET, NOW, "Wed 27 May, 2:15pm"),
        (TARGET, None, "Wed 27 May 2026, 2:15pm"),
        (TARGET, london("2027-01-01T00:00"), "Wed 27 May 2026, 2:15pm"),
        (london("2026-05-26T09:00"), NOW, "today, 9am"),
        # Already tomorrow in London, still today in UTC.
        (london("2026-05-27T00:30"), NOW, "Wed 27 May, 12:30am"),
        (london("2026-12-31T23:59"), london("2027-01-01T00:01"), "Thu 31 Dec 2026, 11:59pm"),
        # 1:30am twice, and the hour after a change.
        (london("2026-10-25T01:30"), NOW, "Sun 25 Oct, 1:30am"),
        (london("2026-10-25T01:30", fold=1), NOW, "Sun 25 Oct, 1:30am"),
        (dt.datetime(2026, 3, 29, 1, 0, tzinfo=dt.UTC), NOW, "Sun 29 Mar, 2am"),
    ],
)
def test_moment(instant, at, words):
    assert moments.moment(instant, at) == words


def test_moment_full_always_has_its_year():
    assert moments.moment_full(TARGET) == "Wed 27 May 2026, 2:15pm"


def test_moment_refuses_an_instant_without_a_zone():
    with pytest.raises(ValueError, match="time zone"):
        moments.moment(dt.datetime(2026, 5, 20, 14, 15))  # noqa: DTZ001 - that it is refused


@pytest.mark.parametrize(
    ("value", "at", "words"),
    [
        (on("2026-05-22"), NOW, "Fri 22 May"),
        (on("2026-05-26"), NOW, "today"),
        (on("2028-02-29"), NOW, "Tue 29 Feb 2028"),
        (on("2026-05-22"), None, "Fri 22 May 2026"),
        (dt.datetime(2026, 5, 22, 23, 30, tzinfo=dt.UTC), NOW, "Sat 23 May"),
    ],
)
def test_day(value, at, words):
    assert moments.day(value, at) == words


def test_day_long_is_for_dates_of_birth():
    assert moments.day_long(on("1938-02-14")) == "14 February 1938"


@pytest.mark.parametrize(
    ("since", "words"),
    [
        ("2026-05-26T09:05", "1 hour 25 minutes"),
        ("2026-05-26T08:30", "2 hours"),
        ("2026-05-26T10:29:30", "less than a minute"),
        ("2026-05-26T11:00", "less than a minute"),
        ("2026-05-25T23:59", "since Mon 25 May, 11:59pm"),
        ("2026-05-21T16:20", "since Thu 21 May, 4:20pm"),
        ("2025-12-31T16:20", "since Wed 31 Dec 2025, 4:20pm"),
    ],
)
def test_waited(since, words):
    assert moments.waited(london(since), NOW) == words


@pytest.mark.parametrize(
    ("born", "at", "years"),
    [
        ("1938-02-14", "2026-05-26T10:00", 88),
        ("1940-05-26", "2026-05-26T00:00", 86),
        ("1940-05-27", "2026-05-26T23:59", 85),
        ("1940-02-29", "2026-02-28T12:00", 85),
        ("1940-02-29", "2026-03-01T12:00", 86),
    ],
)
def test_age(born, at, years):
    assert moments.age(on(born), london(at)) == years


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("{{ raised|moment:at }}", "Wed 20 May, 2:15pm"),
        ("{{ raised|moment }}", "Wed 20 May 2026, 2:15pm"),
        ("{{ raised|moment_full }}", "Wed 20 May 2026, 2:15pm"),
        ("{{ raised|day:at }}", "Wed 20 May"),
        ("{{ raised|day_full }}", "Wed 20 May 2026"),
        ("{{ born|day_long }}, aged {{ born|age:at }}", "14 February 1938, aged 88"),
        ("{{ raised|clock_time }}", "2:15pm"),
        ("{{ raised|waited:at }}", "since Wed 20 May, 2:15pm"),
        ("{{ missing|moment:at }}{{ missing|day }}{{ missing|waited:at }}{% when missing %}", ""),
    ],
)
def test_filters(source, words):
    assert rendered(source, raised=RAISED, born=on("1938-02-14"), missing=None) == words


@pytest.mark.parametrize(
    ("source", "html"),
    [
        ("{% when raised %}", '<time datetime="2026-05-20T14:15+01:00" class="r-nowrap">Wed 20 May, 2:15pm</time>'),
        (
            "{% when raised year=True %}",
            '<time datetime="2026-05-20T14:15+01:00" class="r-nowrap">Wed 20 May 2026, 2:15pm</time>',
        ),
        (
            "{% when at capital=True %}",
            '<time datetime="2026-05-26T10:30+01:00" class="r-nowrap">Today, 10:30am</time>',
        ),
        ("{% when needed %}", '<time datetime="2026-05-29" class="r-nowrap">Fri 29 May</time>'),
    ],
)
def test_when_marks_a_time_that_never_breaks(source, html):
    assert rendered(source, raised=RAISED, needed=on("2026-05-29")) == html


def test_keep_dates_whole_marks_dates_and_escapes_the_rest():
    text = "<b>Raised Wed 20 May, 2:15pm.</b> Ended today, 9am, not Mon 1 Jun 2026."
    assert rendered("{{ text|keep_dates_whole }}", text=text) == (
        '&lt;b&gt;Raised <span class="r-nowrap">Wed 20 May, 2:15pm</span>.&lt;/b&gt; '
        'Ended <span class="r-nowrap">today, 9am</span>, not <span class="r-nowrap">Mon 1 Jun 2026</span>.'
    )


def test_day_strip_component():
    html = render_to_string("components/days.html", {"strip": day_strip.strip(RAISED, TARGET, None, NOW)})
    assert html.count("<li") == 8
    assert html.count('aria-current="date"') == 1
    assert '<ol class="r-days" aria-label="One-week target, day by day">' in html
    assert '<li class="is-target">' in html
    assert '<span class="r-days__note">Target 2:15pm</span>' in html
    assert '<span class="r-nowrap">Wed 20 May, 2:15pm</span>. 6 days used, 1 left.' in html


def test_day_strip_component_shortened():
    strip = day_strip.strip(RAISED, TARGET, None, london("2026-06-09T10:30"))
    html = render_to_string("components/days.html", {"strip": strip})
    assert '<li class="is-over"><b>… 12 days</b></li>' in html


@pytest.mark.parametrize(
    ("at", "needed_by", "html"),
    [
        ("2026-05-22T10:00", None, '<strong class="r-nowrap">5 days left</strong>'),
        ("2026-05-26T10:00", None, '<strong class="govuk-tag govuk-tag--yellow">1 day left</strong>'),
        ("2026-05-29T10:00", None, '<strong class="govuk-tag govuk-tag--red">2 days past target</strong>'),
        (
            "2026-05-22T10:00",
            "2026-05-22",
            '<strong class="r-nowrap">5 days left</strong><br>'
            '<strong class="govuk-tag govuk-tag--yellow">needed by 5pm today</strong>',
        ),
    ],
)
def test_time_left_component(at, needed_by, html):
    clock = deadlines.clock(RAISED, TARGET, needed_by and on(needed_by), london(at))
    assert render_to_string("components/time_left.html", {"clock": clock}).strip() == html


def test_time_left_component_of_an_ended_dispute():
    clock = deadlines.clock(RAISED, TARGET, None, NOW, london("2026-05-22T16:00"))
    html = render_to_string("components/time_left.html", {"clock": clock, "outcome": "Resolved"})
    assert html.strip() == "<strong>Resolved</strong>, took 2 days"
