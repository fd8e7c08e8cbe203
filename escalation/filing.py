"""What is filed on the adult's record in each agency, and what is not yet (R16).

A record carries the earlier stages forward, so filing it discharges the records before it: what an agency still owes
is the latest record, and no more. Nobody is asked before the dispute has ended.
"""

from dataclasses import dataclass, field

from django.db.models import Case, Exists, F, OuterRef, Prefetch, SmallIntegerField, Subquery, When

from agencies.models import Membership
from escalation.models import Dispute, Filing, Party, Stage

# The sealed records, without their content, and where each is filed; no statement where nothing is sealed
SEALED = (
    Prefetch(
        "stages", Stage.objects.select_related("mdt_by", "escalated_by", "record").defer("record__content")
    ),
    Prefetch("stages__record__filings", Filing.objects.select_related("filed_by", "sent_by")),
)  # fmt: skip


def sealed(dispute):
    """The sealed records of a dispute by the number of their stage, the earliest first."""
    return {stage.number: stage.record for stage in dispute.stages.all() if hasattr(stage, "record")}


def of_agency(record, agency_id):
    """What is recorded of a record for one agency, or None."""
    return next((filing for filing in record.filings.all() if filing.agency_id == agency_id), None)


def not_filed(dispute, agency_id):
    """The stages whose sealed record an agency has not recorded as filed, also where a later one carries it."""
    return [number for number, record in sealed(dispute).items() if not is_filed(record, agency_id)]


def is_filed(record, agency_id):
    filing = of_agency(record, agency_id)
    return filing is not None and filing.is_filed


def filed_up_to(dispute, agency_id):
    """The latest stage whose record an agency has filed; 0 where it has filed none."""
    return max((number for number, record in sealed(dispute).items() if is_filed(record, agency_id)), default=0)


def without_accounts(agency_ids):
    """Those of some agencies where nobody has an account: what they filed is recorded by another agency (R50)."""
    there = Membership.objects.with_account().filter(agency__in=agency_ids).values_list("agency", flat=True)
    return set(agency_ids) - set(there)


# The table on the page of the records


@dataclass(frozen=True)
class Cell:
    """One record in one agency."""

    number: int
    filing: Filing | None
    is_carried: bool  # a later record is filed there, which carries this one
    may_correct: bool

    @property
    def is_filed(self):
        return self.filing is not None and self.filing.is_filed


@dataclass(frozen=True)
class Row:
    """One agency concerned, with each sealed record."""

    agency: object
    cells: list = field(default_factory=list)
    has_accounts: bool = True
    is_yours: bool = False
    may_record: bool = False

    @property
    def has_latest(self):
        return bool(self.cells) and self.cells[-1].is_filed


def rows(dispute, position, own_id):
    """Each agency concerned with what it has filed; `own_id` is the agency for which the person may record it."""
    nobody = without_accounts(position.parties)
    found = []
    for agency_id, party in position.parties.items():
        is_yours = agency_id == own_id
        may = own_id is not None and (is_yours or agency_id in nobody)
        up_to = filed_up_to(dispute, agency_id)
        cells = []
        for number, record in sealed(dispute).items():
            filing = of_agency(record, agency_id)
            is_done = filing is not None and filing.is_filed
            cells.append(Cell(number, filing, number < up_to and not is_done, may and is_done))
        may_record = may and any(not cell.is_filed for cell in cells)
        found.append(Row(party.agency, cells, agency_id not in nobody, is_yours, may_record))
    return sorted(found, key=lambda row: not row.is_yours)


# What is not yet filed, over many disputes


def not_yet(user, at, *, has_ended=True):
    """The agencies that have not filed the latest record of disputes this person may see, the longest ago first.

    The Board Manager and the Chair see every agency of a dispute, anybody else their own. Each row is a Party with
    `latest` (a stage), `sealed_at`, `sent_at`, `sent_to` and `has_accounts`.
    """
    stage = F("dispute__stage")
    latest = Case(When(dispute__ended_at=None, then=stage - 1), default=stage, output_field=SmallIntegerField())
    about = Filing.objects.filter(
        record__stage__dispute=OuterRef("dispute"), record__stage__number=OuterRef("latest"), agency=OuterRef("agency")
    )
    ended = Stage.objects.filter(dispute=OuterRef("dispute"), number=OuterRef("latest"))
    disputes = Dispute.objects.visible_to(user, at)
    parties = Party.objects.filter(dispute__in=disputes.values("pk"), dispute__ended_at__isnull=not has_ended)
    people = (user, *user.covered(at))
    if not any(person.standing.is_of_board for person in people):
        parties = parties.filter(agency__in={pk for person in people for pk in person.standing.agencies})
    return (
        parties.annotate(latest=latest)
        .filter(latest__gt=0)
        .exclude(Exists(about.filter(filed_on__isnull=False)))
        .annotate(
            sealed_at=Subquery(ended.values("ended_at")[:1]),
            sent_at=Subquery(about.values("sent_at")[:1]),
            sent_to=Subquery(about.values("sent_by__full_name")[:1]),
            has_accounts=Exists(Membership.objects.with_account().filter(agency=OuterRef("agency"))),
        )
        .select_related("dispute", "agency")
        # By columns, not by `sealed_at`: then that is asked for the rows shown alone
        .order_by("dispute__ended_at" if has_ended else "dispute__raised_at", "pk")
    )
