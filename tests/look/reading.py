"""Reads a page for what an eye would miss: ids, what refers to them, and code that stands inline."""

from collections import Counter
from html.parser import HTMLParser

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
REFERENCES = ("for", "aria-describedby", "aria-labelledby", "aria-controls")


class Page(HTMLParser):
    """A page as ids, references and findings."""

    def __init__(self, response):
        super().__init__()
        self.ids = Counter()
        self.references = []
        self.inline = []
        self.open = []
        self.unbalanced = []
        self.summary_links = []
        self.in_summary = False
        self.feed(response if isinstance(response, str) else response.content.decode())

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if tag not in VOID:
            self.open.append(tag)
        if "id" in attrs:
            self.ids[attrs["id"]] += 1
        for name in REFERENCES:
            self.references += [(name, each) for each in (attrs.get(name) or "").split()]
        if "style" in attrs or tag == "style" or any(name.startswith("on") for name in attrs):
            self.inline.append((tag, attrs))
        if tag == "script" and "src" not in attrs:
            self.inline.append((tag, attrs))
        if "govuk-error-summary__list" in (attrs.get("class") or "").split():
            self.in_summary = True
        if tag == "a" and self.in_summary:
            self.summary_links.append(attrs["href"])

    def handle_endtag(self, tag):
        if self.open and self.open[-1] == tag:
            self.open.pop()
        else:
            self.unbalanced.append(tag)
        if tag == "ul":
            self.in_summary = False

    @property
    def faults(self):
        """Ids that stand twice, references that lead nowhere, tags that do not match, code inline."""
        return {
            "twice": [each for each, count in self.ids.items() if count > 1],
            "nowhere": [pair for pair in self.references if pair[1] not in self.ids],
            "links": [href for href in self.summary_links if href[1:] not in self.ids],
            "unbalanced": self.unbalanced + self.open,
            "inline": self.inline,
        }


NO_FAULTS = {"twice": [], "nowhere": [], "links": [], "unbalanced": [], "inline": []}
