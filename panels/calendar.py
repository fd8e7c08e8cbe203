"""The invitation to a sitting as an iCalendar file (RFC 5545): reference, when, where, and never the adult's name.

- PUBLISH, not REQUEST: it is downloaded, so no mail program should answer it; the answer is given on the page it links.
- The UID stays with a sitting; SEQUENCE counts its re-arrangements, so that a calendar moves what it holds.
- Nobody knows beforehand how long a panel sits: two hours are kept free.
"""

import importlib
from datetime import timedelta
from urllib.parse import urlsplit

from django.conf import settings

from escalation.moments import in_london, in_utc
from panels.models import SittingState
from panels.owed import page

KEPT_FREE = timedelta(hours=2)


def library():
    """icalendar, loaded for the first invitation of a process: it is large, and few processes need it."""
    return importlib.import_module("icalendar")


def invitation(sitting, dispute):
    """The bytes of the file; a cancelled sitting, or one whose dispute has ended meanwhile, takes itself out again."""
    ended_before = sitting.state == SittingState.ARRANGED and not dispute.is_open
    is_off = sitting.state == SittingState.CANCELLED or ended_before
    calendar = library().Calendar()
    calendar.add("prodid", "-//Resolve//Resolution Panels//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "CANCEL" if is_off else "PUBLISH")
    calendar.add_component(event(sitting, dispute, is_off, sitting.sequence + ended_before))
    calendar.add_missing_timezones()
    return calendar.to_ical()


def event(sitting, dispute, is_off, sequence):
    address = f"{settings.BASE_URL}{page(sitting.panel)}"
    found = library().Event()
    found.add("uid", f"panel-{sitting.panel_id}-{sitting.number}@{urlsplit(settings.BASE_URL).hostname}")
    found.add("sequence", sequence)
    changed_at = sitting.closed_at or (dispute.ended_at if is_off else None) or sitting.arranged_at
    found.add("dtstamp", in_utc(changed_at))
    found.add("dtstart", in_london(sitting.starts_at))
    found.add("dtend", in_london(in_utc(sitting.starts_at) + KEPT_FREE))
    found.add("status", "CANCELLED" if is_off else "CONFIRMED")
    found.add("class", "CONFIDENTIAL")
    found.add("summary", f"Resolution Panel {dispute.reference}")
    where = [each for each in (sitting.place, sitting.link) if each]
    found.add("location", " ".join(where))
    found.add("url", address)
    found.add("description", "\n".join([*where, f"Answer, and read what the panel has before it: {address}"]))
    organizer = library().vCalAddress(f"mailto:{settings.BOARD_MAILBOX or settings.DEFAULT_FROM_EMAIL}")
    organizer.params["cn"] = library().vText(settings.BOARD_NAME)
    found["organizer"] = organizer
    return found
