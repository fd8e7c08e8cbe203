"""Where evidence is stored: a folder or a bucket, which answer alike (`put`, `chunks`, `take_out`, `each`).

Beside `files`, not in it: models name a storage, and `files` imports models.
"""

CHUNK = 64 * 1024


class Failed(Exception):
    """The storage did not do it: no room, no right, no answer."""


class NotThere(Exception):
    """Nothing is kept under this name."""


class Reading:
    """Content by chunks, from something that is open and must be closed, read or not."""

    def __init__(self, chunks, close):
        self._chunks, self.close = iter(chunks), close

    def __iter__(self):
        return self

    def __next__(self):
        return next(self._chunks)
