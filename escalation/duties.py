"""What waits for whom: written by the acts that cause it, done or lapsed by the acts that answer it."""

from functools import cache, partial

from django.db.models import BooleanField, Count, Exists, IntegerField, OuterRef, Subquery, Value
from django.db.models.functions import Coalesce

from agencies import rows
from agencies.models import Membership, Notice, Role, User
from agencies.worded import Worded, numbered
from escalation import deadlines, notices, watches
from escalation.filing import without_accounts
from escalation.models import BoardActKind, Dispute, Duty, DutyKind, LinkReply, Party, Side, Sight, Why
from escalation.models.dispute import Scope
from escalation.models.duty import held_by, owned_as
from escalation.stages import StageNumber

FILE_WITHIN = 5  # working days after the end
ROLE_AT_STAGE = {1: Role.PRACTITIONER, 2: Role.MANAGER, 3: Role.LEAD}


def page(dispute, *parts):
    """The address of the dispute's page, or of a page below it."""
    return "/".join(("", "disputes", dispute.reference, *map(str, parts), ""))


def new(
    kind, dispute, *, at, agency_id=None, role="", person_id=None, subject_id=0, due_at=None, starts_at=None, to=()
):
    """A duty not yet written; `to` are the parts of its address below the dispute's page."""
    starts_at = starts_at or at
    duty = Duty(
        kind=kind,
        dispute=dispute,
        agency_id=agency_id,
        role=role,
        person_id=person_id,
        stage=dispute.stage,
        subject_id=subject_id,
        address=page(dispute, *to),
        since=at,
        starts_at=starts_at,
        due_at=due_at,
        told_at=at if starts_at <= at else None,
    )
    duty.look_at = watches.duty_look(duty)
    return duty


def write(*duties, circle=None):
    """Write duties down, and tell whoever they wait for; one that waits already is left as it is."""
    if duties:
        rows.add_if_new(Duty, [vars(duty) for duty in duties])
        notices.of_duties(duties, at=duties[0].since, circle=circle)


def done(dispute, *kinds, by, at, **about):
    """Discharge what waits of these kinds, for the agency, person or subject given."""
    waiting(dispute, *kinds, **about).update(done_at=at, done_by=by)


def lapse(dispute, *kinds, at, **about):
    """Let what waits of these kinds lapse: the dispute moved on."""
    waiting(dispute, *kinds, **about).update(lapsed_at=at)


def move(dispute, *kinds, at, starts_at=None, due_at=None, **about):
    """Let what waits of these kinds begin, or be due, at another time; the timers look at it anew."""
    times = {"starts_at": starts_at, "due_at": due_at}
    moved = {name: time for name, time in times.items() if time}
    waiting(dispute, *kinds, **about).update(**moved, look_at=starts_at or at)


def waiting(dispute, *kinds, **about):
    waiting = Duty.objects.filter(dispute=dispute, done_at=None, lapsed_at=None, **about)
    return waiting.filter(kind__in=kinds) if kinds else waiting


def owner_at(position, agency_id, stage):
    """Whom a duty of this stage waits for in an agency: the person named, else the role; as keywords for `new`."""
    stage = min(stage, 3)  # at stage four the leads still act
    named = position.named.get((agency_id, stage))
    if named and position.is_still_there(named):
        return {"agency_id": agency_id, "person_id": named.person_id}
    if stage == 1 and agency_id == position.dispute.raising_agency_id and referrer_is_there(position.dispute):
        return {"agency_id": agency_id, "person_id": position.dispute.raised_by_id}
    return {"agency_id": agency_id, "role": role_at(agency_id, stage)}


def referrer_is_there(dispute):
    """Whether who raised it works for the raising agency; not so where it was entered for somebody else (R45)."""
    there = Membership.objects.with_account().filter(user=dispute.raised_by_id, agency=dispute.raising_agency_id)
    return there.exists()


def role_at(agency_id, stage):
    """The role for which a duty of this stage waits where nobody is named; "" is the safeguarding contact.

    At stage one nobody of the agency may know of it yet but its safeguarding contact, who names somebody. So it is
    where nobody holds the stage's role (R50).
    """
    role = ROLE_AT_STAGE[stage]
    if stage == 1 or not Membership.objects.with_account().filter(agency=agency_id, role=role).exists():
        return ""
    return role


