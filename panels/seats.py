"""Who sits on a panel as its page shows it: each member with what is known of them, and what is to be warned of."""

from dataclasses import dataclass

from panels import quorum
from panels.acted import Acted, listed
from panels.models import Answer, Conflict
from panels.sittings import expected


@dataclass(frozen=True)
class Seat:
    """One member, and what the Chair should know of them."""

    member: object
    answer: object
    acted: str
    represents: bool  # gave a representation to this panel
    is_you: bool

    @property
    def conflict(self):
        return Conflict(self.member.conflict).label

    @property
    def has_conflict(self):
        return self.member.conflict == Conflict.DECLARED

    @property
    def warnings(self):
        """Sentences for the Chair and the panel: none is a bar."""
        name = self.member.display_name
        if self.acted:
            yield f"{name} {self.acted}."
        if self.represents:
            yield f"{name} gave a representation to this panel, and sits on it."
        if self.has_conflict:
            yield f"{name} declares a conflict of interest."


def seats(place, sitting):
    """Everybody who sits, with their answers to this sitting as it is arranged."""
    answers = answers_to(sitting)
    acted = Acted(place.dispute)
    givers = {each.given_by_id for each in place.panel.representations.all() if each.given_by_id}
    selves = {each.pk for each in place.selves}
    return [
        Seat(
            member,
            answers.get(member.pk),
            acted.of(member),
            bool(member.person_id and member.person_id in givers),
            member.person_id in selves,
        )
        for member in place.members
    ]


def answers_to(sitting):
    """The answers to a sitting as it is arranged now, by member."""
    if sitting is None:
        return {}
    return {each.member_id: each for each in Answer.objects.filter(sitting=sitting, sequence=sitting.sequence)}


def outlook(place, shown):
    """Whether a sitting ahead can decide if everybody comes who has not said no, and why, in sentences."""
    parties = list(place.position.parties.values())
    answers = {seat.member.pk: seat.answer for seat in shown if seat.answer}
    found = expected([seat.member for seat in shown], answers, parties)
    if not found.is_met:
        reasons = [words.replace(" absent.", " not coming.") for words in found.reasons]
        return False, " ".join(["As things stand this panel could not decide.", *reasons])
    agreed = "Both" if len(parties) == 2 else "All"
    uninvolved = [seat for seat in shown if not seat.member.is_concerned]
    words = f"{quorum.agencies(len(found.present))} are to sit: {listed(found.present)}. "
    words += f"{agreed} agencies concerned are among them. If one of those does not attend, the panel cannot decide."
    if not uninvolved:
        words += " Every one of them is concerned: the protocol advises a member of an agency that is not."
    return True, words
