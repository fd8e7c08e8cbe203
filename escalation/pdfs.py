"""Appendix B as PDF: tagged (PDF/UA-1), printed from a record's data alone (R22).

WeasyPrint draws with Pango, a library of the machine. Without it the application starts all the same, and only the
pages that make a PDF say what is missing. Nothing is fetched: what is printed cannot read files or call anybody.
"""

import importlib
import threading
from functools import cache

from django.conf import settings
from django.template.loader import render_to_string

from escalation import appendix_b
from escalation.models import RenderedRecord

DIGEST_SHOWN = 12
# One document at a time in a process: Pango's fonts are shared by its threads
_drawing = threading.Lock()


class CannotMakePdf(Exception):
    """This machine lacks what makes PDFs."""


class Altered(Exception):
    """What is kept of a record does not match its seal."""


def sealed(record, *, at):
    """The PDF of a sealed record: drawn when first asked for, then always the same bytes."""
    kept = RenderedRecord.objects.filter(record=record).first()
    if kept is None:
        if not record.is_intact:
            raise Altered
        pdf = draw(data=record.data, digest=record.digest[:DIGEST_SHOWN], sealed_at=record.sealed_at.isoformat())
        # Two who ask at once: the first one's stays
        RenderedRecord.objects.bulk_create(
            [RenderedRecord(record=record, pdf=pdf, rendered_at=at)], ignore_conflicts=True
        )
        kept = RenderedRecord.objects.get(record=record)
    return bytes(kept.pdf)


def as_it_stands(dispute, stage, *, at):
    """The PDF of the stage under way as it stands at this instant, marked as not sealed, and never kept."""
    return draw(data=appendix_b.contents(dispute, stage, at=at))


def blank():
    """The empty form."""
    return draw(data={"board": settings.BOARD_NAME}, is_blank=True)


def draw(**context):
    """A document of the Appendix B template as bytes."""
    return document("pdfs/appendix_b.html", **context)


def document(template, **context):
    """What a template of `templates/pdfs/` prints, as the bytes of a tagged PDF."""
    printer = weasyprint()
    page = render_to_string(template, context)
    with _drawing:
        fetcher = printer.urls.URLFetcher(allowed_protocols=["data"])
        drawn = printer.HTML(string=page, url_fetcher=fetcher)
        return drawn.write_pdf(pdf_variant="pdf/ua-1", font_config=_fonts())


@cache
def weasyprint():
    """WeasyPrint, loaded for the first PDF of a process: it takes 27 MiB, which most processes never need."""
    try:
        return importlib.import_module("weasyprint")
    except (ImportError, OSError) as error:  # Pango is not on this machine
        raise CannotMakePdf from error


@cache
def _fonts():
    return weasyprint().text.fonts.FontConfiguration()
