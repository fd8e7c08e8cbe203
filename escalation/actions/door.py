"""How every action begins and ends: in one transaction, the dispute locked, the table asked, the trail written."""

import functools
from datetime import timedelta

from django.db import transaction

from agencies import audit
from agencies.audit import acting
from escalation import permissions, written
from escalation.models import Dispute, Participant, Sight, Why

TWO_CLICKS = timedelta(minutes=1)


def action(function):
    """Run an action in one transaction, its author and instant known to the history of every row it changes."""

    @functools.wraps(function)
    def run(*, by, at, **arguments):
        with transaction.atomic(), acting(by=by, at=at):
            return function(by=by, at=at, **arguments)

    return run


def begin(move, dispute, *, by, at, subject=None, seen_stage=None):
    """Lock the dispute, refuse what is not permitted, and give the dispute as it stands and the person's position.

    Raises Dispute.DoesNotExist for whoever may not see it, NotPermitted and Conflict as permissions.check does.
    """
    dispute = Dispute.objects.visible_to(by, at).select_for_update(of=("self",)).get(pk=dispute.pk)
    if subject is not None:
        subject.refresh_from_db()
        if subject.dispute_id != dispute.pk:
            raise Dispute.DoesNotExist
    position = permissions.check(by, move, dispute, subject, seen_stage, at)
    if position.agency_id:
        take_part(dispute, by, position.agency_id, at, is_of_party=position.agency_id in position.parties)
    elif position.covered:
        let_see(dispute, by, Why.ACTED, at)  # a deputy of the Board sees later what they acted on
    return dispute, position


def take_part(dispute, person, agency_id, at, *, is_of_party=False):
    """Fix for which agency a person acts on this dispute, at the first act."""
    Participant.objects.bulk_create(
        [Participant(dispute=dispute, person=person, agency_id=agency_id, since=at)], ignore_conflicts=True
    )
    let_see(dispute, person, Why.ACTED, at, agency_id=agency_id, is_of_party=is_of_party)


def let_see(dispute, person, why, at, *, agency_id=None, is_of_party=False):
    """Let a person see a dispute from now on, again where it had ended (R44); `is_of_party` where that is known."""
    Sight.objects.bulk_create(
        [Sight(dispute=dispute, person=person, agency_id=agency_id, is_of_party=is_of_party, why=why, since=at)],
        update_conflicts=True,
        unique_fields=["person", "dispute", "why"],
        update_fields=["agency", "is_of_party", "until"],
    )


def note(verb, dispute, position, *, at, subject=None, text="", also=(), is_movement=True, **facts):
    """Write the act into the trail, and that the dispute moved; its words can be found from now on.

    `also` are texts of rows below the subject.
    """
    if is_movement:
        Dispute.objects.filter(pk=dispute.pk).update(moved_at=at)
    if position.link:
        facts["link"] = position.link.pk
    written.keep(verb, dispute.pk, subject or dispute, text=text, also=also, fields=facts.get("fields"))
    return audit.record(
        verb,
        subject or dispute,
        by=position.by,
        on_behalf_of=position.covered,
        at=at,
        thread=dispute.pk,
        agency=position.agency,
        role=position.role,
        text=text,
        stage=dispute.stage,
        **facts,
    )


def written_just_now(rows, at, **fields):
    """The row that holds the same words since a moment ago: a second click writes no second one, which would stay."""
    return rows.filter(recorded_at__gt=at - TWO_CLICKS, recorded_at__lte=at, **fields).first()
