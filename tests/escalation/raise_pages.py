"""The pages of raising, as somebody of the council types them."""

from django.urls import reverse

from escalation.moments import in_london

KEY = "k" * 16
STATEMENTS = {
    "problem": "The ward plans to send her home on Friday with two calls a day.",
    "disagreement": "The decision to discharge before the overnight risk has been assessed.",
    "aim": "Discharge waits until an occupational therapist has seen her at home.",
}
NOT_HELD = {"was_discussed": "no", "not_discussed_why": "Nobody could be reached since 5pm."}
IN_PLACE = {"safety": "in_place", "safety_detail": "She stays on the ward."}


def page(name, key=KEY, query=""):
    return reverse("raise_page", kwargs={"key": key, "page": name}) + query


def at(name, key=KEY):
    return reverse(name, kwargs={"key": key})


def boxes(name, moment):
    """What somebody types into the boxes of a day, or of a day and time."""
    local = in_london(moment) if hasattr(moment, "hour") else moment
    typed = {f"{name}-day": local.day, f"{name}-month": local.month, f"{name}-year": local.year}
    return {**typed, f"{name}-time": f"{local:%H:%M}"} if hasattr(moment, "hour") else typed


def required_of(cast):
    """The four pages that are required."""
    return {
        "adult": {
            "adult_name": "Joan Pickersgill",
            "disputed_agency": cast.hospital.pk,
            "raised_for": cast.council.pk,
        },
        "statements": STATEMENTS,
        "talk": NOT_HELD,
        "safety": IN_PLACE,
    }


def for_another(cast, asked_at, **changes):
    return {
        "raised_for": "another",
        "for_name": "Dana Whitlock",
        "for_job_title": "Care worker",
        "for_agency": cast.trust.pk,
        "for_how": "telephone",
        **boxes("raised_at", asked_at),
        **changes,
    }
