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
        "pages": list(navigation(place, here)),
    }


def navigation(place, here):
    """The pages of the panel that this person may open."""
    for name, label in PAGES:
        if name == "panel_report" and not place.reads_report:
            continue
        try:
            href = reverse(name, kwargs={"panel_id": place.panel.pk})
        except NoReverseMatch:  # not built yet
            continue
        yield {"href": href, "label": label, "is_current": name == here}
