"""Links for people without an account: keys, codes, and how long each is good. No HTTP, no database.

A link's key opens nothing by itself. Each opening asks for a code, which goes to the address of the link, is good once,
for a few minutes and a few attempts, and is kept as a digest under the application's secret: whoever reads the table
cannot try out a million codes against it.
"""

import secrets
from datetime import timedelta

from django.utils.crypto import constant_time_compare, salted_hmac

LASTS = timedelta(days=7)
CODE_LASTS = timedelta(minutes=10)
OPEN_FOR = timedelta(minutes=30)
KNOWN_FOR = timedelta(hours=12)  # how long what is typed into an opening that is over is still kept
MOST_ATTEMPTS = 5
# Five wrong attempts at each of these stay far below one code in a thousand, whoever tries all week
MOST_CODES = ((timedelta(hours=1), 5), (timedelta(days=1), 20))
DIGITS = 6


def new_key():
    """The opaque part of a link's address: 43 characters, 256 bits."""
    return secrets.token_urlsafe(32)


def new_code():
    """Six digits, drawn anew for each opening."""
    return f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"


def digest_of_code(key, code):
    """What is kept of a code of the link with this key."""
    return salted_hmac("escalation.links.code", f"{key}:{code}", algorithm="sha256").hexdigest()


def is_code(digest, key, typed):
    """Whether what was typed is the code; it takes as long for a wrong one as for the right one."""
    return constant_time_compare(digest, digest_of_code(key, typed))


def masked(email):
    """An address as a reminder to whoever knows it: "j…@larchhouse.example"."""
    name, _, domain = email.rpartition("@")
    return f"{name[:1]}…@{domain}"


def may_send(sent, at):
    """Whether another code may leave, given when those before left."""
    return all(sum(each > at - within for each in sent) < most for within, most in MOST_CODES)
