"""Representations: each party is invited, and gives one or declines; the referrer may give one too (R32)."""

from escalation import duties
from escalation.actions.door import take_part
from escalation.actions.evidence import store_files
from escalation.filing import without_accounts
from escalation.models import DutyKind
from escalation.moments import moment
from escalation.permissions import Conflict
from panels.actions.door import action, begin, note
from panels.models import Representation
from panels.owed import on_invited


def invite(panel, position, *, at, due_at):
    """Invite every agency concerned and the referrer, until `due_at`; a step of convening, inside its transaction."""
    invited = [Representation(panel=panel, agency_id=agency_id) for agency_id in position.parties]
    invited.append(Representation(panel=panel, is_of_referrer=True))
    for each in invited:
        each.invited_at, each.due_at = at, due_at
        each.save()
    note("invited representations", panel, position, at=at, due_at=due_at.isoformat())
    on_invited(panel, invited, position, at=at)
    return invited


@action
def give_representation(*, representation, by, at, text, files=()):
    """Give the representation of a party, late or in time, also after it had declined; it stands as it was given.

    `files` are those that were sent on the page and kept, as evidence takes them.
    """
    panel, place = begin("give_representation", representation.panel, by=by, at=at, subject=representation)
    refuse_given(representation)
    representation.text, representation.given_at, representation.given_by = text, at, place.acting.by
    clear_refusal(representation)
    representation.save()
    representation.files.set(store_files(panel.dispute, files, place.acting, at))
    answered("gave a representation", panel, place, representation, by=by, at=at, text=text)
    return representation


@action
def decline_representation(*, representation, by, at, reason):
    """Decline to give one, with the reason; it can still be given until the panel has decided."""
    panel, place = begin("decline_representation", representation.panel, by=by, at=at, subject=representation)
    refuse_answered(representation)
    decline(representation, place.acting.by, at, reason)
    answered("declined to represent", panel, place, representation, by=by, at=at, text=reason)
    return representation


@action
def record_refusal(*, representation, by, at, name, how, reason=""):
    """The Chair records that a party declines, which somebody of it told them: who, how, and why."""
    panel, place = begin("record_refusal", representation.panel, by=by, at=at, subject=representation)
    refuse_answered(representation)
    decline(representation, place.acting.by, at, reason, name=name, how=how)
    answered("recorded a refusal", panel, place, representation, by=by, at=at, text=reason)
    return representation


@action
def record_representation(*, representation, by, at, name, how, text):
    """The Chair records what a party put to the panel of which nobody has an account: who gave it, how, and what."""
    panel, place = begin("record_representation", representation.panel, by=by, at=at, subject=representation)
    refuse_given(representation)
    refuse_accounts(representation, panel.dispute)
    representation.text, representation.given_at, representation.given_by = text, at, place.acting.by
    clear_refusal(representation)
    representation.told_by, representation.told_how = name, how
    representation.save()
    answered("recorded a representation", panel, place, representation, by=by, at=at, text=text)
    return representation


def speaks_by_others(representation, dispute):
    """Whether a party has no account by which to give its representation."""
    if representation.is_of_referrer:
        return bool(dispute.for_name)
    return bool(without_accounts([representation.agency_id]))


def refuse_accounts(representation, dispute):
    """Refuse to speak for a party that can speak for itself."""
    if not speaks_by_others(representation, dispute):
        raise Conflict("This party has an account, and gives its representation itself.")


def decline(representation, person, at, reason, *, name="", how=""):
    representation.declined_at, representation.declined_by = at, person
    representation.declined_reason, representation.told_by, representation.told_how = reason, name, how
    representation.save()


def clear_refusal(representation):
    """Who gives one after all has not declined; the history keeps that they had."""
    representation.declined_at = representation.declined_by = None
    representation.declined_reason = representation.told_by = representation.told_how = ""


def answered(verb, panel, place, representation, *, by, at, text):
    """What follows from an answer: the duty done, the person of that agency from now on, the trail written."""
    if place.acting.agency_id:
        take_part(panel.dispute, by, place.acting.agency_id, at)
    kinds = (DutyKind.REPRESENT, DutyKind.TELL_PARTY)
    duties.done(panel.dispute, *kinds, by=by, at=at, subject_id=representation.pk)
    is_late = at > representation.due_at
    note(
        verb, panel, place.acting, at=at, subject=representation, text=text, agency=representation.agency,
        is_late=is_late, of_referrer=representation.is_of_referrer,
    )  # fmt: skip


def refuse_given(representation):
    """Refuse a second one: what was given stands."""
    if representation.given_at:
        raise Conflict(
            f"This representation was given on {moment(representation.given_at)}, and stands as it was given."
        )


def refuse_answered(representation):
    """Refuse to decline what was given, or declined already."""
    refuse_given(representation)
    if representation.declined_at:
        raise Conflict(f"It is recorded already that this party declined, on {moment(representation.declined_at)}.")
