"""Pages about who has a copy of the record, and about the links by which people without an account read and reply."""

from django.db.models import Prefetch

from agencies.models import Notice
from escalation import actions, replying
from escalation.actions.copies import refuse_over, refuse_unsealed
from escalation.actions.links import refuse_confirmed
from escalation.forms import copies as forms
from escalation.models import Copy, Entry, Link, LinkCode, Party, Record, Response
from escalation.notices import LINK
from escalation.offers import made
from escalation.permissions import Conflict
from escalation.views.asking import Page

LINKS = Prefetch(
    "links",
    Link.objects.select_related("agency", "made_for", "made_by", "withdrawn_by", "copy__agency", "reply__confirmed_by"),
)
COPIES = Prefetch("copies", Copy.objects.select_related("agency", "by", "record__stage"))
OPENINGS = Prefetch("links__codes", LinkCode.objects.exclude(used_at=None).order_by("used_at"), to_attr="openings")
MOVES = ("record_copy", "make_link", "ask_reply", "withdraw_link", "confirm_reply")


def copies(request, reference):
    """Who has a copy, when and how; and each link, how it stands and when it was opened (R19)."""
    page = Page(request, reference, COPIES, LINKS, OPENINGS, "stages")
    dispute, at = page.dispute, page.at
    links = dispute.links.all()
    refused = refused_links(dispute)
    positions = (page.position, *page.position.as_deputy) if len(page.position.seats) < 2 else ()
    offered = {name: [offer for each in positions for offer in made(name, each, at)] for name in MOVES}
    withdrawals = {offer.subject[1]: offer for offer in offered["withdraw_link"]}
    confirmations = {offer.subject[1]: offer for offer in offered["confirm_reply"]}
    shown = [
        {
            "link": link,
            "is_working": link.is_working(at),
            "is_refused": link.pk in refused,
            "withdraw": withdrawals.get(link.pk),
            "confirm": confirmations.get(link.reply.pk) if hasattr(link, "reply") else None,
        }
        for link in links
    ]
    return page.show(
        "copies",
        here="copies",
        copies=dispute.copies.all(),
        readers=[each for each in shown if not each["link"].is_for_reply],
        repliers=[each for each in shown if each["link"].is_for_reply],
        may=[offer for move in MOVES[:3] for offer in offered[move][:1]],
        is_sealed=any(stage.ended_at for stage in dispute.stages.all()),
    )


def refused_links(dispute):
    """Ids of the links whose email a mail server refused for good."""
    events = (
        Notice.objects.filter(thread=dispute.pk, kind=LINK).exclude(refused_at=None).values_list("event", flat=True)
    )
    return {int(event.partition(":")[2]) for event in events}


def record_copy(request, reference):
    """Record who has a copy: people by account, or one typed name."""
    page = Page(request, reference)
    page.check("record_copy")
    if aside := page.ask(forms.RecordCopy):
        return aside
    if page.is_answered():
        made = page.act(actions.record_copy, dispute=page.dispute, seen_stage=page.seen_stage, **page.form.copy())
        names = " and ".join(copy.name for copy in made)
        return page.done(f"It is recorded that {names} {'have' if len(made) > 1 else 'has'} a copy.")
    return page.show(title="Record who has a copy")


def make_link(request, reference):
    """Give an outsider one sealed record by a link."""
    page = Page(request, reference)
    page.check("make_link")
    sealed = list(Record.objects.filter(stage__dispute=page.dispute).select_related("stage").order_by("-stage__number"))
    with page.keeping():
        refuse_unsealed(sealed[0] if sealed else None)
    if aside := page.ask(forms.MakeLink, sealed):
        return aside
    if page.is_answered():
        given = {name: page.form.cleaned_data[name] for name in ("name", "job_title", "organisation", "email")}
        link = page.act(actions.make_link, dispute=page.dispute, record=page.form.chosen(), **given)
        return page.done(f"A link is on its way to {link.name}. It works for seven days.")
    return page.show(title="Give somebody a copy by a link")


def ask_reply(request, reference):
    """Ask an agency concerned without accounts to reply by a link."""
    page = Page(request, reference, "links")
    page.check("ask_reply")
    agencies = replying.to_ask(page.position, page.at)
    with page.keeping():
        if not agencies:
            raise Conflict("Each other agency concerned has somebody with an account, or has a link already.")
    if aside := page.ask(forms.AskReply, agencies):
        return aside
    if page.is_answered():
        given = {name: page.form.cleaned_data[name] for name in ("agency", "name", "job_title", "email")}
        link = page.act(actions.ask_reply, dispute=page.dispute, **given)
        return page.done(f"A link is on its way to {link.name}. It works for seven days, until the reply is sent.")
    return page.show(title="Ask an agency without accounts to reply by a link")


def withdraw_link(request, reference, link_id):
    """Withdraw a link of one's own agency."""
    page = Page(request, reference, LINKS)
    link = page.find(page.dispute.links.all(), link_id)
    page.check("withdraw_link", link, any_stage=True)
    with page.keeping():
        refuse_over(link, page.at)
    if aside := page.ask(forms.WithdrawLink, link):
        return aside
    if page.is_answered():
        page.act(actions.withdraw_link, link=link)
        return page.done(f"The link of {link.name} is withdrawn: it opens nothing any more.")
    return page.show("withdraw_link", title=f"Withdraw the link of {link.name}?", link=link)


def confirm_reply(request, reference, reply_id):
    """Confirm what an agency gave by a link, having read it."""
    page = Page(request, reference, LINKS)
    replies = [link.reply for link in page.dispute.links.all() if hasattr(link, "reply")]
    reply = page.find(replies, reply_id)
    page.check("confirm_reply", reply, any_stage=True)
    with page.keeping():
        refuse_confirmed(reply)
    if aside := page.ask(forms.ConfirmReply, reply):
        return aside
    if page.is_answered():
        page.act(actions.confirm_reply, reply=reply)
        return page.done(f"The reply of {reply.link.agency} is confirmed.")
    title = f"Confirm the reply of {reply.link.agency}"
    return page.show("confirm_reply", title=title, reply=reply, **given_by(reply.link))


def given_by(link):
    """What stands in a dispute because of a link."""
    return {
        "view": Party.objects.filter(view_link=link).select_related("agency").first(),
        "entry": Entry.objects.filter(link=link).select_related("discussion").first(),
        "response": Response.objects.filter(link=link).select_related("proposal").first(),
    }
