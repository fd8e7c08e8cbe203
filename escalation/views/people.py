"""Pages about who acts for whom, and which agencies are concerned."""

from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from agencies.models import Membership, Role
from escalation import actions, permissions
from escalation.forms import people
from escalation.models import Sight, Why
from escalation.permissions import Conflict, NotPermitted
from escalation.stages import BETWEEN, stage_name
from escalation.views.asking import Page


def dispute_people(request, reference):
    """Who acts for each agency at each stage, their telephone numbers, and who may see the dispute and why (R44)."""
    page = Page(request, reference)
    dispute, position = page.dispute, page.position
    return page.show(
        "people",
        here="people",
        agencies=people_by_agency(dispute, position),
        sights=sights_of(dispute, page.at),
        may_name=permissions.can(page.user, "name_representative", dispute),
        may_suggest=permissions.can(page.user, "suggest_representative", dispute),
        may_add=permissions.can(page.user, "add_agency", dispute),
    )


def sights_of(dispute, at):
    """Who may see the dispute by an act that granted it, each person once, with every reason."""
    people = {}
    sights = Sight.objects.at(at).filter(dispute=dispute).select_related("person", "agency")
    for sight in sights.order_by("person__full_name", "person", "since", "pk"):
        sight.words = Why(sight.why).label if sight.why in Why.values else sight.why
        each = people.setdefault(sight.person_id, {"person": sight.person, "agency": None, "sights": []})
        each["agency"] = each["agency"] or sight.agency
        each["sights"].append(sight)
    return list(people.values())


def people_by_agency(dispute, position):
    """For each agency concerned: by stage who is named or suggested, else who holds the stage’s role."""
    holders = {}
    memberships = Membership.objects.with_account().filter(
        agency__in=position.parties, role__in=[Role.MANAGER, Role.LEAD]
    )
    for membership in memberships.select_related("user").order_by("user__full_name"):
        holders.setdefault((membership.agency_id, membership.role), []).append(membership.user)
    roles = {2: Role.MANAGER, 3: Role.LEAD}
    return [
        {
            "party": party,
            "contact": party.agency.safeguarding_contact,
            "is_mine": pk == position.agency_id,
            "stages": [
                {
                    "number": number,
                    "name": stage_name(number),
                    "between": BETWEEN[number],
                    "is_now": dispute.is_open and number == dispute.stage,
                    "is_past": number < dispute.stage or not dispute.is_open,
                    "named": position.named.get((pk, number)),
                    "raiser": dispute.raised_by if number == 1 and pk == dispute.raising_agency_id else None,
                    "holders": holders.get((pk, roles.get(number)), []),
                    "phones": [person.phone for person in holders.get((pk, roles.get(number)), []) if person.phone],
                }
                for number in (1, 2, 3)
            ],
        }
        for pk, party in position.parties.items()
    ]


def name_representative(request, reference):
    """Name who acts for one’s agency, at this stage or a later one."""
    page = Page(request, reference)
    page.check("name_representative")
    later = range(page.dispute.stage, 4)
    stage = number_in(request.GET.get("stage"), later) or page.dispute.stage
    if aside := page.ask(people.NameSomebody, (page.position.agency_id, stage)):
        return aside
    if page.is_answered():
        given = page.form.representative()
        representative = page.act(actions.name_representative, dispute=page.dispute, stage=stage, **given)
        return page.done(
            f"{representative.display_name} acts for {page.position.agency} at {stage_name(stage)}.",
            *acts_elsewhere(page.position, representative),
        )
    return page.show(
        "name",
        title=f"Who acts for {page.position.agency} at {stage_name(stage)}?",
        stage=stage,
        stages=[(number, stage_name(number)) for number in later],
        named=page.position.named.get((page.position.agency_id, stage)),
    )


def acts_elsewhere(position, representative):
    """A warning, no bar, where one person acts at two stages."""
    stages = [
        stage_name(stage)
        for (_, stage), other in position.named.items()
        if other.person_id and other.person_id == representative.person_id and stage != representative.stage
    ]
    return [f"{representative.display_name} also acts at {' and '.join(stages)}."] if stages else []


def suggest_representative(request, reference):
    """Suggest who might act for another agency at stage one."""
    page = Page(request, reference)
    page.check("suggest_representative")
    others = open_to_suggestion(page.position)
    if not others:
        with page.keeping():
            raise Conflict("The other agency has named who acts for it.")
    agency = others[number_in(request.GET.get("agency"), others) or next(iter(others))]
    if aside := page.ask(people.SuggestSomebody, (agency.pk, 1)):
        return aside
    if page.is_answered():
        suggested = page.act(
            actions.suggest_representative, dispute=page.dispute, agency=agency, **page.form.representative()
        )
        return page.done(f"{suggested.display_name} is suggested to {agency}.")
    return page.show(
        "name",
        title=f"Who might act for {agency}?",
        agency=agency,
        agencies=others.values(),
        named=page.position.named.get((agency.pk, 1)),
    )


def open_to_suggestion(position):
    """The other agencies concerned that have not named anybody for stage one, by id."""
    own = position.agency_id or position.dispute.raising_agency_id
    named = {pk for (pk, stage), each in position.named.items() if stage == 1 and not each.is_suggestion}
    return {pk: party.agency for pk, party in position.parties.items() if pk != own and pk not in named}


def number_in(text, numbers):
    """The number that an address gives, if it is one of these; else None."""
    return next((number for number in numbers if str(number) == text), None)


def add_agency(request, reference):
    """Add an agency concerned, before stage four."""
    page = Page(request, reference)
    page.check("add_agency")
    if aside := page.ask(people.AddAgency):
        return aside
    if page.is_answered():
        agency = page.form.cleaned_data["agency"]
        page.act(actions.add_agency, dispute=page.dispute, agency=agency, seen_stage=page.seen_stage)
        return page.done(f"{agency} is added, and asked for its view.")
    return page.show(title="Add an agency concerned")


def choose_agency(request, reference):
    """Settle for which of several agencies concerned one acts on this dispute."""
    page = Page(request, reference)
    if not page.position.seats:
        raise NotPermitted("You belong to none of the agencies concerned.")
    if page.position.agency_id:
        raise Conflict(f"You act for {page.position.agency} on this dispute.")
    if aside := page.ask(people.ChooseAgency):
        return aside
    if page.is_answered():
        agency = page.position.parties[page.form.cleaned_data["agency"]].agency
        page.act(actions.choose_agency, dispute=page.dispute, agency=agency)
        page.done(f"You act for {agency} on this dispute.")
        return redirect(onwards(request) or reverse("dispute", kwargs={"reference": reference}))
    return page.show(
        title="For which agency do you act?",
        lede="You belong to more than one agency concerned. On one dispute a person acts for one agency only, and this "
        "cannot be changed later.",
    )


def onwards(request):
    """The page of ours that sent the person here, if any."""
    address = request.GET.get("next", "")
    return address if address.startswith("/") and url_has_allowed_host_and_scheme(address, allowed_hosts=None) else ""
