"""The bundle that a panel reads: sealed records, views, evidence and representations, as plain data (R32, R44).

One page and one PDF are drawn from it. It shows what stands when it is asked for, and is not kept: what is sealed in it
is the records, each with its digest.

- The record of the last stage comes first: it carries the earlier ones forward, so nobody need read a thing twice. The
  earlier records follow at the end, as they were sealed.
- Files are listed with their names: they are opened in Resolve, where they are checked for viruses first. A PDF of
  somebody else's would not be readable aloud, and one that is no PDF could not be appended at all.
"""

from dataclasses import dataclass, field

from django.conf import settings
from django.db.models import Prefetch

from escalation.appendix_b.parts import iso, person
from escalation.appendix_b.sections import views
from escalation.models import Evidence, FileState, Record, StoredFile
from escalation.stages import stage_name
from panels.models import Representation, SittingState

AT_STAGE = 4  # of which the record is sealed only when the panel has decided
DIGEST_SHOWN = 12
REPRESENTATIONS = Representation.objects.select_related("agency", "given_by", "declined_by").prefetch_related("files")


@dataclass(frozen=True)
class Part:
    """One part of the bundle: its heading, the template that shows it, and what that shows."""

    slug: str
    title: str
    kind: str
    content: object = field(repr=False)


def contents(panel, *, at):
    """The bundle as it stands: whose it is, and its parts in the order in which they are read."""
    dispute = panel.dispute
    return {
        "board": settings.BOARD_NAME,
        "reference": dispute.reference,
        "adult": {"name": dispute.adult_name, "born_on": iso(dispute.adult_born_on)},
        "at": iso(at),
        "sitting": next_sitting(panel),
        "members": [seat(member) for member in panel.members.all() if member.stood_down_at is None],
        "parts": parts(panel),
    }


def next_sitting(panel):
    """When the panel meets, in ISO form; "" where no sitting is ahead."""
    ahead = (sitting for sitting in panel.sittings.all() if sitting.state == SittingState.ARRANGED)
    return next((iso(sitting.starts_at) for sitting in ahead), "")


def seat(member):
    shown = person(member.display_name, member.display_job_title, str(member.agency))
    return {**shown, "is_concerned": member.is_concerned}


def parts(panel):
    records = sealed(panel.dispute)
    found = [
        Part("representations", "Representations", "representations", representations(panel)),
        Part("views", "Views of the agencies", "views", views(panel.dispute)),
        Part("evidence", "Evidence", "evidence", evidence(panel.dispute)),
    ]
    last = [Part(*heading(each), "record", each) for each in records[-1:]]
    earlier = [Part(*heading(each), "record", each) for each in reversed(records[:-1])]
    return last + found + earlier


def heading(record):
    """The name of its place, which is read out with a link to it, and its title."""
    name = stage_name(record["stage"])
    return f"record-of-{name.replace(' ', '-')}", f"Appendix B record of {name}"


def sealed(dispute):
    """The sealed records, the first stage's first: what is printed, and whether it still matches its seal."""
    records = Record.objects.filter(stage__dispute=dispute, stage__number__lt=AT_STAGE)
    return [
        {
            "stage": record.stage.number,
            "data": record.data if record.is_intact else None,
            "digest": record.digest[:DIGEST_SHOWN],
            "sealed_at": iso(record.sealed_at),
        }
        for record in records.select_related("stage").order_by("stage__number")
    ]


def representations(panel):
    """What each party put to the panel: given, declined or not yet (R32)."""
    return [representation(each) for each in REPRESENTATIONS.filter(panel=panel)]


def representation(row):
    state = "given" if row.given_at else "declined" if row.declined_at else "not yet"
    return {
        "pk": row.pk,
        "who": str(row),
        "of_referrer": row.is_of_referrer,
        "state": state,
        "text": row.text,
        "by": by(row.given_by or row.declined_by),
        "at": iso(row.given_at or row.declined_at),
        "is_late": row.is_late,
        "reason": row.declined_reason,
        "said_by": row.told_by,
        "said_how": row.get_told_how_display(),
        "due_at": iso(row.due_at),
        "files": [file(each) for each in row.files.all()],
    }


def by(user):
    return person(user.full_name, user.job_title) if user else None


def evidence(dispute):
    """The items of evidence that were not taken back, with their files (R12, R20)."""
    rows = Evidence.objects.filter(dispute=dispute, removed_at=None).select_related("agency", "by")
    return [
        {
            "kind": row.get_kind_display(),
            "on": iso(row.dated_on),
            "whose": row.whose,
            "shows": row.shows,
            "agency": row.agency.name,
            "by": by(row.by),
            "at": iso(row.added_at),
            "is_late": row.is_late,
            "files": [file(each) for each in row.files.all()],
        }
        for row in rows.prefetch_related(Prefetch("files", StoredFile.objects.order_by("pk")))
    ]


def file(row):
    """A file by its name; what a virus was found in is named as removed."""
    return {
        "pk": row.pk,
        "name": row.name,
        "size": row.size,
        "is_released": row.is_released,
        "state": "" if row.is_released else FileState(row.state).label,
    }
