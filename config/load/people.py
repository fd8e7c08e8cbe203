"""The agencies of the load with their people, and the Board."""

from agencies.models import Agency, Role
from config.demo.people import BOARD, hold, person

IN_AGENCY = ((Role.PRACTITIONER, 4), (Role.MANAGER, 2), (Role.LEAD, 1))
OF_BOARD = {Role.BOARD_MANAGER: "board_manager", Role.CHAIR: "chair"}


def make(number, password):
    """The agencies, each with its people by role, and the two of the Board by name; who is there already stays."""
    board = {}
    for key, name, job_title, role in BOARD:
        if role in OF_BOARD:
            user = board[OF_BOARD[role]] = person(key, name, job_title, "", password)
            hold(user, role)
    return [_agency(count, password) for count in range(1, number + 1)], board


def _agency(count, password):
    agency, _ = Agency.objects.get_or_create(name=f"Agency {count:02}", defaults={"phone": "01632 960 000"})
    users = {}
    for role, how_many in IN_AGENCY:
        users[role] = []
        for n in range(1, how_many + 1):
            user = person(
                f"{role}{n}.load{count:02}", f"{role.label} {n} of {agency.name}", role.label.lower(), "", password
            )
            hold(user, role, agency)
            users[role].append(user)
    if agency.safeguarding_contact_id is None:
        agency.safeguarding_contact = users[Role.LEAD][0]
        agency.save()
    return agency, users
