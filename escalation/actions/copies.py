"""Who the record is copied to: people who read it here, people told otherwise, and links for outsiders (R19)."""

from django.conf import settings

from agencies import outbox
from agencies.models import User
from escalation import links, notices
from escalation.actions.door import TWO_CLICKS, action, begin, let_see, note, written_just_now
from escalation.filing import without_accounts
from escalation.models import CopiedHow, Copy, Dispute, Link, LinkKind, Record, Why
from escalation.moments import moment
from escalation.permissions import Conflict


@action
def record_copy(
    *,
    dispute,
    by,
    at,
    people=(),
    name="",
    job_title="",
    organisation="",
    how=CopiedHow.RESOLVE,
    copied_at=None,
    seen_stage=None,
):
    """Record who has a copy, when and how: people picked by account, who can read it here, or one typed name.

    Whoever is picked and could not see the dispute sees it from now on; a typed name sees nothing.
    """
    dispute, position = begin("record_copy", dispute, by=by, at=at, seen_stage=seen_stage)
    common = {
        "record": latest_record(dispute),
        "stage": dispute.stage,
        "copied_at": min(copied_at or at, at),
        "by": by,
    }
    copies = [_to_account(dispute, position, person, at, **common) for person in people]
    if name:
        given = {"name": name, "job_title": job_title, "organisation": organisation, "how": how}
        copies.append(_write(dispute, position, at, **common, **given))
    return copies


def latest_record(dispute):
    """The record of the last stage that has ended, which carries the earlier ones forward; or None."""
    return Record.objects.filter(stage__dispute=dispute).order_by("-stage__number").first()


def _to_account(dispute, position, person, at, **common):
    standing = person.standing
    if not (standing.agencies or standing.is_of_board):
        raise Conflict(f"{person} has no part in disputes, and cannot be given a copy here.")
    concerned = [agency for pk, agency in standing.agencies.items() if pk in position.parties]
    agency = next(iter(concerned or standing.agencies.values()), None)
    if not Dispute.objects.visible_to(person, at).filter(pk=dispute.pk).exists():
        let_see(dispute, person, Why.COPY, at, agency_id=agency and agency.pk)
    given = {
        "person": person,
        "name": person.full_name,
        "job_title": person.job_title,
        "agency": agency,
        "organisation": "" if agency else settings.BOARD_NAME,
        "how": CopiedHow.RESOLVE,
    }
    return _write(dispute, position, at, **common, **given)


def _write(dispute, position, at, *, copied_at, **given):
    """One copy, and its line in the trail; a second click writes no second one."""
    if copy := written_just_now(dispute.copies, at, **given):
        return copy
    copy = Copy.objects.create(dispute=dispute, copied_at=copied_at, recorded_at=at, **given)
    note("recorded a copy", dispute, position, at=at, subject=copy, text=copy.name, is_movement=False, how=copy.how)
    return copy


@action
def make_link(*, dispute, by, at, name, email, organisation, job_title="", record=None):
    """Give an outsider a copy by a link: it shows one sealed record, for seven days, each time by a fresh code."""
    dispute, position = begin("make_link", dispute, by=by, at=at)
    record = record or latest_record(dispute)
    refuse_unsealed(record)
    if record.stage.dispute_id != dispute.pk:
        raise Dispute.DoesNotExist
    if link := _made_just_now(dispute, by, at, email=email, name=name, copy__record=record):
        return link
    copy = Copy.objects.create(
        dispute=dispute,
        record=record,
        stage=record.stage.number,
        name=name,
        job_title=job_title,
        organisation=organisation,
        how=CopiedHow.LINK,
        copied_at=at,
        by=by,
        recorded_at=at,
    )
    link = _make(dispute, position, at, kind=LinkKind.READ, name=name, job_title=job_title, email=email, copy=copy)
    note("made a link", dispute, position, at=at, subject=link, text=name, is_movement=False, of_stage=copy.stage)
    return link


