"""What is done by a link: a code asked for, the link opened, a record taken, a reply sent; and the reply confirmed.

Nobody who acts by a link has an account. The trail has the timer "link" in the place of a person, and names which link
in its facts; the rows point to the link, and say its person's name.
"""

from contextlib import contextmanager

from django.db import transaction

from agencies import audit
from agencies.audit import acting
from escalation import duties, links, notices, replying, stages
from escalation.actions import ending, recording
from escalation.actions.door import action, begin, note
from escalation.models import Dispute, DutyKind, Link, LinkCode, LinkDraft, LinkReply, Reply
from escalation.moments import moment
from escalation.permissions import ByLink, Conflict

BY_LINK = "link"


class Over(Conflict):
    """The link works no more."""


@contextmanager
def by_link(link, at):
    """One transaction by a link, whose row is locked and which works; else Over."""
    with transaction.atomic(), acting(timer=BY_LINK, at=at):
        link = Link.objects.select_related("agency", "copy__agency").select_for_update(of=("self",)).get(pk=link.pk)
        if not link.is_working(at):
            raise Over("This link works no more.")
        yield link


def trail(verb, link, *, at, **facts):
    agency = link.agency or (link.copy.agency if link.copy else None)
    audit.record(verb, link, by=None, at=at, thread=link.dispute_id, agency=agency, link=link.pk, **facts)


def ask_code(*, link, at):
    """A fresh code for a link, with its row: those before are good for nothing from now on."""
    with by_link(link, at) as link:
        longest = max(within for within, _ in links.MOST_CODES)
        sent = list(link.codes.filter(sent_at__gt=at - longest).values_list("sent_at", flat=True))
        if not links.may_send(sent, at):
            raise Conflict("Too many codes were asked for. Wait for an hour, then ask for a fresh one.")
        link.codes.filter(used_at=None, expires_at__gt=at).update(expires_at=at)
        code = links.new_code()
        row = LinkCode.objects.create(
            link=link, digest=links.digest_of_code(link.key, code), sent_at=at, expires_at=at + links.CODE_LASTS
        )
        trail("asked for a code", link, at=at)
    return row, code


def open_link(*, link, code, at):
    """Open a link by its code: gives the opening, or None, and how many attempts are left.

    A code is used up by whoever is first; each wrong one counts, and is in the trail.
    """
    with by_link(link, at) as link:
        fresh = link.codes.filter(used_at=None, expires_at__gt=at, attempts__lt=links.MOST_ATTEMPTS)
        row = fresh.order_by("-sent_at", "-pk").first()
        if row is None:
            return None, 0
        if not links.is_code(row.digest, link.key, code):
            row.attempts += 1
            row.save()
            trail("entered a wrong code", link, at=at)
            return None, links.MOST_ATTEMPTS - row.attempts
        row.used_at = at
        row.save()
        trail("opened the link", link, at=at)
        return row, 0


def take_record(*, link, stage, at):
    """Note that a record was downloaded by a link."""
    with by_link(link, at) as link:
        trail("downloaded the record by link", link, at=at, of_stage=stage)


def keep_reply(*, link, at, data):
    """Keep what the person of a reply link has typed and not sent."""
    LinkDraft.objects.update_or_create(link=link, defaults={"data": data, "saved_at": at})


def send_reply(*, link, at, seen, view="", entry=None, answer="", reason="", action_state="", action_report=""):
    """Send a reply once and for all: the agency's view, entry and answer stand in the rows of their own kind.

    `seen` is the mark of what the page asked (replying.Asked): Conflict where the dispute has moved on since. An
    agreement counts as the agency's, marked so until somebody confirms it.
    """
    with transaction.atomic():
        # The dispute first, as every action locks it
        dispute = Dispute.objects.select_for_update(of=("self",)).get(pk=link.dispute_id)
        with by_link(link, at) as link:
            position = ByLink(link, dispute, at)
            asked = replying.asked(position)
            if seen != asked.mark:
                raise Conflict("The dispute has moved on since you wrote this. Read it again, and check your answers.")
            link.used_at = at
            link.save()
            LinkDraft.objects.filter(link=link).delete()
            reported = asked.reported if action_state else None
            reply = LinkReply.objects.create(
                link=link, sent_at=at, proposal=reported, action_state=action_state, action_report=action_report
            )
            note("replied by link", dispute, position, at=at, subject=link, text=action_report)
            _give(dispute, position, asked, at, view=view, entry=entry, answer=answer, reason=reason)
            dispute.refresh_from_db()
            duties.confirming(dispute, at)
            notices.tell("link reply", dispute, at=at, subject_id=link.pk, besides=link.agency_id)
    return reply


def _give(dispute, position, asked, at, *, view, entry, answer, reason):
    """The answer last: with it the dispute may end, and its record be sealed."""
    link = position.link
    if view and asked.view:
        _permit("state_view", dispute)
        recording.give_view(dispute, position, view, at=at, link=link)
    if entry and asked.discussion:
        _permit("add_entry", dispute)
        recording.write_entry(dispute, position, asked.discussion, at=at, link=link, **entry)
    if answer and asked.proposal:
        move = "agree" if answer == Reply.AGREES else "refuse"
        _permit(move, dispute)
        ending.answer(dispute, position, asked.proposal, move, at=at)
        if move == "agree":
            ending.accept(dispute, position, asked.proposal, at=at, link=link)
        else:
            ending.turn_down(dispute, position, asked.proposal, at=at, reason=reason, link=link)


def _permit(move, dispute):
    if not stages.permits(move, dispute.stage, ended=dispute.ended_at is not None):
        raise Conflict("The dispute has ended meanwhile. Nothing was sent.")


@action
def confirm_reply(*, reply, by, at):
    """Confirm what an agency gave by a link: one of its own people with an account does, or the Board Manager."""
    dispute, position = begin("confirm_reply", reply.link.dispute, by=by, at=at, subject=reply)
    refuse_confirmed(reply)
    reply.confirmed_at, reply.confirmed_by = at, by
    reply.save()
    duties.done(dispute, DutyKind.CONFIRM_REPLY, by=by, at=at, subject_id=reply.pk)
    note("confirmed the reply", dispute, position, at=at, subject=reply.link, is_movement=False)
    return reply


def refuse_confirmed(reply):
    """Refuse to confirm twice."""
    if reply.confirmed_at:
        raise Conflict(f"{reply.confirmed_by} confirmed this on {moment(reply.confirmed_at)}.")
