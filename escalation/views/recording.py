"""Pages on which something is recorded, at every stage."""

from django.db.models import Prefetch
from django.http import Http404

from escalation import actions
from escalation.actions.amending import refuse_where_statements_stand
from escalation.forms import amending, recording
from escalation.models import Discussion, Entry, EntryOutcome
from escalation.models.copies import of_link
from escalation.views.asking import Page

DISCUSSIONS = Prefetch(
    "discussions",
    Discussion.objects.prefetch_related(
        Prefetch("entries", Entry.objects.select_related("author", "agency", *of_link("link")))
    ),
)
AFTER_ENTRY = {
    EntryOutcome.AGREED: "Your entry is saved. You can now propose what you agreed as the resolution.",
    EntryOutcome.NOT_HELD: "Your attempt is recorded. It counts, and the dispute can move on.",
}


def add_entry(request, reference):
    """Record a discussion that nobody has recorded yet, with one’s own entry."""
    page = Page(request, reference, DISCUSSIONS)
    page.check("add_entry")
    if aside := page.ask(recording.RecordDiscussion):
        return aside
    if page.is_answered():
        entry = page.act(actions.add_entry, dispute=page.dispute, seen_stage=page.seen_stage, **page.form.entry())
        return page.done(AFTER_ENTRY.get(entry.outcome, "Your entry is saved."))
    missing = [] if page.is_post else without_entry_of(page.dispute, page.position)
    return page.show("entry", title="Record a discussion", missing=missing)


def without_entry_of(dispute, position):
    """Discussions of the present stage that others have recorded and one’s own agency has not."""
    return [
        discussion
        for discussion in dispute.discussions.all()
        if discussion.stage == dispute.stage
        and discussion.was_held
        and all(entry.agency_id != position.agency_id for entry in discussion.entries.all())
    ]


def add_entry_to(request, reference, discussion_id):
    """Write one’s own entry for a discussion that another has recorded."""
    page = Page(request, reference, DISCUSSIONS)
    discussion = page.find(page.dispute.discussions.all(), discussion_id)
    page.check("add_entry", discussion, any_stage=True)
    if aside := page.ask(recording.WriteEntry, discussion):
        return aside
    if page.is_answered():
        page.act(actions.add_entry, dispute=page.dispute, discussion=discussion, **page.form.entry())
        return page.done("Your entry is saved.")
    mine = next((entry for entry in discussion.entries.all() if entry.author_id == page.user.pk), None)
    if mine:
        return page.show("entry_written", title="You have written your entry", discussion=discussion, entry=mine)
    return page.show("entry", title="Write your entry for the discussion", discussion=discussion)


def state_view(request, reference):
    """Give one’s agency’s view, or change it."""
    page = Page(request, reference)
    page.check("state_view")
    if aside := page.ask(recording.StateView):
        return aside
    if page.is_answered():
        page.act(actions.state_view, dispute=page.dispute, view=page.form.cleaned_data["view"])
        return page.done("Your agency’s view is saved.")
    others = [party for pk, party in page.position.parties.items() if pk != page.position.agency_id]
    return page.show("view", title=f"The view of {page.position.agency}", others=others)


def record_consultation(request, reference):
    """Record who was consulted, and what they advised."""
    page = Page(request, reference)
    page.check("record_consultation")
    if aside := page.ask(recording.RecordConsultation):
        return aside
    if page.is_answered():
        page.act(actions.record_consultation, dispute=page.dispute, **page.form.cleaned_data)
        return page.done("The consultation is recorded.")
    return page.show(title="Record who you consulted")


def record_mdt(request, reference):
    """Record whether a multi-disciplinary meeting is needed at this stage."""
    page = Page(request, reference, "stages")
    page.check("record_mdt")
    stage = next(stage for stage in page.dispute.stages.all() if stage.number == page.dispute.stage)
    if aside := page.ask(recording.RecordMeeting, stage):
        return aside
    if page.is_answered():
        page.act(actions.record_mdt, dispute=page.dispute, seen_stage=page.seen_stage, **page.form.meeting())
        return page.done("It is recorded whether a meeting is needed.")
    return page.show(title="Is a multi-disciplinary meeting needed?")


def refer_concern(request, reference):
    """Log that a new concern went to the Safeguarding Adults Team."""
    page = Page(request, reference)
    page.check("refer_concern")
    if aside := page.ask(recording.ReferConcern):
        return aside
    if page.is_answered():
        page.act(actions.refer_concern, dispute=page.dispute, **page.form.cleaned_data)
        return page.done("It is recorded that you reported a concern.")
    return page.show("concern", title="Record that you reported a concern")


def record_death(request, reference):
    """Record that the adult has died."""
    page = Page(request, reference)
    page.check("record_death")
    if aside := page.ask(recording.RecordDeath):
        return aside
    if page.is_answered():
        given = page.form.cleaned_data
        page.act(
            actions.record_death,
            dispute=page.dispute,
            died_on=given["died_on"],
            stop_target=given["clock"] == recording.Clock.STOPS,
            review_considered=given["review_considered"],
        )
        return page.done("It is recorded that the adult has died.")
    return page.show(title=f"Record that {page.dispute.adult_name} has died")


def amend(request, reference, section):
    """Change a section of the details."""
    if section not in amending.SECTIONS:
        raise Http404("No such section.")
    form_class, title = amending.SECTIONS[section]
    page = Page(request, reference)
    page.check("amend")
    if aside := page.ask(form_class):
        return aside
    if page.is_answered():
        page.act(actions.amend, dispute=page.dispute, changes=page.form.changes(), seen_stage=page.seen_stage)
        return page.done("The changes are saved. What stood before is in the timeline.")
    return page.show(title=title)


def amend_statements(request, reference):
    """Change the three statements, until another agency has given its view."""
    page = Page(request, reference)
    page.check("amend_statements")
    with page.keeping():
        refuse_where_statements_stand(page.position)
    if aside := page.ask(amending.AmendStatements):
        return aside
    if page.is_answered():
        page.act(
            actions.amend_statements,
            dispute=page.dispute,
            changes=page.form.changes(),
            seen_stage=page.seen_stage,
        )
        return page.done("The changes are saved. What stood before is in the timeline.")
    return page.show(title="Change what you wrote", lede="You can, until another agency has given its view.")
