"""Everything to file of one dispute in one archive: sealed records, evidence, digests, an index (R16).

- The archive is written whole into a temporary file, in memory up to a few megabytes and on disk above, and only then
  sent: what is missing, or is not what was kept, is said on a page, and nobody saves half an archive.
- A file goes from the storage into the archive by chunks, however large it is.
- No name in the archive is taken from anybody: a number, a kind and an ending. The index tells what each was called.
- `SHA256SUMS` is what `sha256sum -c` reads. A record's JSON has the digest that its print bears at the foot.
"""

import contextlib
import hashlib
import json
import logging
import re
import tempfile
import zipfile
from dataclasses import dataclass

from django.conf import settings
from django.db.models import Prefetch
from django.template.loader import render_to_string

from escalation import files, pdfs
from escalation.models import Evidence, StoredFile
from escalation.moments import in_london
from escalation.stages import stage_name

logger = logging.getLogger(__name__)

FORM = 1  # the shape of the manifest
IN_MEMORY = 4 * 1024 * 1024
ENDING = re.compile(r"\.([a-z0-9]{1,8})$")


class CannotPack(Exception):
    """The archive was not made; the text is a sentence for whoever asked for it."""


@dataclass(frozen=True)
class Member:
    """One file in the archive."""

    name: str
    size: int
    sha256: str


class Pack:
    """The archive of a dispute, for whoever downloads it: `file`, and the StoredFiles it holds (`released`)."""

    def __init__(self, dispute, records, *, at):
        """Write it; `records` are the sealed ones by stage. Raises CannotPack, or pdfs.CannotMakePdf."""
        self.dispute, self.at = dispute, at
        self.members, self.released = [], []
        # Closed with the answer that sends it
        self.file = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY, dir=settings.FILE_UPLOAD_TEMP_DIR)  # noqa: SIM115 - closed by whoever reads it to its end
        try:
            with zipfile.ZipFile(self.file, "w") as self._zip:
                self._write(records)
            self.file.seek(0)
        except OSError as error:
            self.file.close()
            logger.error("a pack was not made: %s", type(error).__name__)
            raise CannotPack(
                "There is no room here to make the archive, so it was not made. Each record can still be downloaded by "
                "itself. Try again later; if it stays so, tell the people who look after Resolve."
            ) from error
        except BaseException:
            self.file.close()
            raise

    def _write(self, records):
        sealed = [self._record(number, record) for number, record in records.items()]
        evidence = [self._item(number, item) for number, item in enumerate(evidence_of(self.dispute), 1)]
        context = {
            "board": settings.BOARD_NAME,
            "dispute": self.dispute,
            "at": self.at,
            "records": sealed,
            "latest": sealed[-1],
            "evidence": evidence,
        }
        self._text("index.html", render_to_string("pack/index.html", context))
        self._text("manifest.json", self._manifest(sealed, evidence))
        sums = "".join(f"{member.sha256}  {member.name}\n" for member in self.members)
        self._text("SHA256SUMS", sums)

    def _record(self, number, record):
        """A record as it prints, and as it was sealed."""
        if not record.is_intact:
            raise CannotPack(
                f"What is kept of {stage_name(number)} does not match its seal, so no archive is made. "
                "Tell the people who look after Resolve."
            )
        name = f"records/stage-{number}"
        return {
            "stage": number,
            "sealed_at": record.sealed_at,
            "seal": record.digest,
            "pdf": self._add(f"{name}.pdf", [pdfs.sealed(record, at=self.at)], record.sealed_at),
            "json": self._text(f"{name}.json", record.content, record.sealed_at),
        }

    def _item(self, number, item):
        """An item of evidence with its files: those that may be opened are added, of the others it is said why not."""
        listed = []
        for place, file in enumerate(item.files.all(), 1):
            member, why = None, why_left_out(item, file)
            if not why:
                more = f"-{place}" if place > 1 else ""
                name = f"evidence/{number:02}{more}-{item.kind.replace('_', '-')}.{ending(file.name)}"
                member = self._add(name, self._checked(file), file.received_at)
                self.released.append(file)
            listed.append({"file": file, "member": member, "why": why})
        return {"number": number, "item": item, "files": listed}

    def _checked(self, file):
        """The content of a stored file by chunks; CannotPack where it is not what was received."""
        digest = hashlib.sha256()
        try:
            with contextlib.closing(files.stream(file)) as chunks:
                for chunk in chunks:
                    digest.update(chunk)
                    yield chunk
        except (files.Missing, files.Failed) as missing:
            raise self._not_as_received(file) from missing
        if digest.hexdigest() != file.sha256:
            raise self._not_as_received(file)

    def _not_as_received(self, file):
        logger.error("file %s of dispute %s is missing or altered", file.pk, self.dispute.pk)
        return CannotPack(
            f"“{file.name}” is not there as it was received, so no archive is made. Each record can still be "
            "downloaded by itself. Tell the people who look after Resolve."
        )

    def _text(self, name, text, at=None):
        return self._add(name, [text.encode()], at or self.at, zipfile.ZIP_DEFLATED)

    def _add(self, name, chunks, at, how=zipfile.ZIP_STORED):
        """Write one file; what is sent is packed already, so only texts are made smaller."""
        entry = zipfile.ZipInfo(name, in_london(at).timetuple()[:6])
        entry.compress_type, entry.external_attr = how, 0o644 << 16
        digest, size = hashlib.sha256(), 0
        with self._zip.open(entry, "w", force_zip64=True) as target:
            for chunk in chunks:
                digest.update(chunk)
                size += len(chunk)
                target.write(chunk)
        self.members.append(Member(name, size, digest.hexdigest()))
        return self.members[-1]

    def _manifest(self, records, evidence):
        manifest = {
            "form": FORM,
            "board": settings.BOARD_NAME,
            "reference": self.dispute.reference,
            "made_at": self.at.isoformat(),
            "records": [
                {
                    "stage": each["stage"],
                    "sealed_at": each["sealed_at"].isoformat(),
                    "seal": each["seal"],
                    "files": [vars(each["pdf"]), vars(each["json"])],
                }
                for each in records
            ],
            "evidence": [
                {
                    "number": each["number"],
                    "kind": each["item"].get_kind_display(),
                    "dated_on": each["item"].dated_on and each["item"].dated_on.isoformat(),
                    "agency": each["item"].agency.name,
                    "added_at": each["item"].added_at.isoformat(),
                    "after_the_end": each["item"].is_late,
                    "removed": each["item"].removed_at is not None,
                    "files": [of_file(**listed) for listed in each["files"]],
                }
                for each in evidence
            ],
        }
        return json.dumps(manifest, ensure_ascii=False, indent=1) + "\n"


def evidence_of(dispute):
    """The evidence of a dispute with its files, as it was added."""
    items = Evidence.objects.filter(dispute=dispute).select_related("agency", "by", "removed_by")
    return items.prefetch_related(Prefetch("files", StoredFile.objects.order_by("pk")))


def why_left_out(item, file):
    """Why a file is not in the archive; "" where it is."""
    if item.removed_at:
        return "Removed, so it is not in this archive"
    return "" if file.is_released else f"Not in this archive: {file.get_state_display().lower()}"


def ending(name):
    """The ending of a file's name, if it is a plain one."""
    found = ENDING.search(name.lower())
    return found[1] if found else "bin"


def of_file(file, member, why):
    """What the manifest says of a file."""
    said = {"called": file.name, "content_type": file.content_type, "checked": file.get_state_display()}
    return {**said, **(vars(member) if member else {"left_out": why})}
