"""Signed statements of where the audit log stood, to be kept elsewhere.

A checkpoint is a JSON file of a few lines. Its signature (Ed25519, RFC 8032) is over the canonical
JSON of all its other members, ``format`` included, so that it stands for nothing else.
"""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any

from hashmatch.audit.entry import canonical_json
from hashmatch.errors import AuditError

FORMAT = "hashmatch.audit.checkpoint/1"
MAX_BYTES = 64 * 1024

_NUMBERS = ("seq", "revision")
_TEXTS = ("database_id", "time")
_HEX = {"digest": 64, "public_key_sha256": 64, "signature": 128}


@dataclass(frozen=True, slots=True)
class AuditCheckpoint:
    """One entry of one database's log, signed.

    Attributes:
        database_id: of the database; made with it, kept by its copies.
        seq, digest: the entry.
        revision: the database's, when it was signed.
        at: when it was signed; UTC, ISO 8601.
        public_key_sha256: which key verifies the signature: SHA-256 of its 32 bytes, hex.
        signature: 64 bytes.
    """

    database_id: str
    seq: int
    digest: bytes
    revision: int
    at: str
    public_key_sha256: str
    signature: bytes = b""

    def signed_members(self) -> dict[str, Any]:
        """All but the signature, as JSON values."""
        return {
            "format": FORMAT,
            "database_id": self.database_id,
            "seq": self.seq,
            "digest": self.digest.hex(),
            "revision": self.revision,
            "time": self.at,
            "public_key_sha256": self.public_key_sha256,
        }

    def signed_bytes(self) -> bytes:
        """What the signature is over."""
        return canonical_json(self.signed_members()).encode("ascii")

    def to_dict(self) -> dict[str, Any]:
        """JSON values, as in the file."""
        return {**self.signed_members(), "signature": self.signature.hex()}


def read_checkpoint(path: str | PathLike[str]) -> AuditCheckpoint:
    """The checkpoint in a file; its signature is not checked.

    Raises:
        AuditError: the file can't be read, or is no checkpoint.
    """
    try:
        with Path(path).open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        raise AuditError(f"{path}: can't read the checkpoint: {error}") from error
    if len(content) > MAX_BYTES:
        raise AuditError(f"{path}: expected a checkpoint of at most {MAX_BYTES} bytes, got more")
    try:
        values = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise AuditError(f"{path}: expected a checkpoint in JSON, got {error}") from error
    return _from_values(values, where=str(path))


def _from_values(values: Any, *, where: str) -> AuditCheckpoint:
    names = {"format", *_NUMBERS, *_TEXTS, *_HEX}
    if not isinstance(values, dict) or values.get("format") != FORMAT:
        raise AuditError(f"{where}: expected a checkpoint of format {FORMAT!r}, got another file")
    if set(values) != names:
        raise AuditError(f"{where}: expected the members {sorted(names)}, got {sorted(values)}")
    for name in _NUMBERS:
        if type(values[name]) is not int or values[name] < 0:
            raise AuditError(f"{where}: {name}: expected a whole number, got {values[name]!r}")
    for name in _TEXTS:
        if not isinstance(values[name], str):
            raise AuditError(f"{where}: {name}: expected text, got {values[name]!r}")
    for name, length in _HEX.items():
        value = values[name]
        if not isinstance(value, str) or not re.fullmatch(f"[0-9a-f]{{{length}}}", value):
            raise AuditError(f"{where}: {name}: expected {length} hex digits, got {value!r}")
    return AuditCheckpoint(
        database_id=values["database_id"],
        seq=values["seq"],
        digest=bytes.fromhex(values["digest"]),
        revision=values["revision"],
        at=values["time"],
        public_key_sha256=values["public_key_sha256"],
        signature=bytes.fromhex(values["signature"]),
    )


class NewFile:
    """A file that is reserved before the work that fills it, and gone if that fails.

    Raises:
        AuditError: it exists, or can't be made or written.
    """

    def __init__(self, path: str | PathLike[str], *, mode: int) -> None:
        self._path = Path(path)
        self._written = False
        try:
            self._descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        except FileExistsError as error:
            raise AuditError(f"{path}: is there already; it is never overwritten") from error
        except (OSError, ValueError) as error:
            raise AuditError(f"{path}: can't be made: {error}") from error

    def write(self, content: bytes) -> None:
        """All of it, on the disk when this returns."""
        try:
            with os.fdopen(os.dup(self._descriptor), "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise AuditError(f"{self._path}: can't be written: {error}") from error
        self._written = True

    def __enter__(self) -> NewFile:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._descriptor)
        if not self._written:
            self._path.unlink(missing_ok=True)
