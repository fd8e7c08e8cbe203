"""The register as a file: its columns, cells that no spreadsheet takes for a formula; CSV and XLSX."""

import contextlib
import csv
import datetime as dt
import importlib
import io
import tempfile

from escalation import listing
from escalation.models import ExportKind
from escalation.moments import in_london

AT_ONCE = 5000  # rows; more are made by a worker
BATCH = 250
LASTS = dt.timedelta(days=1)
ASK_AGAIN = 5  # seconds
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LONGEST_CELL = 32_767  # what a spreadsheet holds; XlsxWriter would leave out a longer one
CUT = " [cut here: longer than a cell can be]"
FORMULA = tuple("=+-@\t\r\n＝＋－＠")
HEAD = (
    "Reference", "Adult", "Date of birth", "Stage", "Raised by", "With", "Category", "Urgency", "Raised", "Target",
    "Time", "Independent Chair informed", "Waits for", "Ended", "Ended how", "Why so",
)  # fmt: skip

# What the cells and the order are made of, and nothing else: whole disputes hold long texts
COLUMNS = (
    "reference", "adult_name", "adult_born_on", "stage", "category", "urgency", "raised_at", "target_at",
    "target_stopped", "needed_by_on", "ended_at", "outcome", "outcome_reason",
)  # fmt: skip


def cells(row):
    """A line of the register: texts, and London's dates and times."""
    dispute = row.dispute
    return [
        dispute.reference,
        dispute.adult_name,
        dispute.adult_born_on,
        dispute.stage_word.capitalize(),
        row.raising,
        ", ".join(row.others),
        dispute.get_category_display(),
        dispute.get_urgency_display(),
        local(dispute.raised_at),
        None if dispute.target_stopped else local(dispute.target_at),
        row.clock.words,
        local(dispute.chair_informed_at),
        row.waits_for,
        local(dispute.ended_at),
        dispute.get_outcome_display(),
        dispute.outcome_reason,
    ]


def local(instant):
    return in_london(instant).replace(tzinfo=None, second=0, microsecond=0) if instant else None


def harmless(text):
    """A text that no spreadsheet takes for a formula, not longer than a cell can be."""
    if text.startswith(FORMULA) or text.lstrip().startswith(FORMULA):
        text = f"'{text}"
    return text if len(text) <= LONGEST_CELL else text[: LONGEST_CELL - len(CUT)] + CUT


def lines(register, progress):
    """The cells of every row, read some at a time; `progress` is told after each how many there were."""
    done = 0
    for batch in register.batches(BATCH, COLUMNS):
        for row in listing.lines(batch, None, register.at):  # in a file nobody is "you"
            yield cells(row)
            done += 1
            progress(done)


def csv_lines(register, progress=lambda done: None):
    """The file as texts to send one after the other; UTF-8 with the mark by which Excel knows it."""
    sheet = io.StringIO("\ufeff")
    sheet.seek(0, io.SEEK_END)
    writer = csv.writer(sheet)
    writer.writerow(HEAD)
    for number, line in enumerate(lines(register, progress), 1):
        writer.writerow(map(in_csv, line))
        if number % BATCH == 0:
            yield sheet.getvalue()
            sheet.seek(0)
            sheet.truncate()
    yield sheet.getvalue()


def in_csv(value):
    if isinstance(value, dt.datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    return harmless(value) if isinstance(value, str) else value


def xlsx_file(register, progress=lambda done: None):
    """The file, open and at its start; rows go to the disk as they are written."""
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    xlsxwriter = importlib.import_module("xlsxwriter")  # large, and few processes need it
    with _begun() as file, xlsxwriter.Workbook(file, options) as book:
        sheet = book.add_worksheet("Register")
        bold = book.add_format({"bold": True})
        day, moment = (book.add_format({"num_format": form}) for form in ("d mmm yyyy", "d mmm yyyy hh:mm"))
        sheet.freeze_panes(1, 2)
        sheet.set_column(0, len(HEAD) - 1, 18)
        sheet.write_row(0, 0, HEAD, bold)
        for number, line in enumerate(lines(register, progress), 1):
            for column, value in enumerate(line):
                if isinstance(value, dt.date):
                    sheet.write_datetime(number, column, value, moment if isinstance(value, dt.datetime) else day)
                elif value:
                    sheet.write_string(number, column, harmless(value))
    file.seek(0)
    return file


def csv_file(register, progress=lambda done: None):
    """The same lines in a file, open and at its start."""
    with _begun() as file:
        for text in csv_lines(register, progress):
            file.write(text.encode())
    file.seek(0)
    return file


@contextlib.contextmanager
def _begun():
    """A file without a name, for whoever asks to close; closed, and so gone, where it is not written to its end."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 - closed by whoever reads it to its end
    try:
        yield file
    except BaseException:
        file.close()
        raise


def written(kind, register, progress):
    return csv_file(register, progress) if kind == ExportKind.CSV else xlsx_file(register, progress)
