"""The pages of a link: for somebody without an account, who proves by a code that the address of the link is theirs.

- Opening the page spends nothing: scanners of mail open links too. A code is sent when somebody asks for one.
- The right code gives a cookie that goes to this link's pages alone and is no sign-in. It names the opening, which
  counts for thirty minutes; whether the link still works is asked anew for each page.
- Whoever is signed in here as well is nobody on these pages: what a link shows hangs on the link alone.
"""

from functools import wraps

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.models import AnonymousUser
from django.core import signing
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.datastructures import MultiValueDict
from django.views.decorators.http import require_http_methods

from escalation import actions, appendix_b, drafts, link_mail, links, on_record, pdfs, replying
from escalation.actions.links import Over
from escalation.forms.links import EnterCode, WriteReply
from escalation.models import Dispute, Link, LinkCode, LinkDraft, Record
from escalation.moments import on_moment
from escalation.permissions import ByLink, Conflict
from escalation.views.records import attachment, cannot

COOKIE = "opening"
SALT = "escalation.links.opening"


def link_page(view):
    """A page of a link: 404 for an unknown key, 410 where the link is over; never kept, never indexed."""

    @login_not_required
    @require_http_methods(["GET", "HEAD", "POST"])
    @wraps(view)
    def page(request, key, *args, **kwargs):
        request.user = AnonymousUser()
        at = timezone.now()
        link = Link.objects.select_related("dispute", "agency", "made_for", "copy__record__stage").filter(key=key)
        link = link.first()
        if link is None:
            raise Http404("No such link.")
        try:
            response = view(request, link, at, *args, **kwargs) if link.is_working(at) else over(request, link, at)
        except Over:
            link.refresh_from_db()
            response = over(request, link, at)
        response.headers["Cache-Control"] = "no-store"
        response.headers["X-Robots-Tag"] = "noindex, nofollow"
        return response

    return page


def over(request, link, at):
    """What a link says that works no more: whom to ask, and nothing of the dispute."""
    since = on_moment(link.used_at or link.withdrawn_at or link.expires_at, at)
    return render(request, "escalation/links/over.html", {"link": link, "at": at, "since": since}, status=410)


def opening_of(request, link, at):
    """The opening in which this browser reads the link now, or None; `was_open` tells of one that is over."""
    try:
        pk = int(request.get_signed_cookie(COOKIE, salt=SALT + link.key, max_age=links.KNOWN_FOR))
    except (KeyError, ValueError, signing.BadSignature):
        return None
    return LinkCode.objects.filter(pk=pk, link=link, used_at__isnull=False).first()


def is_open(opening, at):
    return opening is not None and at < opening.used_at + links.OPEN_FOR


def show(request, template, link, at, status=200, **context):
    context = {"link": link, "at": at, "masked": links.masked(link.email), **context}
    return render(request, f"escalation/links/{template}.html", context, status=status)


@link_page
def link(request, link, at):
    """What a link opens: the record, or what its agency is to answer; before its code, where to ask for one."""
    opening = opening_of(request, link, at)
    if not is_open(opening, at):
        return show(request, "closed", link, at, is_kept=LinkDraft.objects.filter(link=link).exists() and opening)
    closes_at = opening.used_at + links.OPEN_FOR
    if not link.is_for_reply:
        record = link.copy.record
        if not record.is_intact:
            return show(request, "altered", link, at, status=409)
        return show(request, "record", link, at, data=record.data, record=record, closes_at=closes_at)
    dispute, position = standing(link, at)
    stage = next(stage for stage in dispute.stages.all() if stage.number == dispute.stage)
    context = {
        "dispute": dispute,
        "data": appendix_b.contents(dispute, stage, at=at),
        "records": [row.record for row in dispute.stages.all() if hasattr(row, "record")],
        "asked": replying.asked(position),
        "is_kept": LinkDraft.objects.filter(link=link).exists(),
        "closes_at": closes_at,
    }
    return show(request, "asked", link, at, **context)


def standing(link, at):
    """The dispute as it stands, and where the link's person stands in it."""
    dispute = Dispute.objects.get(pk=link.dispute_id)
    on_record.read(dispute)
    return dispute, ByLink(link, dispute, at)


