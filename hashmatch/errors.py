"""Every error that hashmatch raises on purpose, in one tree.

    HashmatchError
    ├── InputError (ValueError)          a caller's argument is wrong
    │   ├── InputTypeError (TypeError)   ... because of its type or dtype
    │   ├── HashFormatError              a hash or digest text is not what it claims to be
    │   └── UnknownAlgorithmError        no such hash algorithm
    ├── DecodeError                      a medium could not be turned into pixels
    │   ├── UnsupportedMediaError        not a format that hashmatch decodes
    │   │   └── NoVideoError             a container without moving pictures
    │   ├── CorruptMediaError            broken or truncated bytes
    │   ├── MediaLimitError              over a limit on pixels, bytes or memory
    │   │   └── MediaTimeoutError        ... on time
    │   ├── MediaAccessError (OSError)   missing, no permission, vanished, an I/O error
    │   └── WorkerCrashError             the decoding process died
    ├── IndexFileError
    │   ├── IndexVersionError
    │   └── IndexCorruptError
    ├── DatabaseError                    the national database can't be used
    │   ├── SchemaVersionError
    │   ├── WithdrawalGuardError         a list lacks so much that somebody has to confirm it
    │   └── DatabaseBusyError
    ├── CatalogueError                   the catalogue of a scan can't be used
    │   ├── CatalogueVersionError
    │   ├── CatalogueCorruptError
    │   └── CatalogueBusyError           another scan writes into it
    ├── ClusterError                     work on many machines can't be done
    │   ├── ShardUnavailableError        no replica of a shard answers
    │   ├── RevisionGoneError            a revision that the shards no longer hold
    │   └── ServiceBusyError             a matching service has as many requests as it takes
    ├── ExchangeError                    a hash list can't be read or written
    │   ├── UnknownFormatError
    │   └── RecordError                  one record of it, with position and field
    ├── AuditError
    │   └── AuditTamperedError
    ├── CpuFeatureError                  an ISA was asked for that this CPU lacks
    └── MissingExtraError (ImportError)  an optional dependency is not installed

Foreign exceptions are mapped onto this tree in one place per package.
"""

from __future__ import annotations

from functools import partial


class HashmatchError(Exception):
    """Root of every error of this library."""


class InputError(HashmatchError, ValueError):
    """An argument is wrong; the message names it, what was expected and what came."""


class InputTypeError(InputError, TypeError):
    """An argument has the wrong type or dtype."""


class HashFormatError(InputError):
    """A hash or digest in text form is malformed; the message gives the position."""


class UnknownAlgorithmError(InputError):
    """The named hash algorithm is not in ``hashmatch.algorithms``."""


class DecodeError(HashmatchError):
    """A medium could not be turned into pixels."""


class UnsupportedMediaError(DecodeError):
    """The bytes are not of a media type that hashmatch decodes."""


class NoVideoError(UnsupportedMediaError):
    """A file that holds no frame of video: audio only, no stream at all, or only a cover picture.

    Attributes:
        cover_art: the cover picture in words, None where there is none.
    """

    def __init__(self, message: str, *, cover_art: str | None = None) -> None:
        super().__init__(message)
        self.cover_art = cover_art


class CorruptMediaError(DecodeError):
    """The bytes are broken or cut short."""


class MediaLimitError(DecodeError):
    """The medium is over a limit on pixels, bytes, memory or time."""


class MediaTimeoutError(MediaLimitError):
    """Decoding took longer than it may and was stopped."""


class MediaAccessError(DecodeError, OSError):
    """The medium's bytes can't be reached: missing, not permitted, vanished, an I/O error."""


class WorkerCrashError(DecodeError):
    """The process that decoded the medium died."""


class IndexFileError(HashmatchError):
    """An index file can't be used."""


class IndexVersionError(IndexFileError):
    """An index file was written by a version that this one does not read."""


class IndexCorruptError(IndexFileError):
    """An index file fails its checksum or contradicts its own sizes."""


class DatabaseError(HashmatchError):
    """The national database can't be opened, read or written."""


class SchemaVersionError(DatabaseError):
    """The database has a schema that this version does not know."""


class WithdrawalGuardError(DatabaseError):
    """A complete list lacks so much of what its source said that somebody has to confirm it."""


class DatabaseBusyError(DatabaseError):
    """Another process held the database's write lock for too long."""


class CatalogueError(HashmatchError):
    """The catalogue of a scan can't be opened, read or written."""


class CatalogueVersionError(CatalogueError):
    """The catalogue has a schema that this version does not know."""


class CatalogueCorruptError(CatalogueError):
    """The catalogue is damaged."""


class CatalogueBusyError(CatalogueError):
    """Another scan is writing into the catalogue."""


class ClusterError(HashmatchError):
    """Work on many machines can't be started or done."""


class ShardUnavailableError(ClusterError):
    """No replica of a shard answers; an answer without it would lack hits, so there is none.

    Attributes:
        shard: its number.
    """

    def __init__(self, message: str, *, shard: int) -> None:
        super().__init__(message)
        self.shard = shard

    def __reduce__(self) -> tuple[object, ...]:
        # It crosses processes, and an argument by name is not in ``args``.
        return partial(type(self), shard=self.shard), self.args


class RevisionGoneError(ClusterError):
    """A revision was asked for that the shards no longer hold, or that was never switched to."""


class ServiceBusyError(ClusterError):
    """A matching service has as many requests as it may hold; ask again later."""


class ExchangeError(HashmatchError):
    """A hash list can't be read or written."""


class UnknownFormatError(ExchangeError):
    """The file is of no exchange format that hashmatch knows."""


class RecordError(ExchangeError):
    """One record of a hash list is wrong.

    Attributes:
        position: 1-based line (text formats) or record number (JSON).
        field: name of the field as the format spells it, or None for the whole record.
    """

    def __init__(self, message: str, *, position: int, field: str | None = None) -> None:
        super().__init__(message)
        self.position = position
        self.field = field


class AuditError(HashmatchError):
    """The audit log can't be read or extended."""


class AuditTamperedError(AuditError):
    """The audit log's hash chain is broken; the message names the first bad entry."""


class CpuFeatureError(HashmatchError):
    """An instruction set was asked for that is unknown or that this CPU lacks."""


class MissingExtraError(HashmatchError, ImportError):
    """An optional dependency is missing; the message says which extra brings it."""
