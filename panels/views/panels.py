"""The list of panels, one panel, and the invitation to it as a calendar file."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from escalation.permissions import NotPermitted
from escalation.register import may_read
from panels import calendar, listing, next_after
from panels.following import follow
from panels.invitations import invitations
from panels.models import SittingState
from panels.next_step import next_step
from panels.seats import outlook, seats
from panels.sittings import is_ahead, quorum_of, state_words
from panels.views.door import load
from panels.views.showing import frame


@require_GET
def panels(request):
    """The panels this person may see, those that sit next first; and what waits for the Chair to convene."""
    at, user = timezone.now(), request.user
    context = {
        "rows": listing.rows(user, at),
        "waiting": listing.to_convene(user, at),
        "is_of_board": may_read(user, at),
        "at": at,
    }
    return render(request, "panels/panels.html", context)


@require_GET
def panel(request, panel_id):
    """One panel: who sits, when, what came of each sitting, and what happens next."""
    found, place = load(request, panel_id, timezone.now(), "representations", "sittings__attendance__agency")
    sittings = list(found.sittings.all())
    latest = sittings[-1] if sittings else None
    parties = list(place.position.parties.values())
    quora = {sitting.pk: quorum_of(sitting, parties) for sitting in sittings}
    shown = seats(place, latest)
    invited, following = invitations(place), follow(place)
    ahead = latest is not None and is_ahead(latest, place.dispute) and latest.state == SittingState.ARRANGED
    context = {
        **frame(place, "panel"),
        "next": next_step(place, latest, quora.get(latest.pk) if latest else None, shown, invited, following),
        "seats": shown,
        "warnings": [words for seat in shown for words in seat.warnings] if place.is_of_panel else [],
        "unseated": unseated(place),
        "former": [each for each in found.members.all() if each.stood_down_at],
        "sitting": latest,
        "is_ahead": ahead,
        "outlook": outlook(place, shown) if ahead and not latest.attendance.all() else None,
        "sittings": [shown_sitting(place, each, quora[each.pk]) for each in reversed(sittings)],
        "acts": acts(place, latest, ahead),
        "invited": invited,
        "following": following,
        "conveyances": place.dispute.conveyances.all() if following else (),
        "may_convey": following is not None and next_after.may_convey(place),
    }
    return render(request, "panels/panel.html", context)


def unseated(place):
    """The agencies concerned for which nobody sits at present: the panel cannot decide without them."""
    seated = {member.agency_id for member in place.members}
    return [party.agency for pk, party in place.position.parties.items() if pk not in seated]


def shown_sitting(place, sitting, quorum):
    """A sitting with who attended, what that came to, and how it was arranged before."""
    attendance = list(sitting.attendance.all())
    return {
        "sitting": sitting,
        "state": state_words(sitting, place.dispute),
        "attendance": attendance,
        "quorum": quorum if attendance or sitting.state in (SittingState.ADJOURNED, SittingState.HELD) else None,
        "before": before(sitting),
        "is_ahead": is_ahead(sitting, place.dispute),
    }


def before(sitting):
    """How the sitting was arranged before, the latest first: from its history."""
    if not sitting.sequence:
        return []
    found, last = [], (sitting.starts_at, sitting.place, sitting.link)
    for version in sitting.history.order_by("-history_date", "-history_id"):
        was = (version.starts_at, version.place, version.link)
        if was != last:
            found.append(version)
        last = was
    return found


def acts(place, sitting, ahead):
    """What the person may do with the panel besides what happens next, as (URL name, title, ids)."""
    may = place.may
    ids = {"sitting_id": sitting.pk} if sitting else {}
    attended = bool(sitting and sitting.attendance.all())
    offered = [
        (may("add_member"), "add_member", "Add a member", {}),
        (ahead and not attended and may("rearrange"), "rearrange_sitting", "Re-arrange the sitting", ids),
        (ahead and not attended and may("cancel"), "cancel_sitting", "Cancel the sitting", ids),
        (listing.may_attend(place, sitting), "record_attendance", "Record who attended", ids),
        (listing.may_adjourn(place, sitting), "adjourn_sitting", "Adjourn the sitting", ids),
        (ahead and may("answer"), "answer_invitation", "Answer the invitation", {}),
        (may("declare"), "declare_conflict", "Change your declaration", {}),
        (listing.may_arrange(place, sitting), "arrange_sitting", "Arrange a sitting", {}),
    ]
    return [{"name": name, "title": title, "href": listing.address(place.panel, name, ids)}
            for may_, name, title, ids in offered if may_]  # fmt: skip


@require_GET
def invitation(request, panel_id):
    """The sitting as a calendar file, for whoever sits and for the Board; it names no adult."""
    found, place = load(request, panel_id, timezone.now())
    if not place.is_of_panel:
        raise NotPermitted("The invitation is for whoever sits on this panel.")
    sitting = found.sittings.order_by("number").last()
    if sitting is None:
        raise Http404("No sitting.")
    response = HttpResponse(calendar.invitation(sitting, place.dispute), content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="panel-{place.dispute.reference}.ics"'
    return response
