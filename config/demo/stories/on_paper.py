"""A dispute that was worked through on paper, before it was entered here."""

from config.demo.steps import Paper

BEFORE_RESOLVE = Paper(
    shows="Worked through on paper, and entered after the event by a manager",
    when="-8 10:25",
    by="manager.care",
    agency="council",
    against="care",
    details={
        "adult_name": "Edna Louise Birtwhistle",
        "adult_born_on": "1934-12-02",
        "for_name": "Joan Sedgwick",
        "for_job_title": "reviewing officer",
        "raised_at": "-70 9:00",
        "problem": "Three falls in a fortnight were written down and not reported.",
        "disagreement": "Whether an unwitnessed fall without injury is reported.",
        "aim": "Each fall is reported on the day.",
        "category": "threshold",
        "discussed_with": "Chloe Marsden, senior care worker",
        "safety_detail": "A sensor mat beside the bed.",
    },
    began=("-67 14:00",),
    ended="-65 11:30",
    outcome_reason="Every fall is reported on the day, witnessed or not. The managers read the threshold guidance "
    "together: it asks for it.",
    kept_where="Larch House Care, complaints and concerns file 4, page 31",
)  # fmt: skip

STORIES = [BEFORE_RESOLVE]
