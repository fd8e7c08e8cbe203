"""People at their browsers, who do everything through the pages: the steps that journeys share."""

import io

import pikepdf
from allauth.account.models import EmailAddress
from django.urls import reverse
from django.utils import timezone

from escalation.moments import in_london

PASSWORD = "resolve-together"
WIDE = {"width": 1280, "height": 800}


class Desk:
    """Somebody at a browser of their own."""

    def __init__(self, browser, address, user, *, script):
        self.address, self.user = address, user
        user.set_password(PASSWORD)
        user.save()
        EmailAddress.objects.get_or_create(user=user, email=user.email, verified=True, primary=True)
        self.page = browser.new_context(java_script_enabled=script, viewport=WIDE).new_page()

    # Coming and going

    def sign_in(self, path="/"):
        """Open a page that asks who is there, and sign in."""
        self.page.goto(self.address + path)
        self.fill("Email address", self.user.email)
        self.page.get_by_label("Password", exact=True).fill(PASSWORD)
        self.press("Sign in")
        self.page.locator(".r-header__who").get_by_text(self.user.full_name).wait_for()
        return self

    def sign_out(self):
        self.press("Sign out")
        self.see_heading("Sign in")

    def open(self, path):
        self.page.goto(self.address + path)

    def status(self, path):
        """How an address typed by hand is answered, a page or a file."""
        return self.page.request.get(self.address + path).status

    def home(self):
        self.page.get_by_role("link", name="Resolve", exact=True).click()

    # On a page

    def follow(self, name):
        """Follow a link of the page itself, also one drawn as a button."""
        self.page.get_by_role("main").get_by_role("link", name=name).first.click()

    def press(self, name):
        self.page.get_by_role("button", name=name, exact=True).click()

    def fill(self, label, text):
        self.page.get_by_label(label).fill(text)

    def choose(self, *answers):
        for answer in answers:
            self.page.get_by_label(answer).check()

    def select(self, label, option):
        self.page.get_by_label(label).select_option(option)

    def see_heading(self, name):
        self.page.get_by_role("heading", level=1, name=name).wait_for()

    def see(self, *texts):
        """Wait until the page shows all of these."""
        for text in texts:
            self.page.get_by_role("main").get_by_text(text).first.wait_for()

    def does_see(self, text):
        self.page.wait_for_load_state()
        return text in self.page.get_by_role("main").inner_text()

    def download(self, link):
        """The file behind a link, and the name it is saved under."""
        with self.page.expect_download() as download:
            self.follow(link)
        return download.value.path().read_bytes(), download.value.suggested_filename

    # On a dispute

    def raise_dispute(self, adult, agency, person="", statements=("The problem.", "The disagreement.", "The aim.")):
        """Raise a dispute as fast as one can; its reference."""
        self.home()
        self.follow("Raise a dispute")
        self.fill("Name of the adult at risk", adult)
        self.select("Whose decision", agency)
        self.press("Continue")
        labels = ("What the problem is", "What exactly you disagree about", "What you aim to achieve")
        for label, text in zip(labels, statements, strict=True):
            self.fill(label, text)
        self.press("Continue")
        self.choose("No, the talk could not be held")
        self.fill("Why it could not be held", "Nobody could be reached before the weekend.")
        if person:
            self.select(f"Who at {agency} should answer you?", person)
        self.press("Continue")
        self.choose("Something is in place")
        self.fill("What is in place", "A sitter stays overnight.")
        self.press("Continue")
        self.see("All that is required is there.")
        self.press("Raise it now")
        self.see_heading("Dispute raised")
        reference = self.page.locator(".govuk-panel__body strong").inner_text()
        self.follow("Go to this dispute")
        return reference

    def record_discussion(self, how="By telephone", **entry):
        """Record a discussion that was held just now, with one's own entry."""
        self.follow("Record a discussion")
        self.choose(how)
        self.fill("Time", f"{in_london(timezone.now()):%H:%M}")
        self.write_entry(**entry)

    def write_entry(self, *, facts, opinions, outcome="We do not agree", why="Each side keeps to its view."):
        self.fill("Facts (say where from)", facts)
        self.fill("Professional opinion", opinions)
        self.choose(outcome)
        self.fill("Why? The reason for this outcome", why)
        self.press("Save entry")
        self.see("Your entry is saved")

    def ask_to_escalate(self, reason, button="Ask to escalate", keeps_safe=""):
        self.follow(button)
        self.fill("Why it should go", reason)
        if keeps_safe:
            self.fill("What is in place", keeps_safe)
        self.choose("I have checked: this is right today")
        self.page.locator(".r-form .govuk-button").first.click()


def marks_of(pdf):
    """What makes a PDF readable aloud: tagged, its structure, its language, its title shown."""
    with pikepdf.open(io.BytesIO(pdf)) as document:
        root = document.Root
        return {
            "tagged": bool(root.MarkInfo.Marked),
            "structured": len(root.StructTreeRoot.K) > 0,
            "language": str(root.Lang),
            "shows its title": bool(root.ViewerPreferences.DisplayDocTitle),
        }


TAGGED = {"tagged": True, "structured": True, "language": "en-GB", "shows its title": True}


def pages_of(reference):
    """The addresses of the pages that show a dispute, and of the PDF of its first record."""
    names = ("dispute", "timeline", "records", "dispute_people")
    pages = [reverse(name, kwargs={"reference": reference}) for name in names]
    return [*pages, reverse("record_pdf", kwargs={"reference": reference, "stage": 1})]
