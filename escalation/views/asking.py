"""How a page of one act goes: who may, what was typed, one action, and back to the dispute.

- What was typed is kept as a draft whenever it was not saved: refused by the form, refused by the dispute (which has
  moved on), or put aside. It stands on the page again, for its writer alone, until it is saved or thrown away.
- A page tells which stage it showed (`seen_stage`), and where it matters which answers (`seen`): what comes from a
  page that is out of date is refused with what happened meanwhile.
"""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone

from escalation import deadlines, drafts, permissions
from escalation.permissions import Conflict, NotPermitted, Refused
from escalation.stages import StageNumber
from escalation.views.door import load

CHANGED_MEANWHILE = (
    "Somebody changed these details meanwhile. What you typed is kept: check it against what stands now."
)


class MustChoose(NotPermitted):
    """The person has not said yet for which agency; the page of the refusal leads there."""

    must_choose = True


class Page:
    """One page about one dispute, as its view tells it what to ask, to do and to show."""

    def __init__(self, request, reference, *prefetch):
        self.request, self.user = request, request.user
        self.at = timezone.now()
        self.dispute, self.position = load(request, reference, self.at, "participants", *prefetch)
        self.name = drafts.form_name(request.resolver_match)
        self.form = self.draft = None

    def find(self, rows, pk):
        """The row of this dispute that the address names, or 404."""
        row = next((row for row in rows if row.pk == pk), None)
        if row is None:
            raise Http404("Nothing of this dispute.")
        return row

    def check(self, move, subject=None, *, any_stage=False):
        """Refuse whoever may not make the move now (403, 409), keeping what was sent."""
        with self.keeping():
            self.choose_first()
            seen_stage = None if any_stage else self.seen_stage
            self.position = permissions.check(self.user, move, self.dispute, subject, seen_stage, self.at)

    def choose_first(self):
        if len(self.position.seats) > 1:
            raise MustChoose("You belong to more than one agency concerned. Choose first for which of them you act.")

    @property
    def is_post(self):
        return self.request.method == "POST"

    @property
    def seen_stage(self):
        """The stage that the page showed, if what came says so in a way that makes sense."""
        seen = self.request.POST.get("seen_stage", "")
        return int(seen) if seen in map(str, StageNumber.values) else None

    def ask(self, form_class, subject=None):
        """Ask with this form: as posted, as kept in a draft, or as the dispute stands.

        Where what was typed is put aside or thrown away instead, the answer to give at once.
        """
        given = {"at": self.at, "dispute": self.dispute, "position": self.position, "subject": subject}
        if not self.is_post:
            self.draft = drafts.of(self.user, self.name, self.dispute).order_by("-saved_at").first()
            self.form = form_class(as_typed=self.draft.data if self.draft else None, **given)
            return None
        self.form = form_class(self.request.POST, **given)
        if "discard" in self.request.POST:
            drafts.drop(self.user, self.name, self.dispute)
            messages.success(self.request, "Your draft is thrown away.")
            return redirect(self.request.get_full_path())
        if self.form.later and "later" in self.request.POST:
            self.keep()
            messages.success(self.request, "Your draft is kept. Only you can see it.")
            return self.to_dispute()
        with self.keeping():
            self.refuse_changed()
        return None

    def refuse_changed(self):
        """Refuse what was typed over answers that have changed since the page showed them."""
        now, shown = self.form.seen(), self.request.POST.get("seen")
        if now and shown and shown != now:
            raise Conflict(CHANGED_MEANWHILE)

    @property
    def is_outdated_draft(self):
        return bool(self.draft and self.form.seen()) and self.draft.data.get("seen") != [self.form.seen()]

    def is_answered(self):
        """Whether the form came filled in rightly; what did not is kept."""
        if not self.is_post:
            return False
        if not self.form.is_valid():
            self.keep()
        return self.form.is_valid()

    def act(self, action, /, **arguments):
        """Do it; what was typed is kept if it is refused, and forgotten once it is done."""
        with self.keeping():
            result = action(by=self.user, at=self.at, **arguments)
        drafts.drop(self.user, self.name, self.dispute)
        return result

    def keep(self):
        drafts.keep(self.user, self.name, self.at, drafts.typed_in(self.request.POST), self.dispute)

    def keeping(self):
        return Keeping(self)

    def done(self, said, *more):
        """Back to the dispute, saying what was done."""
        self.say(said, *more)
        return self.to_dispute()

    def say(self, said, *more):
        """Say on the next page what was done, and what to mind besides."""
        messages.success(self.request, said)
        for each in more:
            messages.warning(self.request, each)

    def to_dispute(self):
        return redirect("dispute", reference=self.dispute.reference)

    def show(self, template="form", **context):
        """The page, with its form if it has one."""
        dispute = self.dispute
        return render(
            self.request,
            f"escalation/acts/{template}.html",
            {
                "page": self,
                "form": self.form,
                "dispute": dispute,
                "position": self.position,
                "at": self.at,
                "clock": deadlines.clock(
                    dispute.raised_at, dispute.target_at, dispute.needed_by_on, self.at, dispute.ended_at
                ),
                **context,
            },
        )


class Keeping:
    """Keep what was sent while something may be refused, and give the refusal the texts to show again."""

    def __init__(self, page):
        self.page = page

    def __enter__(self):
        return self

    def __exit__(self, kind, refusal, trace):
        if isinstance(refusal, Refused):
            refusal.reference = self.page.dispute.reference
            if self.page.is_post:
                self.page.keep()
                refusal.typed = texts_in(self.page.request.POST)
        return False


def texts_in(post):
    """The texts somebody wrote, to be shown again: what has more than one word."""
    values = [value.strip() for each in drafts.typed_in(post).values() for value in each]
    return [value for value in values if " " in value or "\n" in value]