@link_page
def link_code(request, link, at):
    """Ask for a code (`send`), or enter it; looking at the page does neither."""
    if "send" in request.POST:
        return send_code(request, link, at)
    form = EnterCode(request.POST if request.method == "POST" else None)
    if form.is_valid():
        opening, left = actions.open_link(link=link, code=form.cleaned_data["code"], at=at)
        if opening:
            return opened(link, opening)
        form.add_error("code", wrong(left))
    return show(request, "code", link, at, form=form, minutes=int(links.CODE_LASTS.total_seconds() // 60))


def send_code(request, link, at):
    try:
        row, code = actions.ask_code(link=link, at=at)
    except Over:
        raise
    except Conflict as refusal:
        return show(request, "closed", link, at, status=429, sentence=str(refusal))
    if not link_mail.send_code(link, link.dispute.reference, code):
        row.delete()  # nobody has it
        sentence = "The email with the code could not be sent just now. Nothing is lost: try again in a minute."
        return show(request, "closed", link, at, status=503, sentence=sentence)
    return redirect("link_code", key=link.key)


def wrong(left):
    """What to do after a wrong code."""
    if left:
        return f"This is not the code. You can try {'once' if left == 1 else f'{left} times'} more"
    return "This code is used up or out of date. Ask for a fresh one"


def opened(link, opening):
    """To what the link opens, with the cookie that goes there alone."""
    response = redirect("link", key=link.key)
    response.set_signed_cookie(
        COOKIE,
        opening.pk,
        salt=SALT + link.key,
        max_age=links.KNOWN_FOR,
        path=reverse("link", kwargs={"key": link.key}),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Strict",
    )
    return response


@link_page
def link_record(request, link, at, stage):
    """A sealed record as PDF: the one of a link to read, any of the dispute's where a reply is asked."""
    if not is_open(opening_of(request, link, at), at):
        return redirect("link", key=link.key)
    records = Record.objects.filter(stage__dispute=link.dispute_id, stage__number=stage)
    if not link.is_for_reply:
        records = records.filter(pk=link.copy.record_id)
    record = records.first()
    if record is None:
        raise Http404("No such record.")
    try:
        pdf = pdfs.sealed(record, at=at)
    except pdfs.CannotMakePdf:
        return cannot(request)
    except pdfs.Altered:
        return show(request, "altered", link, at, status=409)
    actions.take_record(link=link, stage=stage, at=at)
    return attachment(pdf, f"{link.dispute.reference}-stage-{stage}.pdf")


@link_page
def link_reply(request, link, at):
    """Write the reply; what is typed is kept, whatever happens, until it is sent."""
    opening = opening_of(request, link, at)
    if not link.is_for_reply:
        raise Http404("This link is for reading.")
    if not is_open(opening, at):
        if request.method == "POST" and opening:
            keep(request, link, at)
        return redirect("link", key=link.key)
    _, position = standing(link, at)
    asked = replying.asked(position)
    if asked.is_nothing:
        return redirect("link", key=link.key)
    if request.method == "POST":
        keep(request, link, at)
        form = WriteReply(request.POST, asked=asked, at=at)
        if form.is_valid():
            return redirect("link_check", key=link.key)
    else:
        form = WriteReply(asked=asked, at=at, as_typed=kept(link))
    return show(request, "reply", link, at, form=form, asked=asked, dispute=position.dispute)


@link_page
def link_check(request, link, at):
    """Check the answers, and send them: once."""
    if not link.is_for_reply:
        raise Http404("This link is for reading.")
    if not is_open(opening_of(request, link, at), at):
        return redirect("link", key=link.key)
    _, position = standing(link, at)
    asked, draft = replying.asked(position), kept(link)
    form = WriteReply(MultiValueDict(draft), asked=asked, at=at)
    if not draft or not form.is_valid():
        return redirect("link_reply", key=link.key)
    context = {"form": None, "rows": form.rows(), "asked": asked, "dispute": position.dispute}
    if request.method != "POST":
        return show(request, "check", link, at, **context)
    try:
        actions.send_reply(link=link, at=at, seen=request.POST.get("seen", ""), **form.reply())
    except Over:
        raise
    except Conflict as refusal:
        return show(request, "check", link, at, status=409, sentence=str(refusal), **context)
    return redirect("link", key=link.key)


def keep(request, link, at):
    actions.keep_reply(link=link, at=at, data=drafts.bounded(drafts.typed_in(request.POST)))


def kept(link):
    draft = LinkDraft.objects.filter(link=link).first()
    return draft.data if draft else {}