def on_raising(dispute, circle, suggested_id, at, is_from_inside):
    """The other agencies read it, talk, and give their views; the suggested person and the contacts are told.

    So is the raising agency's, where somebody from outside entered it (R45).
    """
    duties = []
    for party in circle.parties[dispute.pk]:
        if party.side == Side.RAISING:
            if not is_from_inside:
                duties.append(new(DutyKind.NAME_SOMEBODY, dispute, at=at, agency_id=party.agency_id, to=("people",)))
            continue
        person = suggested_id if party.side == Side.DISPUTED else None
        duties.append(new(DutyKind.GIVE_VIEW, dispute, at=at, agency_id=party.agency_id, to=("view",)))
        duties.append(
            new(DutyKind.ANSWER_DISPUTE, dispute, at=at, agency_id=party.agency_id, person_id=person)
            if person
            else new(DutyKind.NAME_SOMEBODY, dispute, at=at, agency_id=party.agency_id, to=("people",))
        )
    write(*duties, circle=circle)


def on_stage(dispute, position, at):
    """Whoever acts at the new stage talks to the other side; at stage four the Chair convenes."""
    if dispute.stage == 3:
        write(new(DutyKind.INFORM_CHAIR, dispute, at=at, role=Role.BOARD_MANAGER, to=("chair",)))
    confirming(dispute, at)
    if dispute.stage == 4:
        write(new(DutyKind.CONVENE, dispute, at=at, role=Role.CHAIR, to=("convene",)))
        notices.tell("stage four", dispute, at=at)
        return
    write(
        *(
            new(DutyKind.ACT, dispute, at=at, to=("entries", "new"), **owner_at(position, agency_id, dispute.stage))
            for agency_id in position.parties
        )
    )


def confirming(dispute, at):
    """From stage three the Board Manager confirms what agencies without accounts gave by a link."""
    if dispute.stage < 3:
        return
    replies = LinkReply.objects.filter(link__dispute=dispute, confirmed_at=None)
    kind = DutyKind.CONFIRM_REPLY
    write(
        *(
            new(kind, dispute, at=at, role=Role.BOARD_MANAGER, subject_id=reply.pk, to=("replies", reply.pk))
            for reply in replies
        )
    )


def on_end(dispute, position, at):
    """After the end: the Board Manager's part from stage three; the outcome told to whoever raised it (R29, R35).

    And each agency files the last record (R16).
    """
    agency_id = dispute.raising_agency_id
    watches.end(dispute)
    confirming(dispute, at)
    if dispute.stage >= 3:
        informed = dispute.board_acts.filter(kind=BoardActKind.CHAIR_INFORMED).exists()
        kinds = [(DutyKind.BE_INVOLVED, "involvement")] + ([] if informed else [(DutyKind.INFORM_CHAIR, "chair")])
        write(*(new(kind, dispute, at=at, role=Role.BOARD_MANAGER, to=(part,)) for kind, part in kinds))
    if dispute.stage >= 3 or dispute.for_name:
        owner = owner_at(position, agency_id, min(dispute.stage, 3))
        write(new(DutyKind.CONVEY, dispute, at=at, to=("conveyed",), **owner))
    _to_file(dispute, position, at)


def _to_file(dispute, position, at):
    """Each agency files the last record; one where nobody has an account is asked by nobody.

    Written without a notice: whoever it waits for is told that the dispute has ended, and chased once when it is due.
    """
    due_at = deadlines.working_days_later(at, FILE_WITHIN)
    nobody = without_accounts(position.parties)
    owners = [owner_at(position, agency_id, dispute.stage) for agency_id in position.parties if agency_id not in nobody]
    filing = [new(DutyKind.FILE, dispute, at=at, due_at=due_at, to=("filing",), **owner) for owner in owners]
    Duty.objects.bulk_create(filing, ignore_conflicts=True)


OF_WHO_ACTS = (
    DutyKind.ACT, DutyKind.ANSWER_DISPUTE, DutyKind.WRITE_ENTRY, DutyKind.ANSWER_PROPOSAL, DutyKind.SETTLE
)  # fmt: skip


