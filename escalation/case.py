"""One dispute as one person finds it: what happens next, who must do it, and what is on record, stage by stage.

Nothing is changed here, and nothing is marked up: views read a case, and templates show it.
"""

from collections import defaultdict
from dataclasses import dataclass, field, replace
from functools import cached_property

from agencies.models import Role
from escalation import board_record, day_strip, deadlines, on_record
from escalation.models import Duty, DutyKind, ProposalState, Reply, Side, StageEnd
from escalation.models.duty import which_of
from escalation.moments import day
from escalation.offers import Offer, offers
from escalation.permissions import must_agree, open_proposal
from escalation.stages import BETWEEN, StageNumber, Who, stage_name

MOST_NAMES = 3
# Where an offered act stands on the page: taking it further, recording, people; the others beside what they change
FURTHER = (
    "consent_withdrawal", "approve", "agree", "settle", "take_to_lead", "open_unanswered", "ask_escalation", "take_up",
    "send_to_chair", "propose", "clarify", "withdraw", "ask_withdrawal", "inform_chair", "record_involvement", "convey",
    "confirm_reply", "convene",
)  # fmt: skip
RECORDING = ("add_entry", "record_consultation", "record_mdt", "file_record")
PEOPLE = (
    "name_representative", "suggest_representative", "add_agency", "record_copy", "make_link", "ask_reply",
    "withdraw_link",
)  # fmt: skip


def clock_of(dispute, at):
    """The dispute's clock; none runs where it was stopped after the adult's death (R48)."""
    target_at = None if dispute.target_stopped else dispute.target_at
    return deadlines.clock(dispute.raised_at, target_at, dispute.needed_by_on, at, dispute.ended_at)


def strip_of(dispute, at):
    target_at = None if dispute.target_stopped else dispute.target_at
    return day_strip.strip(dispute.raised_at, target_at, dispute.needed_by_on, at, dispute.ended_at)


@dataclass(frozen=True)
class Person:
    """Somebody who acts, with how to reach them."""

    name: str
    job_title: str = ""
    phone: str = ""
    is_you: bool = False
    pk: int | None = None


@dataclass(frozen=True)
class Acting:
    """Who acts for an agency at the present stage."""

    agency: object
    people: tuple
    note: str = ""
    is_yours: bool = False

    @property
    def words(self):
        """The people as a sentence has them; the agency where nobody is named."""
        names = ["you" if person.is_you else person.name for person in self.people]
        return " or ".join(sorted(names, key=lambda name: name != "you")) or f"somebody at {self.agency}"


@dataclass(frozen=True)
class Logged:
    """A consultation, or a concern reported."""

    stage: int
    by: str
    agency: str
    on: object
    what: str
    more: str
    text: str
    recorded_at: object


@dataclass
class Missing:
    """An entry that is asked for and not yet written."""

    who: str
    agency: object
    since: object
    is_yours: bool


@dataclass
class Talk:
    """One discussion, with what each professional wrote of it and who has not yet."""

    discussion: object
    entries: list
    missing: list


@dataclass
class Answer:
    """One agency's reply to a proposal; silence is never agreement."""

    agency: object
    words: str
    response: object = None
    must: bool = False


@dataclass
class StageShown:
    """What is on record of one stage."""

    stage: object
    is_now: bool
    talks: list = field(default_factory=list)
    consultations: list = field(default_factory=list)
    requests: list = field(default_factory=list)
    proposals: list = field(default_factory=list)

    @property
    def end_words(self):
        stage = self.stage
        if stage.end == StageEnd.ENDED:
            return "The dispute ended at this stage."
        following = stage_name(stage.number + 1)
        if stage.end == StageEnd.UNANSWERED:
            return f"Not answered: opened to {following} after the last working day of silence."
        return f"Escalated to {following}." if stage.end else ""

    @property
    def is_empty(self):
        return not (self.talks or self.consultations or self.requests or self.proposals)


