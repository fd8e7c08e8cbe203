"""The register: a page of it, the views that people keep, and what is taken away as a file."""

from django.contrib import messages
from django.db import transaction
from django.http import FileResponse, Http404, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from escalation import exports, listing
from escalation.actions import exports as actions
from escalation.files import Failed
from escalation.forms.register import RegisterForm, ViewForm
from escalation.forms.search import WORDS
from escalation.models import Export, ExportKind, SavedView
from escalation.permissions import Conflict
from escalation.register import DEFAULT, LATEST, SORTS, Register, built_in, may_read
from escalation.storing import NotThere
from escalation.views.listed import address, at_hand

COLUMNS = {"time": "Time", "raised": "Raised", "ended": "Ended"}


class Asked:
    """What somebody asks of the register: whose views there are, the filters, their order."""

    def __init__(self, request, filters=None):
        self.request, self.user = request, request.user
        self.at = timezone.now()
        if not may_read(self.user, self.at):
            raise Http404("No such page.")
        self.key = "" if filters is not None else request.GET.get("s", "")
        agencies, kept, self.views = at_hand(self.user, self.at, self.key, with_views=True)
        if filters is None:
            filters = kept or in_address(request)
        self.form = RegisterForm(filters, agencies)
        sort = request.GET.get("sort")
        self.sort = sort if sort in SORTS else self.usual

    @property
    def filters(self):
        """The filters that are set, the words among them; none where one of them is wrong."""
        if not self.form.is_valid():
            return {}
        return {**self.form.chosen, **self.form.searched}

    @property
    def usual(self):
        """The order where none is asked for: of what was searched for, the latest first."""
        return LATEST if any(name in self.filters for name in WORDS) else DEFAULT

    @property
    def chosen(self):
        """The same for an address, where words stand under their key."""
        return {"s": self.key} if self.key else self.filters

    @property
    def register(self):
        return Register(self.user, self.filters, self.at, self.sort)

    def href(self, name="register", **more):
        """The address of a page with these filters in this order."""
        sort = {"sort": self.sort} if self.sort != self.usual else {}
        query = urlencode({**self.chosen, **sort, **more})
        return f"{reverse(name)}?{query}" if query else reverse(name)


def in_address(request):
    """The filters in an address, words excepted; as the dashboard says it, or as the form does."""
    given = {name: value for name, value in request.GET.items() if name not in WORDS}
    if given.get("past_target"):
        given.setdefault("state", "past")
    elif given.get("open"):
        given.setdefault("state", "open")
    return given


@require_http_methods(["GET", "HEAD", "POST"])
def register(request):
    """A page of the register."""
    asked = Asked(request, request.POST if request.method == "POST" else None)
    if request.method == "POST" and asked.form.is_valid():
        return redirect(f"{reverse('register')}{address(asked.form, asked.user, asked.at)}")
    found = asked.register
    page = found.page(request.GET.get("after", ""), request.GET.get("before", ""), "last" in request.GET)
    chosen = asked.filters
    views = [(name, filters, 0) for name, filters in built_in(asked.at)]
    views += [(name, filters, pk) for pk, name, filters in asked.views]
    context = {
        "form": asked.form,
        "rows": listing.lines(page.rows, asked.user, asked.at),
        "page": page,
        "is_filtered": bool(chosen),
        "order": found.order,
        "columns": {column: heading(asked, column) for column in COLUMNS},
        "views": [
            {
                "name": name,
                "href": f"{reverse('register')}?{urlencode(filters)}",
                "is_this": filters == chosen,
                "pk": pk,
            }
            for name, filters, pk in views
        ],
        "all": {"href": reverse("register"), "is_this": not chosen},
        "first": asked.href(),
        "before": asked.href(before=page.before) if page.before else "",
        "after": asked.href(after=page.after) if page.after else "",
        "last": asked.href(last=1) if page.after else "",
        "downloads": [(ExportKind.CSV, asked.href("register_csv")), (ExportKind.XLSX, asked.href("register_xlsx"))],
        "save": asked.href("save_view"),
    }
    return render(request, "escalation/register/register.html", context)


def heading(asked, column):
    """How a column is sorted now, and the address that sorts by it, or the other way round."""
    way = {column: "ascending", f"-{column}": "descending"}.get(asked.sort, "none")
    # Of what was raised or ended one looks for the latest first
    turned = {"ascending": f"-{column}", "descending": column}
    sort = turned.get(way, column if column == DEFAULT else f"-{column}")
    return {"way": way, "href": f"{reverse('register')}?{urlencode({**asked.chosen, 'sort': sort})}"}


# Views


