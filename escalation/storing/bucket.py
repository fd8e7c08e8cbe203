"""Evidence in a bucket of a storage that speaks S3: private, without addresses, read by chunks.

`open()` of django-storages would bring the whole file onto this machine before the first byte; so content is read from
the answer itself.
"""

from boto3.exceptions import Boto3Error
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError
from storages.backends.s3 import S3Storage

from escalation.storing import CHUNK, Failed, NotThere, Reading

ERRORS = (Boto3Error, BotoCoreError, ClientError, OSError)


class PrivateBucket(S3Storage):
    """django-storages' S3 storage; a service that hangs is given up after seconds, not minutes."""

    def __init__(self, **options):
        super().__init__(
            default_acl=None,  # as the bucket has it: private
            file_overwrite=False,
            querystring_auth=True,
            # One thread each: a web process that takes many files at once keeps its memory
            transfer_config=TransferConfig(use_threads=False),
            client_config=Config(
                connect_timeout=5,
                read_timeout=30,
                retries={"max_attempts": 2},
                signature_version="s3v4",
                s3={"addressing_style": "path" if options.get("endpoint_url") else "auto"},
                # Stores that only speak like S3 do not know the newer check sums
                request_checksum_calculation="when_required",
                response_checksum_validation="when_required",
            ),
            **options,
        )

    def url(self, name, *arguments, **options):
        raise ValueError("Evidence has no address: pages give it out (views/downloads.py).")

    def put(self, name, content):
        """Keep content under a new name; Failed where that cannot be."""
        try:
            self.save(name, content)
        except ERRORS as error:
            raise Failed(_code(error)) from error

    def chunks(self, name):
        """The content by chunks, the answer begun at once. NotThere, Failed."""
        try:
            body = self.connection.meta.client.get_object(Bucket=self.bucket_name, Key=name)["Body"]
        except ClientError as error:
            if _code(error) in ("NoSuchKey", "404"):
                raise NotThere from error
            raise Failed(_code(error)) from error
        except ERRORS as error:
            raise Failed(_code(error)) from error
        return Reading(_read(body), body.close)

    def take_out(self, name):
        """Remove what is kept under the name, if anything is."""
        try:
            self.delete(name)
        except ERRORS as error:
            raise Failed(_code(error)) from error

    def each(self):
        """The name of everything kept, and when it came."""
        try:
            for found in self.bucket.objects.all():
                yield found.key, found.last_modified
        except ERRORS as error:
            raise Failed(_code(error)) from error


def _read(body):
    try:
        with body:
            yield from body.iter_chunks(CHUNK)
    except (HTTPClientError, BotoCoreError, OSError) as error:
        raise Failed(_code(error)) from error


def _code(error):
    return error.response["Error"]["Code"] if isinstance(error, ClientError) else type(error).__name__