class Case:
    """A dispute, read once, for the page of one person at one instant."""

    def __init__(self, dispute, position, at):
        self.dispute, self.position, self.at = dispute, position, at
        record = on_record.read(dispute)
        self.members, self.away = record.members, record.away(at)
        position.know(self.members)
        self.duties = duties_of(record, position.user, at)
        self.withdrawals = dispute.withdrawals.all()
        self.consultations = [consultation(row) for row in dispute.consultations.all()]
        self.concerns = [concern(row) for row in dispute.concerns.all()]
        self.clock, self.strip = clock_of(dispute, at), strip_of(dispute, at)
        self.offers = [*offers(position, at), *self.convening()]
        self.acting = [self.with_absences(self.acting_for(agency_id)) for agency_id in position.parties]

    def offer(self, *moves, subject=None):
        """The first of these acts that is offered."""
        found = (offer for move in moves for offer in self.offers if offer.move == move)
        return next((offer for offer in found if subject is None or offer.subject[1:] == (subject,)), None)

    @cached_property
    def offered(self):
        """The acts by name, for links beside what they are about; `amend` by its sections."""
        found = {offer.move: offer for offer in reversed(self.offers)}
        return found | {f"amend_{o.subject[1]}": o for o in self.offers if o.move == "amend"}

    def beside(self, group, shown):
        """The offers of a place on the page, besides the one that is shown as a button."""
        return [o for o in self.offers if o.move in group and (shown is None or o.href != shown.href)]

    @property
    def waits_for_panel(self):
        return any(duty.kind == DutyKind.CONVENE for duty in self.duties)

    @property
    def is_convened(self):
        """Whether its Resolution Panel is convened: at stage four, and no longer asked for (R30)."""
        return self.dispute.stage == StageNumber.FOUR and self.dispute.is_open and not self.waits_for_panel

    def convening(self):
        """What the Chair, or who stands in, is asked for: a page of `panels`, which has its own rules (R30)."""
        if self.waits_for_panel and self.position.is_(Who.CHAIR):
            yield Offer("convene", "Convene a Resolution Panel", "convene_panel", self.dispute.reference)

    @property
    def has_two_agencies(self):
        return len(self.position.seats) > 1

    # Who acts

    def party(self, side):
        return next((party for party in self.position.parties.values() if party.side == side), None)

    def acting_for(self, agency_id):
        """Who acts for an agency now: who is named, else who raised it, else who holds the stage's role."""
        agency = self.position.parties[agency_id].agency
        stage = min(self.dispute.stage, 3)
        yours = agency_id == self.position.agency_id
        named = self.position.named.get((agency_id, stage))
        if named and not (named.person_id and not self.position.is_still_there(named)):
            note = ""
            if named.is_suggestion:
                note = f"Suggested by {named.named_by}; the agency may name somebody else."
            elif not named.person_id:
                note = "Has no account here: somebody of the agency records it."
            people = (self._named(named, agency),)
            if stage == 1 and agency_id == self.dispute.raising_agency_id and not self.dispute.for_name:
                people = tuple(dict.fromkeys((self._account(self.dispute.raised_by, agency), *people)))
            return Acting(agency, people, note, yours)
        left = f"{named.display_name} has left. " if named else ""
        if stage == 1:
            return self._at_stage_one(agency, left, yours)
        people = self.holding(agency_id, Role.MANAGER) if stage == 2 else ()
        words = "any of its managers can act"
        if not people:
            people, words = self.leads(agency), "any of its leads can act"
        if not people:
            return Acting(agency, (), f"{left}Nobody there holds this role yet.", yours)
        shown = tuple(people[:MOST_NAMES])
        note = f"{left}Nobody is named yet: {words}." if len(people) > 1 or left else ""
        return Acting(agency, shown, note, yours)

    def with_absences(self, acting):
        """The same, saying who of them is away and who stands in."""
        notes = [acting.note] if acting.note else []
        for person in acting.people:
            if person.pk in self.away and not person.is_you:
                cover = self.away[person.pk]
                notes.append(
                    f"{person.name} is away until {day(cover.last_day, self.at)}: {cover.deputy or 'nobody'} stands in."
                )
        return replace(acting, note=" ".join(notes))

    def _at_stage_one(self, agency, left, yours):
        dispute = self.dispute
        if agency.pk != dispute.raising_agency_id:
            contact = self.leads(agency)[:1]
            at_contact = f" Safeguarding contact: {contact[0].name}." if contact else ""
            return Acting(agency, (), f"{left}Nobody is named yet: anyone there can act.{at_contact}", yours)
        if dispute.for_name:
            person = Person(dispute.for_name, dispute.for_job_title, agency.phone)
            return Acting(agency, (person,), f"Entered by {dispute.raised_by}.", yours)
        return Acting(agency, (self._account(dispute.raised_by, agency),), left, yours)

    def _account(self, user, agency):
        return Person(
            user.full_name, user.job_title, user.phone or agency.phone, user.pk == self.position.user.pk, user.pk
        )

    def _named(self, named, agency):
        if named.person:
            return self._account(named.person, agency)
        return Person(named.name, named.job_title, named.phone or agency.phone)

    def holding(self, agency_id, role):
        agency = self.position.parties[agency_id].agency
        return [self._account(m.user, agency) for m in self.members if m.agency_id == agency_id and m.role == role]

    def leads(self, agency):
        """The leads of an agency; its safeguarding contact where it has none (R50)."""
        contact = agency.safeguarding_contact
        found = self.holding(agency.pk, Role.LEAD)
        return found or ([self._account(contact, agency)] if contact and contact.is_active else [])

    @cached_property
    def acts_twice(self):
        """Sentences on whoever acts now and acted at an earlier stage: a warning, never a bar."""
        if self.dispute.ended_at or self.dispute.stage > 3:
            return []  # at stage four the panel acts
        now, acted, names = self.dispute.stage, defaultdict(set), {}
        for acting in self.acting:
            for person in acting.people:
                if person.pk and not acting.note.startswith("Nobody"):
                    acted[person.pk].add(now)
                    names[person.pk] = person.name
        for (_, stage), named in self.position.named.items():
            if named.person_id and stage <= now:
                acted[named.person_id].add(stage)
                names[named.person_id] = named.display_name
        for entry in self.dispute.entries.all():
            if entry.author_id:
                acted[entry.author_id].add(entry.stage)
                names[entry.author_id] = entry.author.full_name
        acted[self.dispute.raised_by_id].add(1)
        names[self.dispute.raised_by_id] = self.dispute.raised_by.full_name
        twice = [(names[pk], sorted(stages)) for pk, stages in acted.items() if now in stages and len(stages) > 1]
        return [
            f"{name} acts at {' and '.join(stage_name(stage) for stage in stages)}." for name, stages in sorted(twice)
        ]

    @property
    def board_record(self):
        """The record of the Board Manager: for the Board Manager and the Chair, and who stands in; else nothing."""
        is_shown = any(self.position.is_(who) for who in (Who.BOARD_MANAGER, Who.CHAIR))
        return list(board_record.rows(self.dispute, self.at)) if is_shown else []

    # What is on record

    @property
    def steps(self):
        """The four stages for the stepper: (number, what, state, since when)."""
        reached = {stage.number: stage for stage in self.dispute.stages.all()}
        for number, what in BETWEEN.items():
            stage = reached.get(number)
            state = "not started" if stage is None else "ended" if stage.ended_at else "now"
            yield {
                "number": number,
                "what": what[:1].upper() + what[1:],
                "state": state,
                "when": stage and (stage.ended_at or stage.began_at),
            }

    @property
    def views(self):
        """Each agency's view, and for a missing one since when it is asked and of whom (R14)."""
        asked = {duty.agency_id: duty for duty in self.duties if duty.kind == DutyKind.GIVE_VIEW}
        return [
            {
                "party": party,
                "is_raising": party.side == Side.RAISING,
                "is_yours": agency_id == self.position.agency_id,
                "asked": asked.get(agency_id),
            }
            for agency_id, party in self.position.parties.items()
        ]

    @property
    def stages(self):
        """What is on record of each stage, the present one first."""
        shown = {stage.number: StageShown(stage, is_now=stage.ended_at is None) for stage in self.dispute.stages.all()}
        talks = {}
        for entry in self.dispute.entries.all():
            talks.setdefault(entry.discussion_id, Talk(entry.discussion, [], [])).entries.append(entry)
        for duty in self.duties:
            if duty.kind == DutyKind.WRITE_ENTRY and duty.subject_id in talks:
                who = duty.person.full_name if duty.person else str(duty.agency)
                talks[duty.subject_id].missing.append(Missing(who, duty.agency, duty.since, duty.is_mine))
        for talk in talks.values() if self.dispute.ended_at else ():
            talk.missing = self.never_written(talk)
        for talk in sorted(talks.values(), key=lambda talk: (talk.discussion.happened_at, talk.discussion.pk)):
            shown[talk.discussion.stage].talks.insert(0, talk)
        for each in self.consultations:
            shown[each.stage].consultations.append(each)
        for request in self.dispute.requests.all():
            shown[request.stage].requests.insert(0, request)
        for proposal in self.dispute.proposals.all():
            shown[proposal.stage].proposals.insert(0, (proposal, self.answers(proposal)))
        return [shown[number] for number in sorted(shown, reverse=True)]

    def never_written(self, talk):
        """The agencies without an entry of a discussion when the dispute has ended: nobody is asked any more (R11)."""
        written = {entry.agency_id for entry in talk.entries}
        return [
            Missing(str(party.agency), None, None, False)
            for agency_id, party in self.position.parties.items()
            if talk.discussion.was_held and agency_id not in written
        ]

    def answers(self, proposal):
        """Each agency's reply; "no reply yet" while it may object or must agree, "no reply" after."""
        replies = {response.agency_id: response for response in proposal.responses.all()}
        must = must_agree(self.dispute, proposal)
        found = []
        for agency_id, party in self.position.parties.items():
            response = replies.get(agency_id)
            waits = proposal.is_open and (agency_id in must or self.at < proposal.object_by)
            words = Reply(response.reply).label if response else "No reply yet" if waits else "No reply"
            found.append(Answer(party.agency, words, response, agency_id in must))
        return found

    @cached_property
    def agreed(self):
        """The proposal by which the dispute was resolved, with its actions; None otherwise."""
        return next((p for p in self.dispute.proposals.all() if p.state == ProposalState.AGREED), None)

    @property
    def open_proposal(self):
        return open_proposal(self.dispute)

    @property
    def who_disagrees(self):
        """'Adult Social Care disagrees with Rother Valley Hospital. Also concerned: Police.'"""
        others = [str(party.agency) for party in self.position.parties.values() if party.side == Side.CONCERNED]
        disputed = self.party(Side.DISPUTED)
        words = f"{self.dispute.raising_agency} disagrees with {disputed.agency if disputed else 'another agency'}."
        return f"{words} Also concerned: {', '.join(others)}." if others else words


# What was read, as the page has it


def duties_of(record, user, at):
    """What waits on this dispute, and whether it waits for this person."""
    waiting = [duty for duty in record.rows[Duty] if duty.starts_at <= at]
    mine = which_of(waiting, user, at)
    for duty in waiting:
        duty.is_mine = duty.pk in mine
    return waiting


def consultation(row):
    return Logged(
        row.stage, str(row.by), str(row.agency), row.consulted_on, row.consulted, row.consulted_role, row.advice,
        row.recorded_at,
    )  # fmt: skip


def concern(row):
    agency = str(row.agency) if row.agency else ""
    return Logged(0, str(row.by), agency, row.referred_on, row.team_reference, "", "", row.recorded_at)
