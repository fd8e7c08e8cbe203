"""Disputes that ended at stage one: clarified, resolved and withdrawn."""

from config.demo.steps import Story, answer, consulted, did, entry, meeting, view

WITHIN_THE_HOUR = Story(
    shows="Clarified at stage one within an hour",
    when="-16 11:05",
    by="practitioner.council",
    agency="council",
    against="police",
    suggested="practitioner.police",
    details={
        "adult_name": "Irene Askew",
        "adult_born_on": "1941-09-14",
        "adult_whereabouts": "At home",
        "problem": "Mrs Askew was called three times by men who said they were from her bank. She reported it nine "
        "days ago and has heard nothing.",
        "disagreement": "That nobody has followed up a report of attempted fraud.",
        "aim": "An officer calls her, and says what happens next.",
        "category": "not_done",
        "came_to_light": ["adult"],
        "impact": "She has stopped answering her telephone, and her pendant alarm calls through it.",
        "urgency": "week",
        "adult_views": "“I only want to know whether I did right.”",
        "adult_told": "told",
        "safety": "in_place",
        "safety_detail": "Her bank has blocked new payees; her daughter visits each day.",
        "was_discussed": False,
        "not_discussed_why": "The officer named on the letter was on leave.",
    },
    steps=(
        did("-16 11:10", "practitioner.council", "suggest_representative", agency="police",
            person="practitioner2.police"),
        entry("-16 11:40", "practitioner2.police", "agreed", "It was in hand, and nobody had told Mrs Askew.",
              spoke="-16 11:25",
              facts="The report went to the fraud team on the day it was made; a protect officer is booked to visit. "
              "(Crime record)\nThe letter to her came back for a wrong house number. (Post log)",
              opinions="A call would have been better than a letter."),
        did("-16 11:55", "practitioner.council", "clarify",
            reason="The visit was booked already. The house number is put right and the officer calls her today."),
    ),
)  # fmt: skip

MEDICATION = Story(
    shows="Resolved at stage one, with actions for both agencies",
    when="-22 9:30",
    by="practitioner.hospital",
    agency="hospital",
    against="care",
    suggested="practitioner.care",
    details={
        "adult_name": "Tomasz Wiśniewski",
        "adult_born_on": "1943-05-18",
        "adult_whereabouts": "Larch House",
        "problem": "Mr Wiśniewski was admitted twice in a month with low blood sugar. His evening insulin was given "
        "although he had not eaten.",
        "disagreement": "That insulin was given without a check of the meal.",
        "aim": "One way of doing it each evening that both agencies know.",
        "category": "other",
        "came_to_light": ["observed", "read"],
        "impact": "A third episode could be the one from which he does not recover.",
        "urgency": "soon",
        "adult_views": "He likes his supper late, after the news in Polish.",
        "adult_told": "told",
        "safety": "in_place",
        "safety_detail": "The ward keeps him until the evening plan is written.",
        "was_discussed": True,
        "discussed_by": "Beth Ogden",
        "discussed_with": "Chloe Marsden, senior care worker",
        "discussed_at": "-23 15:40",
        "discussed_result": "The district nurse’s plan says 5pm.",
    },
    steps=(
        consulted("-22 10:00", "practitioner.hospital", "Grace Oyelaran", "named nurse for safeguarding adults",
                  "Ask who may move the hour of the dose, and put a name to it."),
        view("-22 11:30", "practitioner.care",
             "We gave what was prescribed when it was prescribed. Nobody told us that supper counts more than the "
             "clock, and we did not ask."),
        entry("-21 10:50", "practitioner.hospital", "agreed", "One evening plan, written together.", how="video",
              spoke="-21 10:00",
              facts="Glucose of 2.4 and 2.9 on the two evenings. (Ambulance records)\nHe ate after 7pm on both. (Food "
              "diary)",
              opinions="The hour was followed and the person was not, on all sides."),
        answer("-21 12:15", "practitioner.care", "agreed", "We agree on the plan.",
               facts="The prescription says 5pm, with no word on food. (Prescription chart)",
               opinions="A sentence on the chart is all that was missing."),
        meeting("-21 12:30", "practitioner.hospital", "held", "With the district nurse, in the same call.", on="-21"),
        did("-20 9:15", "practitioner.hospital", "propose",
            resolution="Insulin follows supper, not the clock; no dose without a written meal.",
            rationale="He eats late by choice. The diabetes nurse confirms that the dose can follow the meal.",
            actions=[
                ("hospital", "Write the new hour and the word “after food” on the prescription chart", "-19"),
                ("care", "Keep the food diary beside the chart, and call the ward with any doubt", "-19"),
            ]),
        did("-20 11:40", "practitioner.care", "agree"),
    ),
)  # fmt: skip

WITHDRAWN_BY_WISH = Story(
    shows="Withdrawn at stage one by the person who raised it; an objection of the adult’s",
    when="-13 14:00",
    by="practitioner.voluntary",
    agency="voluntary",
    against="mentalhealth",
    suggested="practitioner.mentalhealth",
    details={
        "adult_name": "Rosalind Anne Featherstone",
        "adult_born_on": "1972-11-11",
        "adult_whereabouts": "At home",
        "problem": "Ms Featherstone was moved to a different community nurse without being asked, her third in a year.",
        "disagreement": "That the change was decided without her.",
        "aim": "She is asked, and may keep the nurse she knows.",
        "category": "wishes",
        "came_to_light": ["adult"],
        "impact": "She missed two appointments after the last change.",
        "urgency": "week",
        "adult_views": "She would have liked to be asked. She did not want a fuss made.",
        "adult_told": "objects",
        "adult_objection": "“Thank you, but leave it. I will tell them myself.”",
        "safety": "in_place",
        "safety_detail": "She comes to the Tuesday group and has the crisis line’s number.",
        "was_discussed": True,
        "discussed_by": "Hannah Lockwood",
        "discussed_with": "Owen Blackmore, community psychiatric nurse",
        "discussed_at": "-14 11:00",
        "discussed_result": "The change followed from a new rota.",
    },
    steps=(
        entry("-12 15:30", "practitioner.mentalhealth", "in_part", "She will be asked next time.", spoke="-12 15:00",
              facts="The rota changed for forty people on one day. (Team notice)",
              opinions="We could have asked the few who mind most."),
        did("-11 10:20", "practitioner.voluntary", "withdraw",
            reason="Ms Featherstone spoke with the team herself, met the new nurse and likes her. She asks that it "
            "ends here."),
    ),
)  # fmt: skip

STORIES = [WITHIN_THE_HOUR, MEDICATION, WITHDRAWN_BY_WISH]