def hand_over(dispute, representative, at):
    """Pass what waits in the agency at this stage to the person now named, or back to the role for a typed name."""
    agency_id, stage = representative.agency_id, representative.stage
    if representative.person_id:
        owner = {"person": representative.person_id, "role": ""}
    else:
        owner = {"person": None, "role": role_at(agency_id, stage)}
    waits = waiting(dispute, *OF_WHO_ACTS, agency=agency_id, stage=stage)
    waits.update(**owner)
    passed_on = list(waits.select_related("dispute"))
    notices.of_duties(passed_on, at=at)
    is_new_to_it = stage == 1 and dispute.stage == 1 and agency_id != dispute.raising_agency_id
    if passed_on or not (is_new_to_it and representative.person_id):
        return
    if not dispute.entries.filter(agency=agency_id).exists():
        write(new(DutyKind.ANSWER_DISPUTE, dispute, at=at, agency_id=agency_id, person_id=representative.person_id))


def waiting_for(user, at):
    """What waits for this person now, most urgent first."""
    return Duty.objects.waiting(at).of(user, at).select_related("dispute").by_urgency()


def approvals_for(user, at):
    """The requests to escalate that wait for this person's decision."""
    return waiting_for(user, at).filter(kind=DutyKind.APPROVE)


def counts(user, at, with_approvals=True):
    """How many notices this person has not read, how many requests wait for a decision, whether there are panels.

    One query; for a deputy a few more. A panel is there for whoever sits on one, for the leads of what came to stage
    four, and for whoever covers one of them.
    """
    covered = user.covered(at)
    found = [_counted(user, at, with_approvals and not covered), *(_counted(person, at, False) for person in covered)]
    unread, approvals = found[0][:2]
    if with_approvals and covered:
        approvals = approvals_for(user, at).count()  # a deputy may not decide everything
    sits, leads = (any(each[place] for each in found) for place in (2, 3))
    return {"unread_notices": unread, "approvals": approvals, "sits": sits, "leads": leads}


def _counted(person, at, with_approvals):
    """Of one person: the notices not read; the requests that wait; whether one sits on a panel, or leads."""
    led = person.standing.agencies_as(Role.LEAD)
    ids = numbered(led, "led")
    held = held_by(person) if with_approvals else []
    scope = Scope.of(person)
    if held:
        agencies = [pk for _, held_in in held for pk in held_in]
        ids |= numbered(agencies, "held") | scope.ids
    roles = tuple((role, len(held_in)) for role, held_in in held)
    return _counts_worded(len(led), roles, scope.shape)(person=person.pk, at=at, **ids)[0]


@cache
def _counts_worded(led, held, scope):
    """The question, for whoever leads so many agencies, holds these roles in so many, and sees by such a scope."""

    @partial(Worded, is_prepared=True)
    def ask(person, at, **ids):
        ids = list(ids.values())
        came = Party.objects.filter(dispute__stage=StageNumber.FOUR, agency__in=ids[:led])
        return (
            User.objects.filter(pk=person)
            .order_by()
            .values_list(
                _count(Notice.objects.unread().filter(recipient=person)),
                _count(_approvals(person, at, ids[led:], held, scope)) if held else Value(0),
                Exists(Sight.objects.at(at).filter(why=Why.PANEL, person=person)),
                Exists(came) if led else Value(False, BooleanField()),
            )
        )

    return ask


def _approvals(person, at, ids, held, scope):
    """As `approvals_for`, for somebody who covers nobody."""
    number = sum(many for _, many in held)
    agencies, ids = iter(ids[:number]), ids[number:]
    owned = owned_as(person, [(role, [next(agencies) for _ in range(many)]) for role, many in held])
    seen = Dispute.objects.filter(pk=OuterRef("dispute")).seen_in(Scope.made(scope, ids), at)
    return Duty.objects.waiting(at).filter(owned, Exists(seen), kind=DutyKind.APPROVE)


def _count(rows):
    """The number of rows, as a subquery; of all columns none, so that an index alone is read where it can be."""
    number = rows.order_by().annotate(all=Value(1)).values("all").annotate(number=Count("*")).values("number")
    return Coalesce(Subquery(number), 0, output_field=IntegerField())
