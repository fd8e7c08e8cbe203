"""What an Appendix B record holds (R20 to R22), as plain data: strings, lists, numbers, instants in ISO form.

- The record is written down once, when its stage ends, and printed from that data alone: names, job titles and the
  words of choices are frozen with it.
- It carries the stages before forward. What was written once (entries, consultations) is read again; the outcome of an
  earlier stage is taken from its own record; a text changed since then stands beside the one of that time.
- It shows what stands when it is made. What is later than a seal is therefore not in it; an entry written after the
  dispute ended never is.
"""

from django.conf import settings
from django.db.models import Prefetch

from escalation.appendix_b.documents import documents, ticked
from escalation.appendix_b.parts import Cast, is_empty, iso, said
from escalation.appendix_b.sections import (
    concerns,
    copies,
    details,
    evidence,
    held_for,
    notes,
    resolution,
    safety,
    summary,
    views,
)
from escalation.appendix_b.steps import step
from escalation.models import (
    Consultation,
    Copy,
    Discussion,
    Dispute,
    Entry,
    EscalationRequest,
    Evidence,
    LinkReply,
    Party,
    Proposal,
    Record,
    ReferredConcern,
    Representative,
    Response,
    Stage,
    canonical,
    digest_of,
)
from escalation.models.copies import of_link
from escalation.stages import BETWEEN

FORM = 1  # the shape of the data, for whoever prints it years later
SECTIONS = ("details", "summary", "views", "safety", "notes")


def seal(stage, *, at):
    """Freeze the record of a stage that has just ended, in the transaction that ends it."""
    content = canonical(contents(stage.dispute, stage, at=at))
    return Record.objects.create(stage=stage, content=content, digest=digest_of(content), sealed_at=at)


def contents(dispute, stage, *, at):
    """The record of a stage as plain data, in the order of the form."""
    dispute = Dispute.objects.select_related(*PEOPLE).prefetch_related(*ROWS).get(pk=dispute.pk)
    stages = {row.number: row for row in dispute.stages.all()}
    stage, number = stages[stage.number], stage.number
    earlier = [stages[n].record.data for n in range(1, number) if hasattr(stages[n], "record")]
    cast = Cast(dispute)
    found = documents(dispute, stages, number, cast)
    data = {
        "form": FORM,
        "board": settings.BOARD_NAME,
        "reference": dispute.reference,
        "stage": number,
        "between": BETWEEN[number],
        "began_at": iso(stage.began_at),
        "ended_at": iso(stage.ended_at),
        "at": iso(at),
        "adult": {"name": dispute.adult_name, "born_on": iso(dispute.adult_born_on)},
        "details": details(dispute),
        "summary": summary(dispute),
        "views": views(dispute),
        "evidence": {
            "kinds": ticked(found),
            "documents": found,
            "stages": [evidence(dispute, stages[n], cast) for n in range(1, number + 1)],
        },
        "steps": [record["steps"][-1] for record in earlier] + [step(dispute, stages, number, cast)],
        "safety": safety(dispute, cast),
        "concerns": concerns(dispute),
        "held_for": held_for(dispute, number, cast),
        "copies": copies(dispute),
        "resolution": resolution(dispute, stage, at),
        "notes": notes(dispute, cast),
        "referrer": {
            "name": dispute.referrer_name,
            "job_title": dispute.referrer_job_title,
            "agency": dispute.raising_agency.name,
            "at": iso(dispute.raised_at),
        },
    }
    return {**data, **{section: carried(section, data[section], earlier) for section in SECTIONS}}


def carried(section, parts, earlier):
    """The parts of a section, each with what it said when an earlier stage ended, where that differs."""
    parts = [{**part, "before": []} for part in parts]
    now = {part["key"]: part for part in parts}
    for record in earlier:
        for old in record[section]:
            if is_empty(old):
                continue
            if old["key"] not in now:
                now[old["key"]] = {**old, "lead": "No longer given", "on": "", "text": "", "by": None, "at": ""}
                now[old["key"]]["before"] = []
                parts.append(now[old["key"]])
            then = {name: old[name] for name in ("lead", "on", "text", "by", "at")} | {"stage": record["stage"]}
            before = now[old["key"]]["before"]
            if before and said(before[-1]) == said(then):
                before.pop()
            before.append(then)
    for current in parts:
        if current["before"] and said(current["before"][-1]) == said(current):
            current["before"].pop()
    return parts


# What is read, in a number of queries that does not grow with the rows
PEOPLE = ("raised_by", "raising_agency", "supporter", "safety_confirmed_by", "continues")
ROWS = (
    Prefetch("parties", Party.objects.select_related("agency", "view_by", *of_link("view_link"))),
    Prefetch("representatives", Representative.objects.filter(replaced_at=None).select_related("agency", "person")),
    "participants__person",
    "participants__agency",
    Prefetch("stages", Stage.objects.select_related("escalated_by", "mdt_by", "record")),
    Prefetch("discussions", Discussion.objects.order_by("stage", "happened_at", "pk")),
    Prefetch(
        "discussions__entries", Entry.objects.filter(is_late=False).select_related("author", "agency", *of_link("link"))
    ),
    Prefetch("evidence", Evidence.objects.select_related("agency", "by", "removed_by")),
    "evidence__files",
    Prefetch("consultations", Consultation.objects.select_related("by", "agency")),
    Prefetch("concerns", ReferredConcern.objects.select_related("by", "agency")),
    Prefetch("requests", EscalationRequest.objects.select_related("agency", "asked_by", "to_lead_by")),
    "requests__decisions__by",
    Prefetch("proposals", Proposal.objects.select_related("agency", "by")),
    "proposals__actions__agency",
    Prefetch("proposals__responses", Response.objects.select_related("agency", "by", *of_link("link"))),
    Prefetch("copies", Copy.objects.select_related("agency")),
    Prefetch("proposals__reports", LinkReply.objects.select_related("link__agency", "confirmed_by")),
    "withdrawals__asked_by",
    "withdrawals__decided_by",
)
