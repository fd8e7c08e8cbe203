"""Who is told what: one table that a Board Manager can read, and the one way to tell.

A notice is written in the transaction of the act that causes it, once for each event and recipient. What waits for
somebody (a duty) is told at once and always; everything else as the person chose, at once or each working morning.
A notice holds a reference, a stage, what happened, by when, and a link: never a name, never a story.
"""

from dataclasses import dataclass

from django.conf import settings
from django.db.models import TextChoices
from django.utils.functional import cached_property

from agencies import audit, outbox
from agencies.cover import Cover
from agencies.models import Membership, Role
from agencies.rows import Alike
from escalation import deadlines
from escalation.circle import Circle
from escalation.models import DutyKind, Party
from escalation.moments import counted
from escalation.stages import BETWEEN, stage_name


@dataclass(frozen=True)
class Message:
    """What is said, and to whom."""

    title: str
    to: tuple
    from_stage: int = 1  # told only from this stage on


class To(TextChoices):
    """To whom something is told."""

    ACTORS = "actors", "whoever acts now, for every agency concerned"
    OTHERS = "others", "whoever acts now for the other agencies concerned"
    CONTACTS = "contacts", "the safeguarding contacts of the other agencies concerned"
    LEADS = "leads", "the leads of every agency concerned"
    REFERRER = "referrer", "the person who raised it"
    ASKER = "asker", "the person who asked"
    AGENCY_LEADS = "agency_leads", "the leads of the agency that asks"
    BOARD_MANAGER = "board_manager", "the Board Manager"
    CHAIR = "chair", "the Independent Chair"
    PANEL = "panel", "whoever sits on its Resolution Panel"


# What happened, for those who have nothing to do about it
TOLD = {
    "approved": Message("Your request to escalate was approved", (To.ASKER,)),
    "declined": Message("Your request to escalate was declined: you can go another way", (To.ASKER,)),
    "unanswered": Message("A request to escalate has not been answered", (To.ASKER, To.AGENCY_LEADS)),
    "entry": Message("The other agency has recorded a discussion", (To.OTHERS,)),
    "evidence": Message("The other agency has added evidence", (To.OTHERS,)),
    "evidence removed": Message("The other agency has removed evidence", (To.OTHERS,)),
    "link reply": Message("An agency without accounts has replied by a link", (To.OTHERS,)),
    "stage four": Message("A dispute has reached stage four and waits for the Chair", (To.BOARD_MANAGER, To.REFERRER)),
    "chair informed": Message("The Board Manager informs you of a dispute at stage three", (To.CHAIR,)),
    "proposed": Message("A resolution has been proposed", (To.BOARD_MANAGER,), from_stage=3),
    "refused": Message("The proposed resolution was not agreed", (To.ACTORS,)),
    "ended": Message("The dispute has ended: read the outcome, and file its record", (To.REFERRER, To.ACTORS)),
    "panel closed": Message("The dispute has ended, and its Resolution Panel with it", (To.PANEL,), from_stage=4),
    "may represent": Message("A Resolution Panel meets on the dispute you raised: you may speak to it", (To.REFERRER,)),
    "action late": Message(
        "An action that a Resolution Panel decided on is past its date", (To.CHAIR, To.BOARD_MANAGER)
    ),
    "file refused": Message("A file you added was removed: a virus was found in it", (To.ASKER,)),
    "after the event": Message("A dispute that concerned your agency was entered after the event", (To.CONTACTS,)),
    "after the event at three": Message(
        "A dispute that reached stage three on paper was entered after the event", (To.BOARD_MANAGER,), from_stage=3
    ),
    "two_days": Message("The one-week target is near", (To.ACTORS,)),
    "morning": Message("The one-week target is near", (To.ACTORS,)),
    "past_target": Message("The one-week target has passed", (To.ACTORS, To.LEADS)),
    "no_movement": Message("Nothing has moved for two working days", (To.ACTORS,)),
}

