"""What axe finds on a page, and how far the page runs over its edge."""

from axe_playwright_python.sync_playwright import Axe

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# What passes is not listed with every element: that took most of the time
OPTIONS = {"runOnly": RULES, "resultTypes": ["violations"]}
WIDTHS = (1280, 320)


def faults(page):
    """Each rule that axe finds broken, with the element; and the pixels by which the page is too wide."""
    found = Axe().run(page, options=OPTIONS).response["violations"]
    return [(each["id"], each["nodes"][0]["html"]) for each in found], too_wide(page)


def too_wide(page):
    """The pixels by which the page runs over its edge."""
    return max(page.evaluate("document.documentElement.scrollWidth - window.innerWidth"), 0)


def faults_at_each_width(page):
    """The same at each width, with everything that folds away opened; axe is asked once, where room is least."""
    page.wait_for_load_state()  # a page still on its way has no heading, say
    page.locator("details").evaluate_all("all => all.forEach(each => each.open = true)")
    found = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        found.append((width, *(faults(page) if width == min(WIDTHS) else ([], too_wide(page)))))
    return [each for each in found if each[1:] != ([], 0)]
