"""Fingerprints as a text list: what ``hashmatch hash`` writes and ``check --hashes`` reads.

Three forms are read, line by line: JSON objects (``ImageFingerprint.to_dict``), CSV with the header
of ``CSV_COLUMNS``, and bare PDQ text, ``<64 hex>[,quality]``, as other PDQ tools write it.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator

from hashmatch.errors import HashmatchError, RecordError
from hashmatch.fingerprinting.model import FingerprintStatus, ImageFingerprint
from hashmatch.hashing import ORIENTATIONS
from hashmatch.types import Digests, HashValue, MediaKind

SCHEMA = "hashmatch.hash/1"
LEDGER_SCHEMA = "hashmatch.ledger/1"
CSV_COLUMNS = (
    "path",
    "status",
    "pdq",
    "pdq_quality",
    "md5",
    "sha1",
    "sha256",
    "mime",
    "size",
    "width",
    "height",
    "pdq_orientations",
    "reason",
)
_FIRST_COLUMNS = list(CSV_COLUMNS[:3])
MAX_RECORD = 64 * 1024
_BAD_RECORD = (
    HashmatchError,
    ValueError,
    TypeError,
    KeyError,
    AttributeError,
    RecursionError,
    csv.Error,
)


def to_row(fingerprint: ImageFingerprint) -> list[str]:
    """One CSV row in the order of ``CSV_COLUMNS``; absent values are empty."""
    value = fingerprint.hashes.get("pdq")
    turned = fingerprint.dihedral.get("pdq", ())
    cells: tuple[object, ...] = (
        fingerprint.name,
        fingerprint.status.value,
        value.hex if value else None,
        value.quality if value else None,
        fingerprint.digests.md5,
        fingerprint.digests.sha1,
        fingerprint.digests.sha256,
        fingerprint.mime,
        fingerprint.size,
        fingerprint.width,
        fingerprint.height,
        " ".join(other.hex for other in turned[1:]),
        fingerprint.reason,
    )
    return ["" if cell is None else str(cell) for cell in cells]


def read_listing(lines: Iterable[str]) -> Iterator[ImageFingerprint | RecordError]:
    """Fingerprints from text lines; a bad line gives a RecordError, and the rest goes on.

    Blank lines, comment lines ("#") and the ledger that closes a JSON list are passed over.
    """
    columns: list[str] | None = None
    for position, text in _records(lines):
        try:
            if len(text) > MAX_RECORD:
                raise ValueError(f"expected at most {MAX_RECORD} characters, got {len(text)}")
            if text.startswith("{"):
                found = _from_json(text)
            else:
                cells = next(csv.reader(io.StringIO(text, newline=""), strict=True))
                if cells[: len(_FIRST_COLUMNS)] == _FIRST_COLUMNS:
                    columns = cells
                    continue
                found = _from_cells(cells, columns)
        except _BAD_RECORD as error:
            yield RecordError(f"line {position}: {error}", position=position)
        else:
            if found is not None:
                yield found


def _records(lines: Iterable[str]) -> Iterator[tuple[int, str]]:
    """(first line number, text) of each record; a quoted cell may run over several lines."""
    held = ""
    start = 0
    for number, line in enumerate(lines, start=1):
        if not held:
            if not line.strip() or line.startswith("#"):
                continue
            start = number
        held += line
        whole = held.startswith("{") or held.count('"') % 2 == 0
        if whole or len(held) > MAX_RECORD:
            yield start, held.strip("\r\n")
            held = ""
    if held:
        yield start, held


def _from_json(text: str) -> ImageFingerprint | None:
    values = json.loads(text)
    schema = values.get("schema")
    if schema == LEDGER_SCHEMA:
        return None
    if schema != SCHEMA:
        raise ValueError(f"schema: expected {SCHEMA}, got {schema!r}")
    hashes = {
        name: HashValue.from_hex(name, value["hex"], _quality(value["quality"]))
        for name, value in values["hashes"].items()
    }
    return ImageFingerprint(
        status=FingerprintStatus(values["status"]),
        reason=values["reason"],
        name=values["name"],
        size=values["size"],
        digests=Digests.parse(**{name: values[name] for name in ("md5", "sha1", "sha256")}),
        kind=MediaKind(values["kind"]),
        mime=values["mime"],
        width=values["width"],
        height=values["height"],
        stored_mode=values["stored_mode"],
        orientation=values["orientation"],
        frames=values["frames"],
        decode=values["decode"],
        hashes=hashes,
        dihedral={
            name: _turned(name, texts, hashes[name]) for name, texts in values["dihedral"].items()
        },
        made_with=values["made_with"],
    )


def _from_cells(cells: list[str], columns: list[str] | None) -> ImageFingerprint:
    if columns is None:
        return _from_bare_pdq(cells)
    if len(cells) != len(columns):
        raise ValueError(f"expected {len(columns)} cells, got {len(cells)}")
    row = dict(zip(columns, cells, strict=True))
    hashes: dict[str, HashValue] = {}
    dihedral: dict[str, tuple[HashValue, ...]] = {}
    if row["pdq"]:
        quality = int(row["pdq_quality"]) if row["pdq_quality"] else None
        hashes["pdq"] = HashValue.from_hex("pdq", row["pdq"], _quality(quality))
        if row.get("pdq_orientations"):
            texts = [row["pdq"], *row["pdq_orientations"].split(" ")]
            dihedral["pdq"] = _turned("pdq", texts, hashes["pdq"])
    return ImageFingerprint(
        status=FingerprintStatus(row["status"]),
        reason=row.get("reason") or None,
        name=row["path"] or None,
        size=int(row["size"]) if row.get("size") else None,
        digests=Digests.parse(**{n: row.get(n) or None for n in ("md5", "sha1", "sha256")}),
        mime=row.get("mime") or None,
        width=int(row["width"]) if row.get("width") else None,
        height=int(row["height"]) if row.get("height") else None,
        hashes=hashes,
        dihedral=dihedral,
    )


def _from_bare_pdq(cells: list[str]) -> ImageFingerprint:
    quality = int(cells[1]) if len(cells) > 1 and cells[1] else None
    value = HashValue.from_hex("pdq", cells[0], _quality(quality))
    return ImageFingerprint(
        status=FingerprintStatus.OK,
        name=cells[2] if len(cells) > 2 else None,
        kind=MediaKind.IMAGE,
        hashes={"pdq": value},
    )


def _turned(name: str, texts: list[str], first: HashValue) -> tuple[HashValue, ...]:
    values = tuple(HashValue.from_hex(name, text, first.quality) for text in texts)
    if len(values) != len(ORIENTATIONS) or values[0].value != first.value:
        raise ValueError(f"{name}: expected {len(ORIENTATIONS)} orientations of the hash")
    return values


def _quality(value: object) -> int | None:
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= 100:
        raise ValueError(f"quality: expected 0..100, got {value!r}")
    return value