STAGES = {number: f"{stage_name(number)}, {between}" for number, between in BETWEEN.items()}
LINK = "link"  # the kind of a notice to somebody without an account

# What waits for somebody: told to whoever the duty waits for (duties.py), at once, and chased until it is done
ASKED = {
    DutyKind.ANSWER_DISPUTE: "A dispute was raised with your agency: read it, and talk",
    DutyKind.NAME_SOMEBODY: "A dispute concerns your agency: name who acts",
    DutyKind.GIVE_VIEW: "Give your agency’s view of a dispute",
    DutyKind.WRITE_ENTRY: "Write your entry for a discussion the other agency recorded",
    DutyKind.APPROVE: "Approve or decline a request to escalate",
    DutyKind.GO_ROUND: "Your request to escalate has not been answered: choose another way",
    DutyKind.ACT: "You act for your agency at this stage: talk, and record it",
    DutyKind.ANSWER_PROPOSAL: "Agree to a proposed resolution, or refuse it",
    DutyKind.SETTLE: "Record that a dispute is resolved: the time to object has passed",
    DutyKind.CONVENE: "A dispute waits for you to convene a Resolution Panel",
    DutyKind.PANEL_INVITATION: "You are asked to sit on a Resolution Panel: say whether you can",
    DutyKind.PANEL_SITTING: "A Resolution Panel sits: record who attends, and what it decides",
    DutyKind.PANEL_ARRANGE: "Arrange when a Resolution Panel sits",
    DutyKind.PANEL_SIGN_OFF: "A panel’s decision waits for you to sign it off",
    DutyKind.CONSENT: "Decide whether a dispute may be withdrawn",
    DutyKind.INFORM_CHAIR: "Stage three was reached: inform the Independent Chair",
    DutyKind.BE_INVOLVED: "Record your involvement in the resolution",
    DutyKind.CONFIRM_REPLY: "An agency without accounts has replied by a link: confirm it",
    DutyKind.CONVEY: "Tell the person who raised it how the dispute ended, and record it",
    DutyKind.FILE: "A dispute has ended: file its record on the adult’s record, and say so",
    DutyKind.REPRESENT: "A Resolution Panel invites your agency’s representation: give one, or decline",
    DutyKind.ACKNOWLEDGE: "A Resolution Panel has decided: acknowledge it for your agency",
    DutyKind.TELL_PARTY: "Nobody of an agency concerned has an account: ask it by other means, and record its answer",
    DutyKind.DO_ACTION: "A Resolution Panel has decided on an action: do it, and record what shows it",
    DutyKind.WRITE_REPORT: "A Resolution Panel has decided: write its brief report",
}


def of_link(link, *, at):
    """The email that brings a link to its person, who has no account: what it is for, and its address."""
    title = "You are asked to reply for your agency" if link.is_for_reply else "A record is shared with you"
    return outbox.new(
        event=f"link:{link.pk}",
        kind=LINK,
        mailbox=link.email,
        thread=link.dispute_id,
        reference=link.dispute.reference,
        title=title,
        due_at=link.expires_at,
        address=f"/links/{link.key}/",
        written_at=at,
        send_after=at,
    )


def tell(kind, dispute, *, at, subject_id=0, asker=None, agency_id=None, besides=None, address="", circle=None):
    """Write what happened for everyone whom the table names, whoever did it left out."""
    message = TOLD[kind]
    if dispute.stage < message.from_stage:
        return
    circle = circle or Circle([dispute], at=at)
    people = {
        To.ACTORS: lambda: circle.all_actors(dispute),
        To.OTHERS: lambda: circle.all_actors(dispute, besides=besides),
        To.CONTACTS: lambda: circle.all_contacts(dispute, besides=besides),
        To.LEADS: lambda: circle.all_leads(dispute),
        To.REFERRER: lambda: [circle.known(dispute.raised_by)],
        To.ASKER: lambda: [circle.known(asker)],
        To.AGENCY_LEADS: lambda: circle.leads(agency_id),
        To.BOARD_MANAGER: lambda: circle.board(Role.BOARD_MANAGER),
        To.CHAIR: lambda: circle.board(Role.CHAIR),
        To.PANEL: lambda: circle.panel(dispute),
    }
    told = Told(
        event=f"{kind}:{dispute.pk}:{subject_id or dispute.stage}",
        kind=kind,
        dispute=dispute,
        people=[person for to in message.to for person in people[to]()],
        title=message.title,
        address=address,
        to_board=To.BOARD_MANAGER in message.to,
    )
    outbox.write(rows([told], at=at))


