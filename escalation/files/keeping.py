"""How files are kept: under generated names, in the storage "evidence", as they were sent."""

import contextlib
import hashlib
import logging
from dataclasses import dataclass, fields
from datetime import timedelta

from django.conf import settings
from django.core.files.storage import storages

from escalation.files.checking import Accepted
from escalation.models import Export, FileState, StagedFile, StoredFile
from escalation.models.evidence import stored_name
from escalation.storing import Failed, NotThere, Reading

logger = logging.getLogger(__name__)

LEFT_OVER = timedelta(days=1)


class CannotKeep(Exception):
    """The storage did not take a file: no room, or it is away. Says so in words for whoever sent it."""


class Missing(Exception):
    """What was kept is not there, or is not what was kept."""


@dataclass(frozen=True)
class Kept(Accepted):
    """A file in the storage, and the name it has there."""

    stored: str

    def fields(self):
        """What a StoredFile says of it, besides whose it is and when it came."""
        return {
            "name": self.name,
            "stored": self.stored,
            "size": self.size,
            "sha256": self.sha256,
            "content_type": self.content_type,
            "has_location": self.has_location,
            "state": FileState.CHECKING if settings.CLAMD_URL else FileState.UNSCANNED,
        }


def storage():
    return storages["evidence"]


@contextlib.contextmanager
def keeping(accepted):
    """Put files into the storage; gives [Kept]. If what follows is refused or fails, all are taken out again.

    Around the action, not inside its transaction: nobody's lock waits for a slow storage, and what is rolled back
    leaves nothing behind. Raises CannotKeep before anything else is done.
    """
    kept = []
    try:
        for each in accepted:
            kept.append(_put(each))
        yield kept
    except BaseException:
        for each in kept:
            _take_out_again(each.stored)
        raise


def _put(accepted):
    name = stored_name(None, accepted.name)
    try:
        storage().put(name, accepted.upload.file)
    except Failed as error:
        logger.error("the storage of evidence took no file: %s", error)
        _take_out_again(name)
        raise CannotKeep(
            f"{accepted.name} could not be kept: the server has no room for it, or its storage is away. Nothing was"
            " added. Tell whoever runs Resolve, and add it again later."
        ) from error
    return Kept(**{field.name: getattr(accepted, field.name) for field in fields(Accepted)}, stored=name)


def _take_out_again(name):
    try:
        storage().take_out(name)
    except Failed as error:  # `clear_left_over` does it later
        logger.error("a file that was not kept is still in the storage of evidence: %s", error)


def stream(file):
    """The content of a StoredFile by chunks. Raises Missing before the first; ends early if it was altered."""
    if not file.stored:
        raise Missing
    try:
        chunks = storage().chunks(file.stored.name)
    except (NotThere, Failed) as error:
        logger.error("file %s cannot be read: %s %s", file.pk, type(error).__name__, error)
        raise Missing from error
    return Reading(_verified(file, chunks), chunks.close)


def _verified(file, chunks):
    """The chunks, the last one only when the whole is what was received: a part is no evidence."""
    digest, last = hashlib.sha256(), b""
    with contextlib.closing(chunks):
        for chunk in chunks:
            digest.update(chunk)
            if last:
                yield last
            last = chunk
    if digest.hexdigest() != file.sha256:
        logger.error("file %s is not what was received", file.pk)
        raise Missing
    yield last


def remove(file):
    """Take the content of a StoredFile or StagedFile out of the storage; Failed where that is away."""
    if file.stored:
        take_out(file.stored.name)


def put(name, file):
    """Keep what was made here under a new name; Failed where that cannot be."""
    storage().put(name, file)


def take_out(name):
    storage().take_out(name)


def clear_left_over(at):
    """Take out what no row knows since a day: of a process that was killed between storage and database."""
    number = 0
    for name, came_at in storage().each():
        if came_at < at - LEFT_OVER and not any(
            rows.objects.filter(stored=name).exists() for rows in (StoredFile, StagedFile, Export)
        ):
            _take_out_again(name)
            number += 1
    return number
