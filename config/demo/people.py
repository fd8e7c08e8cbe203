"""The agencies of the demo, their teams and people; all invented, with telephone numbers kept for fiction."""

import os
from string import digits

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password

from agencies.audit import acting
from agencies.models import Agency, Membership, Role, Team, User

DOMAIN = "demo.example"
PASSWORD = "resolve-together"

AGENCIES = {
    "council": "Adult Social Care",
    "police": "Police",
    "hospital": "Rother Valley Hospital",
    "mentalhealth": "Rother Valley Mental Health Trust",
    "icb": "Integrated Care Board",
    "housing": "Wentworth Homes",
    "care": "Larch House Care",
    "voluntary": "Open Door Rotherham",
    "homecare": "Fern Bank Home Care",
}
# Nobody of it has an account: it replies by a link
WITHOUT_ACCOUNTS = ("homecare",)

# An agency without teams is seen whole by its managers (R44); this one has two
TEAMS = {"council": {"north": "Locality team north", "south": "Locality team south"}}

# Who, with which name and job title; the account's name begins with the role and ends with the agency
PEOPLE = [
    ("practitioner.council", "Aisha Rahman", "social worker", "north"),
    ("practitioner2.council", "Tom Beardsley", "social worker", "north"),
    ("practitioner3.council", "Callum Reeve", "community care officer", "south"),
    ("practitioner4.council", "Martin Ackroyd", "emergency duty social worker", None),
    ("manager.council", "Denise Hartley", "team manager", "north"),
    ("manager2.council", "Jo Whitaker", "team manager", "south"),
    ("lead.council", "Rukhsana Malik", "head of safeguarding", None),
    ("lead2.council", "Leon Adeyinka", "principal social worker", None),
    ("practitioner.police", "Karen Platts", "sergeant, adult protection", None),
    ("practitioner2.police", "Danny Rowbotham", "neighbourhood officer", None),
    ("manager.police", "Neil Garforth", "inspector, protecting vulnerable people", None),
    ("lead.police", "Alison Crowther", "superintendent, designated safeguarding lead", None),
    ("practitioner.hospital", "Beth Ogden", "discharge coordinator", None),
    ("practitioner2.hospital", "Ewan Sinclair", "charge nurse, emergency department", None),
    ("practitioner3.hospital", "Jasmine Oduya", "integrated discharge practitioner", None),
    ("manager.hospital", "Colin Bramhall", "matron", None),
    ("lead.hospital", "Grace Oyelaran", "named nurse for safeguarding adults", None),
    ("practitioner.mentalhealth", "Owen Blackmore", "community psychiatric nurse", None),
    ("manager.mentalhealth", "Fiona Strachan", "community mental health team manager", None),
    ("lead.mentalhealth", "Dr Priya Nair", "named doctor for safeguarding adults", None),
    ("practitioner.icb", "Samira Haddad", "continuing healthcare nurse assessor", None),
    ("manager.icb", "Gordon Pike", "continuing healthcare manager", None),
    ("lead.icb", "Catherine Elwes", "designated nurse for safeguarding adults", None),
    ("practitioner.housing", "Leanne Butterworth", "tenancy support officer", None),
    ("manager.housing", "Steve Ibbotson", "neighbourhood manager", None),
    ("lead.housing", "Andrea Kowalczyk", "head of housing services", None),
    ("practitioner.care", "Chloe Marsden", "senior care worker", None),
    ("manager.care", "Paul Sykes", "registered manager", None),
    ("lead.care", "Bridget Nolan", "nominated individual", None),
    ("practitioner.voluntary", "Hannah Lockwood", "support worker", None),
    ("manager.voluntary", "Marcus Bailey", "services manager", None),
    ("lead.voluntary", "Ngozi Umeh", "chief officer and safeguarding lead", None),
]
BOARD = [
    ("board.manager", "Helen Goddard", "Board Manager", Role.BOARD_MANAGER),
    ("chair", "Gwen Tarrant", "Independent Chair", Role.CHAIR),
    ("administrator", "Adrian Tilley", "administrator of accounts", Role.ADMINISTRATOR),
]
# The integrated discharge practitioner works for both
ALSO = [("practitioner3.hospital", "council", "practitioner")]


class Cast:
    """The agencies and people of the demo, by their short names."""

    def __init__(self):
        self.agencies = {}
        self.people = {}


def make():
    """Everybody of the demo; who is there already stays as they are."""
    made = Cast()
    password = make_password(os.environ.get("DEMO_PASSWORD", PASSWORD))  # one for all: making each takes long
    for key, name, job_title, role in reversed(BOARD):  # the administrator first, who makes the others
        with acting(by=made.people.get("administrator")):
            made.people[key] = person(key, name, job_title, "", password)
            hold(made.people[key], role)
    with acting(by=made.people["administrator"]):
        _agencies(made)
        for number, (key, name, job_title, team) in enumerate(PEOPLE):
            made.people[key] = person(key, name, job_title, f"01632 960 {201 + number}", password)
            role, _, agency = key.partition(".")
            hold(made.people[key], role.rstrip(digits), made.agencies[agency], team and TEAMS[agency][team])
        for key, agency, role in ALSO:
            hold(made.people[key], role, made.agencies[agency])
        for key, agency in made.agencies.items():
            if agency.safeguarding_contact_id is None and key not in WITHOUT_ACCOUNTS:
                agency.safeguarding_contact = made.people[f"lead.{key}"]
                agency.save()
    return made


def _agencies(made):
    for number, (key, name) in enumerate(AGENCIES.items()):
        phone = f"01632 960 {120 + number}"
        made.agencies[key], _ = Agency.objects.get_or_create(name=name, defaults={"phone": phone})
        for team in TEAMS.get(key, {}).values():
            Team.objects.get_or_create(agency=made.agencies[key], name=team)


def person(key, name, job_title, phone, password):
    """A person with an account and an address that needs no confirming."""
    user, _ = User.objects.get_or_create(
        email=f"{key}@{DOMAIN}",
        defaults={"full_name": name, "job_title": job_title, "phone": phone, "password": password},
    )
    EmailAddress.objects.get_or_create(user=user, email=user.email, defaults={"verified": True, "primary": True})
    return user


def hold(user, role, agency=None, team=None):
    """Give a person a role, in an agency's team if it has any."""
    team = team and Team.objects.get(agency=agency, name=team)
    Membership.objects.get_or_create(user=user, agency=agency, role=Role(role), ended_at=None, defaults={"team": team})
