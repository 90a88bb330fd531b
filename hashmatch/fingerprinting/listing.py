"""Fingerprints as a text list: what ``hashmatch hash`` writes and ``check --hashes`` reads.

Three forms are read: JSON objects, one a line (``to_dict`` of a fingerprint), CSV with the header
of ``CSV_COLUMNS``, and bare PDQ text, ``<64 hex>[,quality[,name]]``, as other PDQ tools write it.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

from hashmatch.errors import HashmatchError, RecordError
from hashmatch.fingerprinting.listing_json import read_json_record
from hashmatch.fingerprinting.listing_lines import Lines, longest
from hashmatch.fingerprinting.listing_values import (
    parse_count,
    parse_orientations,
    parse_quality,
    require_hash,
)
from hashmatch.fingerprinting.model import FingerprintStatus, ImageFingerprint
from hashmatch.fingerprinting.video_model import VideoFingerprint
from hashmatch.types import Digests, HashValue, MediaKind

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
    "frames",
)
Fingerprint = ImageFingerprint | VideoFingerprint

_FIRST_COLUMNS = list(CSV_COLUMNS[:3])
_NOT_IN_CSV = "the frames of a video are in the JSON form of the list, not in CSV"
_BAD_RECORD = (
    HashmatchError,
    ValueError,
    TypeError,
    KeyError,
    AttributeError,
    RecursionError,
    csv.Error,
)


def to_row(fingerprint: ImageFingerprint | VideoFingerprint) -> list[str]:
    """The cells of one CSV row in the order of ``CSV_COLUMNS``; absent values are empty.

    Of a video, ``frames`` has the number of its hashes, which only the JSON form holds.
    """
    if isinstance(fingerprint, VideoFingerprint):
        hashed: tuple[object, ...] = (None, None)
        turned, n_frames = "", len(fingerprint.frames) if fingerprint.n_sampled else None
    else:
        value = fingerprint.hashes.get("pdq")
        hashed = (value.hex, value.quality) if value else (None, None)
        turned = " ".join(other.hex for other in fingerprint.dihedral.get("pdq", ())[1:])
        n_frames = None
    cells: tuple[object, ...] = (
        fingerprint.name,
        fingerprint.status.value,
        *hashed,
        fingerprint.digests.md5,
        fingerprint.digests.sha1,
        fingerprint.digests.sha256,
        fingerprint.mime,
        fingerprint.size,
        fingerprint.width,
        fingerprint.height,
        turned,
        fingerprint.reason,
        n_frames,
    )
    return ["" if cell is None else str(cell) for cell in cells]


def csv_line(cells: Sequence[str]) -> str:
    """Cells as one CSV line, which may hold line breaks within quotes."""
    text = io.StringIO(newline="")
    # Before Python 3.13 a lone carriage return is quoted only if the terminator has one.
    csv.writer(text, lineterminator="\r\n").writerow(cells)
    return text.getvalue().removesuffix("\r\n") + "\n"


def read_listing(lines: Iterable[str]) -> Iterator[Fingerprint | RecordError]:
    """Fingerprints from text lines; a bad record gives a RecordError, and the rest goes on.

    Blank lines, the ledger that closes a JSON list and, before a CSV header, comment lines ("#")
    are passed over. After a CSV header every line is CSV: a file may be called "#1" or "{a}".

    Args:
        lines: with or without their ends; ``bounded_lines`` gives those of a file.
    """
    return iter(_Listing(Lines(lines)))


class _Listing:
    """One pass over a list; ``columns`` are the CSV header's once there was one."""

    def __init__(self, lines: Lines) -> None:
        self._lines = lines
        self._columns: list[str] | None = None

    def __iter__(self) -> Iterator[Fingerprint | RecordError]:
        for position, line in self._lines:
            text = line.strip("\r\n")
            if not text.strip() or (self._columns is None and text.startswith("#")):
                continue
            try:
                found = self._read(line, text)
            except _BAD_RECORD as error:
                what = f"missing {error}" if isinstance(error, KeyError) else str(error)
                yield RecordError(f"line {position}: {what}", position=position)
            else:
                if found is not None:
                    yield found

    def _read(self, line: str, text: str) -> Fingerprint | None:
        if len(text) > longest(text):
            raise ValueError(f"expected at most {longest(text)} characters, got {len(text)}")
        if self._columns is not None:
            return self._lines.joined(line, self._from_csv)
        return read_json_record(text) if text.startswith("{") else self._from_csv(text)

    def _from_csv(self, text: str) -> Fingerprint | None:
        rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
        if len(rows) != 1:
            raise ValueError(f"expected one record, got {len(rows)}")
        (cells,) = rows
        if cells[: len(_FIRST_COLUMNS)] == _FIRST_COLUMNS:
            self._columns = cells
            return None
        return _from_bare(cells) if self._columns is None else _from_row(cells, self._columns)


def _from_row(cells: list[str], columns: list[str]) -> ImageFingerprint:
    if len(cells) != len(columns):
        raise ValueError(f"expected {len(columns)} cells, got {len(cells)}")
    row = dict.fromkeys(CSV_COLUMNS, "") | dict(zip(columns, cells, strict=True))
    status, reason = FingerprintStatus(row["status"]), row["reason"] or None
    kind = MediaKind.UNKNOWN
    if parse_count(row["frames"], "frames"):
        kind, status, reason = MediaKind.VIDEO, FingerprintStatus.UNSUPPORTED, _NOT_IN_CSV
    hashes: dict[str, HashValue] = {}
    dihedral: dict[str, tuple[HashValue, ...]] = {}
    if row["pdq"]:
        quality = parse_quality(parse_count(row["pdq_quality"], "pdq_quality"))
        hashes["pdq"] = HashValue.from_hex("pdq", row["pdq"], quality)
        if row["pdq_orientations"]:
            texts = [row["pdq"], *row["pdq_orientations"].split(" ")]
            dihedral["pdq"] = parse_orientations(texts, hashes["pdq"])
    return require_hash(
        ImageFingerprint(
            status=status,
            reason=reason,
            name=row["path"] or None,
            size=parse_count(row["size"], "size"),
            digests=Digests.parse(
                **{name: row[name] or None for name in ("md5", "sha1", "sha256")}
            ),
            kind=kind,
            mime=row["mime"] or None,
            width=parse_count(row["width"], "width"),
            height=parse_count(row["height"], "height"),
            hashes=hashes,
            dihedral=dihedral,
        )
    )


def _from_bare(cells: list[str]) -> ImageFingerprint:
    quality = parse_quality(parse_count(cells[1], "quality")) if len(cells) > 1 else None
    return ImageFingerprint(
        status=FingerprintStatus.OK,
        name=",".join(cells[2:]) or None,
        kind=MediaKind.IMAGE,
        hashes={"pdq": HashValue.from_hex("pdq", cells[0], quality)},
    )