def of_duties(duties, *, at, chased="", by_timer=False, circle=None):
    """Write what is asked for whoever the duties wait for; `chased` makes a reminder of it, once for each such key."""
    duties = [duty for duty in duties if duty.starts_at <= at]
    if not duties:
        return
    circle = circle or Circle({duty.dispute_id: duty.dispute for duty in duties}.values(), at=at)
    told = []
    for duty in duties:
        title = ASKED.get(duty.kind, "Something waits for you")
        told.append(
            Told(
                event=f"duty:{duty.kind}:{duty.dispute_id}:{duty.stage}:{duty.subject_id}:{chased}",
                kind=duty.kind,
                dispute=duty.dispute,
                people=circle.owners(duty),
                title=f"Reminder: {title[0].lower()}{title[1:]}" if chased else title,
                duty=duty,
                to_board=duty.role == Role.BOARD_MANAGER,
                is_timed=by_timer,
            )
        )
    outbox.write(rows(told, at=at))


def unanswered(duties, *, at):
    """Tell the leads that a manager of theirs has not answered in time (R25); the asker has it as a duty."""
    if not duties:
        return
    circle = Circle({duty.dispute_id: duty.dispute for duty in duties}.values(), at=at)
    told = [
        Told(
            event=f"unanswered:{duty.dispute_id}:{duty.subject_id}",
            kind="unanswered",
            dispute=duty.dispute,
            people=circle.leads(duty.agency_id),
            title=TOLD["unanswered"].title,
            is_timed=True,
        )
        for duty in duties
    ]
    outbox.write(rows(told, at=at))


def actions_late(duties, *, at):
    """Tell the Chair and the Board Manager, once, of panels’ actions whose date has passed (R33)."""
    if not duties:
        return
    circle = Circle({duty.dispute_id: duty.dispute for duty in duties}.values(), at=at)
    told = [
        Told(
            event=f"action late:{duty.dispute_id}:{duty.subject_id}",
            kind="action late",
            dispute=duty.dispute,
            people=circle.board(Role.CHAIR) + circle.board(Role.BOARD_MANAGER),
            title=TOLD["action late"].title,
            address=duty.address,
            to_board=True,
            is_timed=True,
        )
        for duty in duties
    ]
    outbox.write(rows(told, at=at))


def for_timer(kind, found, *, at, to_board=False):
    """The notices of a timer; `found` are triples of dispute, people, and what tells this time from the last."""
    return rows(
        [
            Told(
                event=f"{kind}:{dispute.pk}:{key}",
                kind=kind,
                dispute=dispute,
                people=people,
                title=_of_target(dispute, at) if kind in ("two_days", "morning") else TOLD[kind].title,
                to_board=to_board and dispute.stage >= 3,
                is_timed=True,
            )
            for dispute, people, key in found
        ],
        at=at,
    )


def _of_target(dispute, at):
    """How much is left, as the page counts it: a reminder may leave on the working day before."""
    left = deadlines.days_between(at, dispute.target_at)
    return f"{counted(left, 'day')} left to the one-week target" if left else "The one-week target is today"


@dataclass
class Told:
    """One event, and whoever is told of it."""

    event: str
    kind: str
    dispute: object
    people: list
    title: str
    duty: object = None
    address: str = ""  # where it is no duty, and not the dispute's page
    to_board: bool = False
    is_timed: bool = False
    at_once: bool = False  # whatever the person chose


