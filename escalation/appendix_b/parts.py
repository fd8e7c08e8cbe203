"""The pieces a record is made of: people with their agency, instants, and answers as parts."""

from agencies.audit import Act
from escalation.moments import in_utc


class Cast:
    """The people of a dispute, each with the agency for which they act on it."""

    def __init__(self, dispute):
        self.agencies = {row.person_id: row.agency.name for row in dispute.participants.all()}
        self.deputised = {}
        by_deputies = Act.objects.filter(thread=dispute.pk, on_behalf_of__isnull=False, by__isnull=False)
        for act in by_deputies.select_related("by", "on_behalf_of"):
            words = f"{act.by} for {act.on_behalf_of}"
            self.deputised[act.by_id, act.at] = self.deputised[act.on_behalf_of_id, act.at] = words

    def of(self, user, agency=None, at=None):
        """A person as name, job title and agency; "A for B" where a deputy acted at `at`; None where there is none."""
        if user is None:
            return None
        name = self.deputised.get((user.pk, at), user.full_name)
        return person(name, user.job_title, agency.name if agency else self.agencies.get(user.pk, ""))


def by_link(link, agency=""):
    """Whoever gave something by a link, and whether it was confirmed by then."""
    return person(link.giver, link.job_title, agency)


def person(name, job_title="", agency=""):
    return {"name": name, "job_title": job_title, "agency": agency}


def iso(value):
    """An instant in UTC or a date in ISO form, the same whichever database it came from; "" for none."""
    if not value:
        return ""
    return in_utc(value).isoformat() if hasattr(value, "hour") else value.isoformat()


def part(key, title, text="", *, lead="", on=None, by=None, at=None):
    """One answer: a choice in words (lead), a date, a text; by whom and when where that is known."""
    return {"key": key, "title": title, "lead": lead, "on": iso(on), "text": text, "by": by, "at": iso(at)}


def given(*parts):
    """The parts that say something."""
    return [part for part in parts if not is_empty(part)]


def is_empty(part):
    return not any(said(part))


def said(part):
    return part["lead"], part["on"], part["text"]
