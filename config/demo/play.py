"""Plays the stories through the actions, each act at its own past instant."""

import hashlib

from django.core.files.uploadedfile import SimpleUploadedFile

from config.demo import panels
from config.demo.calendar import DemoCalendar
from config.demo.steps import Paper
from escalation import actions, files, replying
from escalation.models import Dispute
from escalation.permissions import ByLink

DATES = {
    "adult_born_on", "again_on", "capacity_assessed_on", "consulted_on", "dated_on", "died_on", "done_on", "due_on",
    "filed_on", "mdt_on", "needed_by_on", "referred_on",
}  # fmt: skip
INSTANTS = {"discussed_at", "happened_at", "raised_at", "represent_by", "starts_at"}
# Acts that answer a request, a proposal or a wish to withdraw take the latest one
ABOUT = {
    "approve": "requests",
    "decline": "requests",
    "take_to_lead": "requests",
    "open_unanswered": "requests",
    "agree": "proposals",
    "refuse": "proposals",
    "settle": "proposals",
    "remove_evidence": "evidence",
    "consent_withdrawal": "withdrawals",
    "refuse_withdrawal": "withdrawals",
}


class OutOfOrder(Exception):
    """A story tells of something after now, or before what it told last."""


def times(story, calendar):
    """When each act of a story happened, the raising (as entered) first; refuses what is out of order."""
    found = [calendar.instant(story.when), *(calendar.instant(step.when) for step in story.steps)]
    if found != sorted(found) or found[-1] > calendar.now:
        raise OutOfOrder(f"{story.shows}: {[f'{instant:%a %d %b %H:%M}' for instant in found]}")
    return found


def play(story, cast, now):
    """Bring one dispute about, as its people did; gives it as it stands."""
    calendar = DemoCalendar(now)
    raised_at, *instants = times(story, calendar)
    if isinstance(story, Paper):
        return enter(story, cast, calendar)
    dispute = actions.raise_dispute(
        by=cast.people[story.by],
        at=raised_at,
        raising_agency=cast.agencies[story.agency],
        disputed_agency=cast.agencies[story.against],
        concerned_agencies=[cast.agencies[key] for key in story.also],
        suggested=cast.people[story.suggested] if story.suggested else None,
        details={"reference": reference(story), **resolved(story.details, cast, calendar)},
    )
    for step, at in zip(story.steps, instants, strict=True):
        dispute = Dispute.objects.get(pk=dispute.pk)
        perform(step, dispute, cast, calendar, at)
    return Dispute.objects.get(pk=dispute.pk)


def enter(story, cast, calendar):
    """Enter a dispute from its paper record, as it was."""
    details = {"reference": reference(story), **resolved(story.details, cast, calendar)}
    return actions.enter_after_event(
        by=cast.people[story.by],
        at=calendar.instant(story.when),
        raising_agency=cast.agencies[story.agency],
        disputed_agency=cast.agencies[story.against],
        concerned_agencies=[cast.agencies[key] for key in story.also],
        details=details,
        began=[calendar.instant(when) for when in story.began],
        ended_at=calendar.instant(story.ended),
        outcome=story.outcome,
        outcome_reason=story.outcome_reason,
        kept_where=story.kept_where,
    )


def perform(step, dispute, cast, calendar, at):
    """One act of a story."""
    told = resolved(step.facts, cast, calendar)
    if step.verb == "send_reply":
        return reply_by_link(dispute, at, told)
    if step.verb in panels.VERBS:
        panels.perform(step.verb, dispute, told, cast, cast.people[step.who], at)
        return None
    if told.get("safety") == "as it stands":
        told |= {"safety": dispute.safety, "safety_detail": dispute.safety_detail}
    if told.get("discussion") == "last":
        told["discussion"] = dispute.discussions.order_by("pk").last()
    if step.verb in ABOUT:
        subject = getattr(dispute, ABOUT[step.verb]).order_by("pk").last()
        told[ABOUT[step.verb].removesuffix("s")] = subject
    else:
        told["dispute"] = dispute
    with files.keeping(received(told.pop("files", ()))) as kept:
        told |= {"files": kept} if kept else {}
        return getattr(actions, step.verb)(by=cast.people[step.who], at=at, **told)


def received(named):
    """Files as a page would take them; none on a machine that cannot check files."""
    if not files.is_ready():
        return []
    return [files.check(SimpleUploadedFile(name, text.encode())) for name, text in named]


def reply_by_link(dispute, at, told):
    """The person of the latest link opens it by its code, reads, and replies for their agency."""
    link = dispute.links.order_by("pk").last()
    _, code = actions.ask_code(link=link, at=at)
    actions.open_link(link=link, code=code, at=at)
    asked = replying.asked(ByLink(link, dispute, at))
    return actions.send_reply(link=link, at=at, seen=asked.mark, **told)


def resolved(facts, cast, calendar):
    """What an act is told, with short names made people and agencies, and words made dates and instants."""
    told = {}
    for name, value in facts.items():
        if name in DATES and value:
            told[name] = calendar.date(value)
        elif name in INSTANTS and value:
            told[name] = calendar.instant(value)
        elif name in ("person", "supporter") and value:
            told[name] = cast.people[value]
        elif name == "people":
            told[name] = [cast.people[each] for each in value]
        elif name == "agency":
            told[name] = cast.agencies[value]
        elif name == "actions":
            told[name] = [(cast.agencies[key], what, calendar.date(due)) for key, what, due in value]
        elif name == "changes":
            told[name] = resolved(value, cast, calendar)
        else:
            told[name] = value
    return told


def reference(story):
    """The same for a story each time the demo is seeded, and telling nothing."""
    number = int(hashlib.sha256(story.shows.encode()).hexdigest(), 16) % 90_000_000 + 10_000_000
    return f"{number // 10_000}-{number % 10_000:04}"