def rows(all_told, *, at):
    """The notices: one for each recipient and each one's deputy, and for the Board's mailbox; none for whoever acts."""
    actor_id, times = getattr(audit.actor(), "pk", None), Times(at)
    deputies = _deputies(all_told, at)
    ids, written = outbox.message_ids(), []
    for told in all_told:
        people = {person.pk: person for person in told.people if person and person.is_active}
        digest = _in_digest(told, times)
        each = []
        for pk, person in people.items():
            if pk != actor_id:
                each.append({"recipient_id": pk, "message_id": next(ids), **(digest if person.wants_digest else {})})
            for deputy in deputies.get((pk, told.dispute.pk), ()):
                if deputy.pk not in people and deputy.pk != actor_id:
                    own = digest if deputy.wants_digest else {}
                    own = {"recipient_id": deputy.pk, "message_id": next(ids), **own}
                    each.append({**own, "on_behalf_of_id": pk})
        if told.to_board and settings.BOARD_MAILBOX:
            each.append({"mailbox": settings.BOARD_MAILBOX, "message_id": next(ids)})
        if each:
            written.append(Alike(_shared(told, times), each))
    return written


def _deputies(all_told, at):
    """Who stands in for whom on which dispute: of the same agency, and for the Board of none concerned (R44)."""
    # Of those whom a circle has read it is known whether they are away
    everyone = {person.pk for told in all_told for person in told.people if getattr(person, "is_away", person)}
    if not everyone:
        return {}
    covers = Cover.objects.at(at).filter(person__in=everyone, deputy__is_active=True).select_related("deputy")
    covers = list(covers.order_by("pk"))
    if not covers:
        return {}
    people = {pk for cover in covers for pk in (cover.person_id, cover.deputy_id)}
    agencies, concerned, deputies = {}, {}, {}
    held = Membership.objects.current().filter(user__in=people).exclude(agency=None)
    for person_id, agency_id in held.values_list("user", "agency"):
        agencies.setdefault(person_id, set()).add(agency_id)
    disputes = {told.dispute.pk for told in all_told}
    for dispute_id, agency_id in Party.objects.filter(dispute__in=disputes).values_list("dispute", "agency").order_by():
        concerned.setdefault(dispute_id, set()).add(agency_id)
    for cover in covers:
        theirs, own = agencies.get(cover.person_id, set()), agencies.get(cover.deputy_id, set())
        for pk in disputes:
            if theirs <= own if theirs else not own & concerned.get(pk, set()):
                deputies.setdefault((cover.person_id, pk), []).append(cover.deputy)
    return deputies


class Times:
    """An instant, and when what may wait leaves; worked out once for all that is told at it."""

    def __init__(self, at):
        self.at = at

    @cached_property
    def of_digest(self):
        return deadlines.next_digest_time(self.at)

    @cached_property
    def in_hours(self):
        return deadlines.next_sending_time(self.at)


def _in_digest(told, times):
    """What a notice says besides for whoever wants the digest: nothing where it cannot wait."""
    may_wait = told.duty is None and not told.at_once and not told.dispute.is_urgent
    return {"in_digest": True, "send_after": times.of_digest, "in_hours": True} if may_wait else {}


def _shared(told, times):
    """What the notices of an event say, whoever receives them."""
    dispute, duty = told.dispute, told.duty
    waits = told.is_timed and not dispute.is_urgent
    return {
        "event": told.event,
        "kind": told.kind,
        "recipient_id": None,
        "mailbox": "",
        "on_behalf_of_id": None,
        "thread": dispute.pk,
        "reference": dispute.reference,
        "stage": STAGES[dispute.stage],
        "title": told.title,
        "due_at": duty.due_at if duty else dispute.target_at if told.is_timed else None,
        "address": duty.address if duty else told.address or f"/disputes/{dispute.reference}/",
        "is_duty": duty is not None,
        "in_digest": False,
        "written_at": times.at,
        "send_after": times.in_hours if waits else times.at,
        "in_hours": waits,
    }
