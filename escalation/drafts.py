"""What is typed and not yet saved, kept on the server: an error, a closed tab or an expired session loses nothing.

- A page that acts on a dispute keeps one draft for each person: `keep`, `kept`, `drop`, under the name that
  `form_name` gives it. What is kept is `form.as_typed()`: texts by field name, as they were typed, not judged.
- Raising keeps a draft for each dispute begun, a page at a time, under the opaque key in its address; `data` holds
  the pages by name. Once the dispute is raised the draft is empty and points to it: a second click finds it there.
- A form carries a signed slip with its writer and its address (`slip`). What arrives without a session is kept
  for that writer and that page (middleware.py), and shown there again after signing in.
"""

import re
from functools import partial

from django.core import signing
from django.db import transaction

from agencies import rows
from agencies.models import User
from agencies.worded import Worded
from escalation import typed
from escalation.models import Dispute, Draft

RAISING = "raise"
SLIP = "typed_by"  # the name of the hidden field

# A tab that was left open over a long weekend is still known
SLIP_LASTS = 4 * 24 * 60 * 60
MOST_FIELDS = 200
MOST_CHARACTERS = 2_000_000  # of one text: a hundred times what any field takes
NOT_TYPED = re.compile(r"csrfmiddlewaretoken|typed_by|later|raise_now|.*password.*", re.IGNORECASE)
IN_ADDRESS = {"reference": "reference", "panel_id": "panel"}
FIELD_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,80}")


# Acts on a dispute


def form_name(match):
    """What the draft of a page is called: the page's URL name, with the ids in its address besides the dispute's."""
    ids = [str(value) for name, value in sorted(match.kwargs.items()) if name != "reference"]
    return ":".join([match.url_name, *ids])[:60]


def keep(person, form, at, data, dispute=None):
    """Keep what a person typed into a form, in place of what was kept before; `data` is `form.as_typed()`."""
    data = bounded(data)
    if not of(person, form, dispute).update(data=data, saved_at=at):
        Draft.objects.create(person=person, form=form, dispute=dispute, data=data, started_at=at, saved_at=at)


def kept(person, form, dispute=None):
    """What was kept, for the form's `as_typed`; empty where nothing was."""
    draft = of(person, form, dispute).order_by("-saved_at").first()
    return draft.data if draft else {}


def drop(person, form, dispute=None):
    """Forget what was kept: it is saved now, or thrown away."""
    of(person, form, dispute).delete()


def of(person, form, dispute=None):
    return Draft.objects.filter(person=person, form=form, dispute=dispute)


# Raising


def unfinished(person):
    """The disputes a person began to raise and did not finish, the latest first."""
    return Draft.objects.filter(person=person, form=RAISING, dispute=None).order_by("-saved_at")


def raising(person, key):
    """The draft under this key, or None; another's is nobody's."""
    return Draft.objects.filter(person=person, form=RAISING, key=key).select_related("dispute").first()


def is_anothers(person, key):
    """Whether the key is taken by somebody else, or for something else."""
    return Draft.objects.filter(key=key).exclude(person=person, form=RAISING).exists()


@transaction.atomic
def keep_page(person, key, page, at, data):
    """Keep what was typed on one page of raising, beside the other pages; the draft, or None for another's key."""
    Draft.objects.bulk_create(
        [Draft(key=key, person=person, form=RAISING, started_at=at, saved_at=at)], ignore_conflicts=True
    )
    draft = locked(person, key)
    if draft and not draft.dispute_id:
        draft.data[page] = bounded(data)
        draft.saved_at = at
        draft.save(update_fields=["data", "saved_at"])
    return draft


def locked(person, key):
    """The draft under this key, locked until the transaction ends; None where there is none."""
    return next(iter(_under_key(person=person.pk, key=key)), None)


@partial(Worded, is_prepared=True)
def _under_key(person, key):
    return Draft.objects.select_for_update(of=("self",)).filter(person=person, form=RAISING, key=key)


def spend(draft, dispute, at):
    """Empty a draft whose dispute is raised; it tells a second click where the dispute is."""
    draft.data, draft.dispute, draft.saved_at = {}, dispute, at
    rows.change(draft, "data", "dispute_id", "saved_at")


# What arrives after the session ended


def slip(person, path):
    """A signed slip saying who fills in the form at this address."""
    return signing.TimestampSigner(salt="draft").sign_object([person.pk, path])


def writer_of(slip, path):
    """The person whom a slip names, if it is genuine, recent and of this address; else None."""
    try:
        person, at_path = signing.TimestampSigner(salt="draft").unsign_object(slip, max_age=SLIP_LASTS)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    return User.objects.filter(pk=person, is_active=True).first() if at_path == path else None


def rescue(request, match, at):
    """Keep what came with a genuine slip and could not be taken; whether anything was kept."""
    writer = writer_of(request.POST.get(SLIP, ""), request.path)
    data = typed_in(request.POST) if writer else {}
    if not data:
        return False
    if match.url_name == "raise_page":
        return keep_page(writer, match.kwargs["key"], match.kwargs["page"], at, data) is not None
    if match.url_name == "after_event":
        keep(writer, match.url_name, at, data)
        return True
    # Of the pages of a dispute, and of its panel; others keep no drafts
    about = {field: match.kwargs[name] for name, field in IN_ADDRESS.items() if name in match.kwargs}
    dispute = Dispute.objects.visible_to(writer, at).filter(**about).first() if about else None
    if dispute is None:
        return False
    keep(writer, form_name(match), at, data, dispute)
    return True


def typed_in(post):
    """The fields of a posted form that somebody typed: no tokens, no passwords, no buttons."""
    return {
        name: values for name, values in post.lists() if FIELD_NAME.fullmatch(name) and not NOT_TYPED.fullmatch(name)
    }


def bounded(data):
    """Texts by field name as a database takes them, within bounds nobody reaches by typing."""
    few = list(data.items())[:MOST_FIELDS]
    return {
        name: [typed.without_traps(str(text)[:MOST_CHARACTERS]) for text in list(values)[:MOST_FIELDS]]
        for name, values in few
    }
