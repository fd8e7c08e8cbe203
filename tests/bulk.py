"""Many disputes at once, for what is counted: rows without acts, where a test works out its own figures from them."""

from datetime import timedelta

from hypothesis import strategies as st

from escalation.deadlines import target
from escalation.models import Category, Dispute, Party, Side, Stage, StageEnd, Urgency
from escalation.stages import Outcome

SPAN = 900 * 24 * 60  # minutes
STORY = {
    "adult_name": "Margaret Okonkwo",
    "problem": "A problem.",
    "disagreement": "A disagreement.",
    "aim": "An aim.",
    "safety": "in_place",
    "was_discussed": False,
}


def rows(agencies, at, most=40):
    """A strategy: disputes of these agencies, as keywords, raised in the 900 days before an instant."""
    pairs = [(raising, disputed) for raising in agencies for disputed in agencies if raising != disputed]

    def made(pair, ago, took, stage, outcome, category, urgency, stopped):
        raised_at = at - timedelta(minutes=ago)
        ended_at = raised_at + timedelta(minutes=took) if outcome else None
        if ended_at and ended_at > at:
            ended_at, outcome = None, ""
        return {
            "raising_agency": pair[0],
            "disputed_agency": pair[1],
            "raised_at": raised_at,
            "target_at": target(raised_at),
            "stage": stage,
            "ended_at": ended_at,
            "outcome": outcome,
            "category": category,
            "urgency": urgency,
            "target_stopped": stopped,
        }

    return st.lists(
        st.builds(
            made,
            st.sampled_from(pairs),
            st.integers(0, SPAN),
            st.one_of(st.integers(0, 8 * 24 * 60), st.sampled_from([7 * 24 * 60]), st.integers(0, 60 * 24 * 60)),
            st.integers(1, 4),
            st.sampled_from(["", *Outcome.values]),
            st.sampled_from(["", *Category.values]),
            st.sampled_from(["", *Urgency.values]),
            st.booleans(),
        ),
        max_size=most,
    )


def write(rows, by, **changes):
    """Write the disputes with their parties and stages, in four statements."""
    disputes = []
    for row in rows:
        fields = {name: value for name, value in row.items() if name != "disputed_agency"}
        disputes.append(
            Dispute(
                raised_by=by,
                entered_at=row["raised_at"],
                moved_at=row["ended_at"] or row["raised_at"],
                safety_confirmed_at=row["raised_at"],
                safety_confirmed_by=by,
                **{**STORY, **fields, **changes},
            )
        )
    Dispute.objects.bulk_create(disputes)
    parties, stages = [], []
    for dispute, row in zip(disputes, rows, strict=True):
        for agency, side in ((row["raising_agency"], Side.RAISING), (row["disputed_agency"], Side.DISPUTED)):
            at = {"added_at": dispute.raised_at, "raised_at": dispute.raised_at}
            parties.append(Party(dispute=dispute, agency=agency, side=side, **at))
        for number in range(1, dispute.stage + 1):
            last = number == dispute.stage
            end = (StageEnd.ENDED if last else StageEnd.ESCALATED) if dispute.ended_at or not last else ""
            ended_at = (dispute.ended_at if last else dispute.raised_at) if end else None
            stages.append(Stage(dispute=dispute, number=number, began_at=dispute.raised_at, end=end, ended_at=ended_at))
    Party.objects.bulk_create(parties)
    Stage.objects.bulk_create(stages)
    return disputes