@require_http_methods(["GET", "HEAD", "POST"])
def save_view(request):
    """Keep the filters of the address under a name."""
    asked = Asked(request)
    form = ViewForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and asked.form.is_valid() and form.is_valid():
        name = form.cleaned_data["name"]
        actions.save_view(name=name, filters=asked.form.chosen, by=request.user, at=asked.at)
        messages.success(request, f"The view “{name}” is saved.")
        query = urlencode(asked.form.chosen)
        return redirect(f"{reverse('register')}?{query}" if query else "register")
    chosen = [
        (field.label, shown(field)) for field in asked.form if field.name in asked.filters and field.name not in WORDS
    ]
    context = {
        "form": form,
        "chosen": chosen,
        "has_words": any(name in asked.filters for name in WORDS),
        "back": asked.href(),
    }
    return render(request, "escalation/register/save_view.html", context)


def shown(field):
    """The answer of a filter, in words."""
    choices = dict(getattr(field.field, "choices", ()))
    return choices.get(field.value(), field.value())


@require_POST
def delete_view(request, view_id):
    """Keep a view of one's own no longer."""
    view = SavedView.objects.filter(pk=view_id, person=request.user).first() if view_id < 2**63 else None
    if view is None or not may_read(request.user, timezone.now()):
        raise Http404("No such view.")
    view.delete()
    messages.success(request, f"The view “{view.name}” is deleted.")
    return redirect("register")


# Files


def asked_in_full(request):
    """What is asked for; nothing where a filter is wrong, and never more than was meant."""
    asked = Asked(request)
    if not asked.form.is_valid():
        raise Http404("No such filter.")
    return asked


@require_GET
def register_file(request, kind):
    """The rows as a file at once; where there are too many for that, a page that offers to have it made."""
    asked = asked_in_full(request)
    number = asked.register.count(exports.AT_ONCE + 1)
    if number > exports.AT_ONCE:
        context = {"kind": ExportKind(kind), "at_once": exports.AT_ONCE, "back": asked.href()}
        context["address"] = asked.href("ask_export", kind=kind)
        return render(request, "escalation/register/many.html", context)
    actions.note_export(by=asked.user, at=asked.at, kind=kind, rows=number)
    if kind == ExportKind.CSV:
        response = StreamingHttpResponse(exports.csv_lines(asked.register), content_type="text/csv; charset=utf-8")
    else:
        response = FileResponse(exports.xlsx_file(asked.register), content_type=exports.XLSX)
    return as_attachment(response, kind, asked.at)


def as_attachment(response, kind, at):
    response["Content-Disposition"] = f'attachment; filename="register-{at:%Y-%m-%d}.{kind}"'
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "no-store, private"
    return response


@require_POST
def ask_export(request):
    """Have a large file made by a worker."""
    kind, asked = request.GET.get("kind"), asked_in_full(request)
    if kind not in ExportKind.values:
        raise Http404("No such kind.")
    export = actions.ask_export(
        by=asked.user,
        at=asked.at,
        kind=kind,
        filters={**asked.filters, "sort": asked.sort},
        rows=asked.register.count(),
    )
    return redirect("export", export_id=export.pk)


def own_export(request, export_id):
    """An export that this person asked for, and may still have."""
    at = timezone.now()
    export = Export.objects.filter(pk=export_id, person=request.user).first() if export_id < 2**63 else None
    if export is None or not may_read(request.user, at) or export.asked_at < at - exports.LASTS:
        raise Http404("No such export.")
    return export, at


@require_GET
def export(request, export_id):
    """How far a file is, and the way to it once it is there; the page asks again by itself."""
    found, _ = own_export(request, export_id)
    context = {"export": found, "until": found.asked_at + exports.LASTS}
    response = render(request, "escalation/register/export.html", context)
    if not found.finished_at:
        response["Refresh"] = str(exports.ASK_AGAIN)
    return response


@require_GET
def export_file(request, export_id):
    """The file, which its asker alone can take; noted in the trail."""
    found, at = own_export(request, export_id)
    if not found.stored:
        raise Http404("Not made yet.")
    try:
        chunks = found.stored.storage.chunks(found.stored.name)
    except (NotThere, Failed) as error:
        raise Conflict("This file cannot be read at present. Ask for it again on the register.") from error
    with transaction.atomic():
        actions.note_export(by=request.user, at=at, kind=found.kind, rows=found.done, export=found)
    types = {ExportKind.CSV: "text/csv; charset=utf-8", ExportKind.XLSX: exports.XLSX}
    return as_attachment(StreamingHttpResponse(chunks, content_type=types[found.kind]), found.kind, at)