def refuse_unsealed(record):
    """Refuse a link while there is no record to show."""
    if record is None:
        raise Conflict("A link shows a sealed record, and none is sealed yet: the first is when stage one ends.")


@action
def ask_reply(*, dispute, by, at, agency, name, email, job_title=""):
    """Ask an agency concerned that has no accounts for its view, entry and answer, by a link to its named person."""
    dispute, position = begin("ask_reply", dispute, by=by, at=at)
    if link := _made_just_now(dispute, by, at, email=email, name=name, agency=agency):
        return link
    refuse_to_ask(dispute, position, agency, at)
    refuse_account(agency, email)
    link = _make(dispute, position, at, kind=LinkKind.REPLY, name=name, job_title=job_title, email=email, agency=agency)
    note("asked for a reply", dispute, position, at=at, subject=link, text=name, of_agency=agency.pk)
    return link


def refuse_to_ask(dispute, position, agency, at):
    """Refuse to ask whoever is not concerned, can answer here, or was asked already."""
    if agency.pk not in position.parties or agency.pk == position.agency_id:
        raise Conflict("You can ask another agency concerned in this dispute.")
    if not without_accounts([agency.pk]):
        raise Conflict(f"{agency} has people with an account here, who answer for it.")
    waiting = dispute.links.working(at).filter(agency=agency).first()
    if waiting:
        raise Conflict(
            f"{waiting.name} has a link for {agency} until {moment(waiting.expires_at)}. Withdraw that one first."
        )


def refuse_account(agency, email):
    """Refuse the address of somebody with an account: of an agency where nobody has one, that is nobody's.

    Else whoever asks could answer for the other agency at their own address.
    """
    if User.objects.filter(email__iexact=email, is_active=True).exists():
        raise Conflict(
            f"{email} is the address of an account here, and nobody at {agency} has one. Give the address of the "
            f"person who answers for {agency}."
        )


def _made_just_now(dispute, by, at, **given):
    """The same link, made a moment ago: a second click makes no second one."""
    return dispute.links.filter(made_by=by, made_at__gt=at - TWO_CLICKS, made_at__lte=at, **given).first()


def _make(dispute, position, at, **given):
    link = Link.objects.create(
        dispute=dispute,
        key=links.new_key(),
        made_by=position.by,
        made_for=position.agency,
        made_at=at,
        expires_at=at + links.LASTS,
        **given,
    )
    outbox.write([notices.of_link(link, at=at)])
    return link


@action
def withdraw_link(*, link, by, at):
    """Withdraw a link: it opens nothing any more, from this instant (R19)."""
    dispute, position = begin("withdraw_link", link.dispute, by=by, at=at, subject=link)
    refuse_over(link, at)
    link.withdrawn_at, link.withdrawn_by = at, by
    link.save()
    note("withdrew a link", dispute, position, at=at, subject=link, is_movement=False)
    return link


def refuse_over(link, at):
    """Refuse to withdraw what does not work any more."""
    if link.withdrawn_at:
        raise Conflict(f"{link.withdrawn_by} withdrew this link on {moment(link.withdrawn_at)}.")
    if link.used_at:
        raise Conflict(f"The reply was sent on {moment(link.used_at)}: this link shows nothing any more.")
    if not link.is_working(at):
        raise Conflict(f"This link ended on {moment(link.expires_at)}.")


def suggested_people(dispute, position):
    """People with an account to whom the record is usually copied: who acted, who is named, who leads (R19)."""
    acted = [each.person_id for each in dispute.participants.all()]
    named = [each.person_id for each in position.named.values() if each.person_id]
    others = [dispute.raised_by_id, *([dispute.supporter_id] if dispute.supporter_id else [])]
    contacts = [party.agency.safeguarding_contact_id for party in position.parties.values()]
    have = dispute.copies.filter(stage=dispute.stage, person__isnull=False).values("person")
    people = User.objects.filter(is_active=True, pk__in={pk for pk in (*acted, *named, *others, *contacts) if pk})
    return people.exclude(pk__in=have).order_by("full_name", "pk")
