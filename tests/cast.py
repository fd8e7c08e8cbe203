"""The cast of the tests: people of several agencies, one of whom must see nothing; and a dispute at any stage."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

from django.core.files.uploadedfile import SimpleUploadedFile

from agencies.models import Agency, Membership, Role, User
from escalation import actions, files, replying
from escalation.models import Dispute, How
from escalation.permissions import ByLink
from tests.kept import once

RAISED = datetime(2026, 5, 20, 13, 15, tzinfo=UTC)  # Wed 20 May 2026, 2:15pm in London
DETAILS = {
    "adult_name": "Margaret Eleanor Whitworth-Okonkwo",
    "problem": "The ward plans to discharge her to her own home with two calls a day.",
    "disagreement": "The decision of 19 May that she can go home before her capacity has been assessed.",
    "aim": "A capacity assessment before discharge.",
    "safety": "in_place",
    "safety_detail": "She stays on Ward B4 and is seen hourly at night.",
    "was_discussed": True,
    "discussed_by": "Aisha Rahman",
    "discussed_with": "Beth Ogden, discharge coordinator",
    "discussed_result": "The plan stands.",
}
SAFE = {"safety": "in_place", "safety_detail": "She stays on the ward."}


def person(email, name, *roles, job_title="", password=None):
    """A person with an account and these (role, agency) pairs."""
    user = User.objects.create_user(f"{email}@test.example", password, full_name=name, job_title=job_title)
    for role, agency in roles:
        Membership.objects.create(user=user, role=role, agency=agency)
    return user


@once(least=1)
def make():
    """Three agencies that may be concerned, one that never is, and the Board."""
    cast = SimpleNamespace()
    cast.council, cast.hospital, cast.trust, cast.police = (
        Agency.objects.create(name=name, phone="01632 960 000")
        for name in ("Adult Social Care", "Rother Valley Hospital", "Rother Valley Mental Health Trust", "Police")
    )
    for key, agency in (("council", cast.council), ("hospital", cast.hospital), ("trust", cast.trust)):
        for role in (Role.PRACTITIONER, Role.MANAGER, Role.LEAD):
            setattr(cast, f"{key}_{role}", person(f"{role}.{key}", f"{key.title()} {role.title()}", (role, agency)))
    cast.council_manager_2 = person("manager2.council", "Second Manager", (Role.MANAGER, cast.council))
    cast.council_lead_2 = person("lead2.council", "Second Lead", (Role.LEAD, cast.council))
    for role in (Role.PRACTITIONER, Role.MANAGER, Role.LEAD):
        setattr(cast, f"police_{role}", person(f"{role}.police", f"Police {role.title()}", (role, cast.police)))
    cast.board_manager = person("board.manager", "Helen Goddard", (Role.BOARD_MANAGER, None))
    cast.chair = person("chair", "Ines Chair", (Role.CHAIR, None))
    cast.administrator = person("administrator", "Adam Administrator", (Role.ADMINISTRATOR, None))
    return cast


def raise_dispute(cast, at=RAISED, **changes):
    """A dispute of the council with the hospital, at stage one."""
    arguments = {
        "by": cast.council_practitioner,
        "at": at,
        "raising_agency": cast.council,
        "disputed_agency": cast.hospital,
        "suggested": cast.hospital_practitioner,
    }
    for name in (*arguments, "concerned_agencies"):
        if name in changes:
            arguments[name] = changes.pop(name)
    return actions.raise_dispute(details={**DETAILS, **changes}, **arguments)


def record_discussion(dispute, by, at, **changes):
    """An entry, of a new discussion by telephone, that did not lead to agreement."""
    arguments = {
        "how": How.TELEPHONE,
        "happened_at": at,
        "facts": "She was found by the ward doors at 2am. (Ward chart, 12 May)",
        "opinions": "She does not understand the risk.",
        "outcome": "not_agreed",
        "outcome_reason": "Each side keeps to its view.",
    }
    return actions.add_entry(dispute=dispute, by=by, at=at, **{**arguments, **changes})


@once()
def at_stage(cast, number, at=RAISED, **changes):
    """A dispute of the council with the hospital, taken to this stage by actions, an hour for each."""
    dispute = raise_dispute(cast, at, **changes)
    hour = timedelta(hours=1)
    if number >= 2:
        record_discussion(dispute, cast.council_practitioner, at + hour)
        request = actions.ask_escalation(
            dispute=dispute, by=cast.council_practitioner, at=at + hour, reason="No agreement.", **SAFE
        )
        dispute = actions.approve(request=request, by=cast.council_manager, at=at + 2 * hour, reason="Needed.")
    if number >= 3:
        record_discussion(dispute, cast.council_manager, at + 3 * hour)
        request = actions.ask_escalation(
            dispute=dispute, by=cast.council_manager, at=at + 3 * hour, reason="No agreement.", **SAFE
        )
        dispute = actions.approve(request=request, by=cast.council_lead, at=at + 4 * hour, reason="Needed.")
    if number >= 4:
        record_discussion(dispute, cast.council_lead, at + 5 * hour)
        dispute = actions.send_to_chair(
            dispute=dispute, by=cast.council_lead, at=at + 6 * hour, reason="No agreement.", **SAFE
        )
    return dispute


def kept_file(name="Visit notes.txt", content=b"She was found by the ward doors at 2am.\n"):
    """A file in the storage, as an action takes it."""
    with files.keeping([files.check(SimpleUploadedFile(name, content))]) as [kept]:
        return kept


def ask_reply(dispute, by, at, name="Ann Lee", email="ann@smallhome.example"):
    """A link to reply for a small home, which is concerned in the dispute and in which nobody has an account."""
    small, _ = Agency.objects.get_or_create(name="Small Home")
    if not dispute.parties.filter(agency=small).exists():
        actions.add_agency(dispute=dispute, by=by, at=at, agency=small)
    return actions.ask_reply(
        dispute=dispute, by=by, at=at, agency=small, name=name, job_title="Registered manager", email=email
    )


def reply_by_link(link, at, **answers):
    """The reply of a link's person, who has read the dispute as it stands now."""
    asked = replying.asked(ByLink(link, Dispute.objects.get(pk=link.dispute_id), at))
    return actions.send_reply(link=link, at=at, seen=asked.mark, **answers)
