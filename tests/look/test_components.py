from datetime import UTC, date, datetime

import pytest
from django.template.loader import render_to_string

from escalation import deadlines
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
        (
            "waits_item",
            {
                "href": "/x/",
                "title": f"Approve or decline {HOSTILE}",
                "about": "Patricia Lowther. 4729-1836",
                "since": "Waiting since Thu 21 May, 4:20pm",
                "is_overdue": True,
                "due": "Target Thu 28 May, 9:40am",
                "clock": deadlines.clock(
                    datetime(2026, 5, 20, tzinfo=UTC), datetime(2026, 5, 27, tzinfo=UTC), date(2026, 5, 27), AT
                ),
            },
            '<span class="r-nowrap">Thu 28 May, 9:40am</span>',
        ),
        ("safety", {"name": "Zoë O’Briáin", "safeguarding_team_phone": "01632 960 115"}, "If Zoë O’Briáin is"),
    ],
)
def test_a_component_is_whole_and_lets_nothing_through(name, context, shown):
    html = render_to_string(f"components/{name}.html", {"at": AT, **context})
    assert Page(html).faults == NO_FAULTS
    assert "<script" not in html
    assert shown in html
