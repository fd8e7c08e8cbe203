"""The annual submission: its commentary, and its submission to the Board, which seals it (R34)."""

from agencies import audit
from agencies.audit import acting
from agencies.models import Role
from escalation.moments import moment
from escalation.permissions import Conflict, NotPermitted
from panels import annual
from panels.actions.door import action
from panels.models import AnnualSubmission

REFUSAL = "This can be done by the Board Manager."


@action
def write_commentary(*, year, by, at, commentary, public_commentary):
    """Keep what the Board Manager says about the year; it stays a draft until it is submitted."""
    submission, covered = begin(year, by=by, at=at)
    with acting(for_=covered):
        submission.commentary, submission.public_commentary = commentary, public_commentary
        submission.edited_at = at
        submission.save()
        note("wrote the annual commentary", submission, by, covered, at, f"{commentary}\n{public_commentary}")
    return submission


@action
def submit_annual(*, year, by, at):
    """Submit a year that is over to the Board: date, by whom, both versions sealed."""
    submission, covered = begin(year, by=by, at=at)
    if not annual.is_over(year, at):
        raise Conflict(f"The year is still under way. It can be submitted from {annual.first_day_after(year)}.")
    refuse_unsealed(annual.unsealed(year))
    with acting(for_=covered):
        annual.seal(submission, at=at)
        submission.submitted_at, submission.submitted_by, submission.submitted_for = at, by, covered
        submission.save()
        note("submitted the year to the Board", submission, by, covered, at, submission.content)
    return submission


def begin(year, *, by, at):
    """Lock the submission, refuse whoever may not and what is submitted; give it, and whom a deputy acts for."""
    writer = annual.writer(by, at)
    if writer is None:
        raise NotPermitted(REFUSAL)
    AnnualSubmission.objects.get_or_create(year=year)
    submission = AnnualSubmission.objects.select_for_update(of=("self",)).get(year=year)
    refuse_submitted(submission)
    return submission, writer if writer != by else None


def refuse_submitted(submission):
    """Refuse to change what the Board was given."""
    if submission.is_submitted:
        raise Conflict(f"This year was submitted to the Board on {moment(submission.submitted_at)}. It is sealed.")


def refuse_unsealed(references):
    """Refuse to leave a panel's report out of its year."""
    if references:
        raise Conflict(
            f"Not every report of a panel of this year is sealed yet: {', '.join(references)}. Seal what is missing, "
            "so that it goes to the Board with its year."
        )


def note(verb, submission, by, covered, at, text):
    audit.record(
        verb, submission, by=by, on_behalf_of=covered, at=at, role=Role.BOARD_MANAGER, text=text, year=submission.year
    )
