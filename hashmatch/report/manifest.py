"""The list of all outputs with their SHA-256, and whether they are still what they were."""

from __future__ import annotations

import hashlib
import json
import os
import re
import stat
from collections.abc import Iterable
from dataclasses import dataclass
from os import PathLike
from pathlib import Path, PurePosixPath
from typing import Any

from hashmatch.errors import ExchangeError
from hashmatch.report.model import Evidence, ReportModel
from hashmatch.report.staging import MANIFEST, OutputFile
from hashmatch.report.text import unicode_text

SCHEMA = "hashmatch.report/1"
_LARGEST_MANIFEST = 256 << 20
_SHA256 = re.compile(r"[0-9a-f]{64}").fullmatch


@dataclass(frozen=True, slots=True)
class Verification:
    """What became of the files of a manifest; paths below the folder, with ``/``, sorted.

    Attributes:
        manifest_sha256: of the manifest itself, to be compared with what was noted elsewhere: who
            can change an output can change the manifest too.
        n_files: that the manifest lists.
        missing: not there, or no regular file.
        altered: of another size or SHA-256, or unreadable.
        unlisted: files in the folder that the manifest does not know; links are told, not followed.
    """

    manifest_sha256: str
    n_files: int
    missing: tuple[str, ...]
    altered: tuple[str, ...]
    unlisted: tuple[str, ...]

    @property
    def sound(self) -> bool:
        """Whether every listed file is there as it was. Unlisted ones do not count."""
        return not self.missing and not self.altered


def manifest_bytes(model: ReportModel, previews: str, files: Iterable[OutputFile]) -> bytes:
    """The manifest as JSON: the header, the counts, and every output."""
    value = {
        "schema": SCHEMA,
        "evidence": evidence_dict(model.evidence),
        "ledger": model.ledger.to_dict(),
        "classes": [
            {"triage": count.triage.value, "files": count.files, "size": count.size}
            for count in model.classes
        ],
        "notes": [unicode_text(note) for note in model.notes],
        "previews": previews,
        "files": [
            {"path": file.path, "size": file.size, "sha256": file.sha256}
            for file in sorted(files, key=lambda file: file.path)
        ],
    }
    return (json.dumps(value, indent=1, ensure_ascii=True) + "\n").encode()


def evidence_dict(evidence: Evidence) -> dict[str, Any]:
    """The header as plain values for JSON; times in ISO 8601, UTC."""
    return {
        "case": _text(evidence.case),
        "exhibit": _text(evidence.exhibit),
        "examiner": _text(evidence.examiner),
        "roots": [unicode_text(root) for root in evidence.roots],
        "started_at": evidence.started_at.isoformat(),
        "ended_at": evidence.ended_at.isoformat(),
        "tool": evidence.tool,
        "libraries": dict(evidence.libraries),
        "policy_digest": evidence.policy_digest,
        "database_revision": evidence.database_revision,
        "database_digest": evidence.database_digest,
        "command_line": [unicode_text(argument) for argument in evidence.command_line],
    }


def digest_of(folder: Path, name: str) -> OutputFile:
    """Size and SHA-256 of a regular file below the folder, by blocks; no link is followed.

    Raises:
        OSError: missing, unreadable, a link or a special file.
        ExchangeError: ``name`` leads out of the folder.
    """
    parts = _parts(name)
    if parts is None:
        raise ExchangeError(f"{name!r}: expected a path below the folder")
    for depth in range(1, len(parts)):
        if (folder.joinpath(*parts[:depth])).is_symlink():
            raise OSError(f"{name} lies behind a link")
    # O_NONBLOCK: a pipe planted in the place of an output must not hold us up.
    handle = os.open(folder.joinpath(*parts), os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    try:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode):
            raise OSError(f"{name} is no regular file")
        with os.fdopen(handle, "rb", buffering=0, closefd=False) as file:
            digest = hashlib.file_digest(file, "sha256")
    finally:
        os.close(handle)
    return OutputFile(name, status.st_size, digest.hexdigest())


def verify_manifest(folder: str | PathLike[str]) -> Verification:
    """Read every file that ``manifest.json`` lists and compare.

    Raises:
        ExchangeError: there is no manifest, or it is none of ours.
    """
    root = Path(folder)
    text, listed = _listed(root)
    missing: list[str] = []
    altered: list[str] = []
    for file in listed:
        try:
            found = digest_of(root, file.path)
        except FileNotFoundError:
            missing.append(file.path)
        except OSError:
            (altered if os.path.lexists(root / file.path) else missing).append(file.path)
        else:
            if found != file:
                altered.append(file.path)
    known = {MANIFEST, *(file.path for file in listed)}
    unlisted = [name for name in _names_below(root) if name not in known]
    return Verification(
        hashlib.sha256(text).hexdigest(),
        len(listed),
        tuple(sorted(missing)),
        tuple(sorted(altered)),
        tuple(sorted(unlisted)),
    )


def _listed(root: Path) -> tuple[bytes, list[OutputFile]]:
    """The manifest's bytes, and the files that it lists."""
    path = root / MANIFEST
    try:
        if path.stat().st_size > _LARGEST_MANIFEST:
            raise ExchangeError(f"{path}: larger than any manifest of ours")
        text = path.read_bytes()
        value = json.loads(text)
        if value["schema"] != SCHEMA:
            raise ValueError(f"its schema is {str(value['schema'])[:40]!r}")
        files = [OutputFile(f["path"], f["size"], f["sha256"]) for f in value["files"]]
        for file in files:
            _check(file)
    except OSError as error:
        raise ExchangeError(f"can't read {path}: {error.strerror}") from error
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ExchangeError(f"{path} is no manifest of a report: {error}") from error
    return text, files


def _check(file: OutputFile) -> None:
    if _parts(file.path) is None:
        raise ValueError(f"{file.path!r} leads out of the folder")
    if type(file.size) is not int or not _SHA256(file.sha256):
        raise ValueError(f"{file.path!r} has no size or no SHA-256")


def _parts(name: str) -> tuple[str, ...] | None:
    """The parts of a path below a folder; None where it is none."""
    parts = PurePosixPath(name).parts
    if not parts or name.startswith("/") or ".." in parts or "\0" in name:
        return None
    return parts


def _names_below(root: Path) -> Iterable[str]:
    for parent, folders, files in os.walk(root):
        links = [name for name in folders if (Path(parent) / name).is_symlink()]
        for name in [*files, *links]:
            yield (Path(parent) / name).relative_to(root).as_posix()


def _text(text: str | None) -> str | None:
    return None if text is None else unicode_text(text)
