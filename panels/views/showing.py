"""What every page of a panel shows: whose it is, its pages, where the person stands."""

from django.urls import NoReverseMatch, reverse

PAGES = (
    ("panel", "Panel"),
    ("panel_bundle", "Bundle"),
    ("panel_representations", "Representations"),
    ("panel_decision", "Decision"),
    ("panel_report", "Report"),
)


def frame(place, here=""):
    """The context of templates/panels/page.html; `here` is the URL name of the page."""
    return {
        "panel": place.panel,
        "dispute": place.dispute,
        "place": place,
        "at": place.at,
        "pages": [each for each in navigation(place.panel, here) if each],
    }


def navigation(panel, here):
    for name, label in PAGES:
        try:
            href = reverse(name, kwargs={"panel_id": panel.pk})
        except NoReverseMatch:  # not built yet
            continue
        yield {"href": href, "label": label, "is_current": name == here}
