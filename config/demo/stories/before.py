"""Disputes of the year and a half before, worked through on paper and entered since: so that figures have a past.

Each takes one act to enter, and leaves nothing that waits for anybody.
"""

from config.demo.steps import Paper

WORKERS = {
    "council": ("Joan Sedgwick", "reviewing officer"),
    "hospital": ("Mary Lund", "ward sister"),
    "care": ("Piotr Zielinski", "care worker"),
    "mentalhealth": ("Deborah Finch", "community nurse"),
    "police": ("Ian Copley", "constable"),
    "housing": ("Ruth Amos", "housing officer"),
    "voluntary": ("Amir Latif", "support worker"),
}
# What was disagreed about, what was asked for, and how it ended
MATTERS = {
    "discharge": (
        "A discharge home was planned before the care at home was arranged.",
        "That the bed was needed more than the plan.", "A date on which both are ready.",
        "The discharge waited for the first visit, and both sides wrote the plan together.",
    ),
    "closure": (
        "An enquiry was closed while the same carer still visited.",
        "That no further concern in a month means that there is none.", "The enquiry stays open until a visit.",
        "The adult was seen alone, and the enquiry closed with what was found.",
    ),
    "threshold": (
        "Two medicine errors in a week were not taken as a concern.",
        "Whether harm must have come of it.", "Both are looked at together.",
        "The guidance was read together: repeated errors meet the threshold.",
    ),
    "capacity": (
        "Nobody had assessed whether the adult could decide about money.",
        "Who assesses it, and when.", "An assessment by a date.",
        "The assessment was made jointly within the week.",
    ),
    "delay": (
        "A review that was promised in March had not taken place.",
        "That a waiting list is an answer.", "A date for the review.", "The review took place and is on file.",
    ),
    "information": (
        "A risk known to one agency was not passed on.", "What may be shared without consent.",
        "What is needed is shared on the day.", "The sharing agreement covers it: it was read together.",
    ),
    "responsibility": (
        "Two agencies each held the other to pay for night care.", "Who pays while it is settled.",
        "Care from tonight.", "The first agency asked pays until it is settled.",
    ),
    "not_done": (
        "An agreed visit was not made.", "That a telephone call was enough.", "The visit.",
        "The visit was made the same day.",
    ),
}  # fmt: skip

# (raised, ended, when each stage after the first began), by whom and with whom, what about, how it ended, the adult
PAST = [
    (("-398 9:30", "-395 15:00"), "council", "hospital", "discharge", "resolved", "Arthur Penney"),
    (("-385 10:00", "-374 12:00", "-381 9:20"), "care", "council", "closure", "resolved", "Winifred Sharrock"),
    (("-371 14:10", "-370 10:30"), "hospital", "council", "capacity", "clarified", "Ronald Tingle"),
    (("-352 9:05", "-349 16:20"), "care", "hospital", "discharge", "resolved", "Brenda Oxley"),
    (("-340 11:00", "-325 10:00", "-336 9:00", "-330 15:00"), "council", "mentalhealth", "responsibility",
     "resolved", "Keith Womersley"),
    (("-322 13:40", "-317 9:15"), "council", "hospital", "discharge", "resolved", "Doreen Haigh"),
    (("-301 9:20", "-291 11:45", "-297 10:00"), "voluntary", "council", "delay", "resolved", "Salim Bashir"),
    (("-284 10:30", "-281 14:00"), "police", "council", "threshold", "clarified", "Maureen Stott"),
    (("-270 15:15", "-258 9:50", "-266 11:00"), "care", "council", "threshold", "resolved", "Harold Ibbetson"),
    (("-251 9:00", "-248 12:30"), "hospital", "care", "information", "resolved", "Joyce Micklethwaite"),
    (("-236 10:45", "-234 16:00"), "council", "police", "not_done", "clarified", "Trevor Lindley"),
    (("-219 9:40", "-207 10:10", "-215 14:00"), "mentalhealth", "council", "delay", "withdrawn", "Sandra Crookes"),
    (("-205 11:30", "-201 9:30"), "council", "hospital", "discharge", "resolved", "Clifford Beever"),
    (("-190 9:10", "-187 15:40"), "care", "council", "closure", "resolved", "Hilda Marsh"),
    (("-176 14:00", "-172 10:20"), "hospital", "council", "capacity", "resolved", "Geoffrey Allott"),
    (("-158 9:25", "-155 11:50"), "council", "housing", "not_done", "resolved", "Norma Skelton"),
    (("-149 10:15", "-139 9:00", "-145 13:30"), "council", "hospital", "discharge", "resolved", "Vincent Okoro"),
    (("-138 9:50", "-136 16:15"), "police", "mentalhealth", "information", "clarified", "Dennis Kilner"),
    (("-127 13:20", "-124 9:45"), "care", "council", "threshold", "resolved", "Edith Hobson"),
    (("-118 9:00", "-104 15:00", "-114 10:00", "-109 9:30"), "hospital", "council", "capacity", "resolved",
     "Leonard Speight"),
    (("-109 11:10", "-106 10:40"), "voluntary", "housing", "delay", "resolved", "Fatima Noor"),
    (("-98 9:35", "-95 14:25"), "council", "hospital", "discharge", "resolved", "Beryl Dyson"),
    (("-89 10:20", "-87 12:00"), "hospital", "council", "closure", "clarified", "Stanley Rusby"),
    (("-79 14:45", "-75 9:30"), "council", "care", "threshold", "resolved", "Margery Hinchliffe"),
    (("-62 9:15", "-59 16:30"), "care", "hospital", "discharge", "resolved", "Albert Jagger"),
    (("-44 10:05", "-40 11:20"), "council", "hospital", "discharge", "resolved", "Vera Copley"),
]  # fmt: skip


def paper(times, agency, against, category, outcome, adult):
    """One of them, entered by a manager of the agency that raised it."""
    raised, ended, *began = times
    name, job_title = WORKERS[agency]
    problem, disagreement, aim, reason = MATTERS[category]
    return Paper(
        shows=f"On paper: {adult}",
        when="-36 10:00",
        by=f"manager.{agency}",
        agency=agency,
        against=against,
        details={
            "adult_name": adult,
            "for_name": name,
            "for_job_title": job_title,
            "raised_at": raised,
            "problem": problem,
            "disagreement": disagreement,
            "aim": aim,
            "category": category,
            "discussed_with": "the colleague on duty",
            "safety_detail": "As it stood in the file.",
        },
        began=tuple(began),
        ended=ended,
        outcome=outcome,
        outcome_reason=reason,
        kept_where="The agency’s file of disagreements, by date",
    )


PAPERS = [paper(*row) for row in PAST]
