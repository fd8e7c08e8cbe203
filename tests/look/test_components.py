from datetime import UTC, date, datetime

import pytest
from django.template import Context, Template
from django.template.loader import render_to_string

from escalation import charts, deadlines
from escalation.listing import Wait
from tests.look.reading import NO_FAULTS, Page

AT = datetime(2026, 5, 26, 9, 30, tzinfo=UTC)
HOSTILE = "<script>alert(1)</script>"


@pytest.mark.parametrize(
    ("name", "context", "shown"),
    [
        ("statement", {"is_fact": True, "text": f"He fell.\n\n{HOSTILE}", "source": "visit note"}, ">Fact</span>"),
        ("statement", {"is_fact": False, "text": "He is at risk.", "source": ""}, "r-mark--opinion"),
        ("summary_list", {"rows": [{"key": "Name", "value": HOSTILE, "href": "/x/"}, {"key": "Born"}]}, "Not given"),
        ("sub_navigation", {"pages": [{"href": "/x/", "label": HOSTILE, "is_current": True}]}, 'aria-current="page"'),
        (
            "timeline_item",
            {
                "title": "Denise Hartley changed the impact",
                "at_time": AT,
                "agency": "Adult Social Care",
                "changes": [{"what": "Impact", "before": "", "after": HOSTILE}],
            },
            "today, 10:30am",
        ),
        ("timeline_item", {"title": "A reminder was sent", "at_time": AT, "is_machine": True}, "Today, 10:30am"),
        ("safety", {"name": "Zoë O’Briáin", "safeguarding_team_phone": "01632 960 115"}, "If Zoë O’Briáin is"),
    ],
)
def test_a_component_is_whole_and_lets_nothing_through(name, context, shown):
    html = render_to_string(f"components/{name}.html", {"at": AT, **context})
    assert Page(html).faults == NO_FAULTS
    assert "<script" not in html
    assert shown in html


WAIT = Wait(
    "/x/",
    f"Approve or decline {HOSTILE}",
    f"{HOSTILE}. 4729-1836",
    "Waiting since Thu 21 May, 4:20pm",
    "Target Thu 28 May, 9:40am",
    is_overdue=True,
    clock=deadlines.clock(datetime(2026, 5, 20, tzinfo=UTC), datetime(2026, 5, 27, tzinfo=UTC), date(2026, 5, 27), AT),
)
MONTHS = [(date(2026, 4, 1), 9, 4), (date(2026, 5, 1), 0, 0)]


@pytest.mark.parametrize(
    ("tag", "given", "shown"),
    [
        ("waits_items given 3", [WAIT], '<span class="r-nowrap">Thu 28 May, 9:40am</span>'),
        (
            "figures_table given",
            charts.Table(HOSTILE, (HOSTILE, HOSTILE), ((HOSTILE, HOSTILE), (HOSTILE, 2))),
            ">2</td>",
        ),
        ("figures_chart given", charts.bars("a", HOSTILE, HOSTILE, [(HOSTILE, 3)], (HOSTILE, "Raised")), ">3</text>"),
        ("figures_chart given", charts.stacks("b", HOSTILE, HOSTILE, [(HOSTILE, 30, 2)]), ">2 past</text>"),
        ("figures_chart given True", charts.columns("c", HOSTILE, HOSTILE, MONTHS), ">44</text>"),
    ],
)
def test_what_is_marked_up_in_python_is_whole_and_lets_nothing_through(tag, given, shown):
    html = Template(f"{{% load lists figures %}}{{% {tag} %}}").render(Context({"given": given}))
    assert Page(html).faults == NO_FAULTS
    assert "<script" not in html
    assert "&lt;script" in html
    assert shown in html
