"""A person of the council who raises a dispute, page by page."""

import sys

import pytest
from django.core import mail

from escalation import pdfs
from tests.escalation.raise_pages import page, required_of


@pytest.fixture
def required(cast):
    """The four pages that are required, as somebody of the council types them."""
    return required_of(cast)


@pytest.fixture
def raiser(cast, client):
    client.force_login(cast.council_practitioner)
    return client


@pytest.fixture
def send(raiser, required):
    """A function that posts the required pages, with changes by page, and gives the last answer."""

    def sent(changes=None, pages=None, buttons=None):
        response = None
        for name, answers in {**required, **(changes or {})}.items():
            if pages is None or name in pages:
                response = raiser.post(page(name), {**required.get(name, {}), **answers, **(buttons or {})})
        return response

    return sent


@pytest.fixture
def mailbox(settings):
    """The mails that have been sent."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    mail.outbox = []
    return mail.outbox


@pytest.fixture
def without_pango(monkeypatch):
    """A machine on which WeasyPrint finds no Pango, and so cannot be loaded."""
    pdfs.weasyprint.cache_clear()
    monkeypatch.setitem(sys.modules, "weasyprint", None)
