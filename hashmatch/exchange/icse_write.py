"""Writer of tables in the shape of INTERPOL's ICSE hash export: its 16 columns, in its order.

The table is meant for spreadsheets too, so a cell that one would run as a formula gets an
apostrophe in front, which the reader takes away again. ICSE has no column for national categories:
of the label only the Baseline is written.
"""

from __future__ import annotations

import csv
import io
from os import PathLike

from hashmatch.exchange.icse_header import COLUMNS, FORMULA, OPAQUE
from hashmatch.exchange.sorted_lines import SortedLinesWriter
from hashmatch.types import HashRecord, Label, MediaKind

DELIMITER = ";"
SCHEME = "icse-baseline"
# Without a category of its own, everything in such a table alerts.
_NO_MATERIAL = frozenset((Label.KNOWN_IGNORABLE, Label.NON_PERTINENT, Label.COMPARISON))
_HEADER = DELIMITER.join(COLUMNS)
_YES = {True: "Y", False: "N", None: ""}
_TRUE = {True: "True", False: "False", None: ""}
_BASELINE = {True: "Yes", False: "No", None: ""}
_KINDS = {
    MediaKind.IMAGE: "Image",
    MediaKind.VIDEO: "Video",
    MediaKind.OTHER: "Other",
    MediaKind.UNKNOWN: "",
}


class IcseWriter(SortedLinesWriter):
    """Writes records that come in the order of ``sort_key``.

    Args:
        path: where the file appears, mode 0600, when the ``with`` block ends without an error.
        overwrite: whether an existing file may be replaced.

    A record without MD5, SHA-1 and PhotoDNA is counted in ``ledger`` as rejected; what of the
    others had no column is noted there.
    """

    HEAD = _HEADER + "\r\n"
    BETWEEN = "\r\n"
    TAIL = "\r\n"

    def __init__(self, path: str | PathLike[str], *, overwrite: bool = False) -> None:
        super().__init__(path, overwrite=overwrite)

    def _encode(self, record: HashRecord) -> tuple[list[str], str | None] | str:
        opinion, digests = record.opinion, record.digests
        photodna = sorted(h.value for h in record.hashes if h.algorithm == "photodna")
        if digests.md5 is None and digests.sha1 is None and not photodna:
            return "no MD5, SHA-1 or PhotoDNA"
        if opinion.label in _NO_MATERIAL:
            return f"{opinion.label} is not for a table of abuse material"
        key = record.record_key
        cells = {
            "MD5": digests.md5 or "",
            "SHA1": digests.sha1 or "",
            "PhotoDNA": photodna[0].hex().upper() if photodna else "",
            "Image ID": "" if key in _own_keys(record) else key,
            "Is distributed": _YES[opinion.distributed],
            "Victim identified": _YES[opinion.victim_identified],
            "Offender identified": _YES[opinion.offender_identified],
            "Series name": ", ".join(opinion.series),
            "Number of submissions": ""
            if opinion.submissions is None
            else str(opinion.submissions),
            "File Available": _TRUE[opinion.file_available],
            "Media Type": _KINDS[record.kind],
            "Baseline": _BASELINE[opinion.baseline],
            **{name: record.extra.get(name, "") for name in OPAQUE},
        }
        return [_line([_safe(cells[name]) for name in COLUMNS])], _lost(record, len(photodna))


def _own_keys(record: HashRecord) -> set[str]:
    """Keys that readers make of a record's own hashes: they are not ICSE's Image IDs."""
    hashes = {f"{item.algorithm}:{item.hex}" for item in record.hashes}
    return hashes | {f"{name}:{value}" for name, value in record.digests.items()}


def _lost(record: HashRecord, photodna: int) -> str | None:
    """What of a written record has no column."""
    others = len(record.hashes) - photodna
    lost = [
        name
        for name, is_lost in (
            ("SHA-256", record.digests.sha256 is not None),
            ("hashes other than one PhotoDNA", others > 0 or photodna > 1),
            ("series parted", len(record.opinion.series) > 1),
            ("tags", bool(record.opinion.tags)),
            (
                "category",
                record.opinion.scheme != SCHEME and record.opinion.raw_category is not None,
            ),
            ("size", record.size is not None),
            ("other fields", not record.extra.keys() <= set(OPAQUE)),
            ("places", bool(record.seen_at)),
        )
        if is_lost
    ]
    return f"no column for: {', '.join(lost)}" if lost else None


def _safe(cell: str) -> str:
    """A cell that no spreadsheet runs, on lines that the reader can keep apart."""
    text = cell.strip().replace("\r\n", "\n").replace("\r", "\n")
    if any(line.count(DELIMITER) >= len(COLUMNS) - 1 for line in text.split("\n")):
        text = text.replace("\n", " ")
    return f"'{text}" if FORMULA(text) is not None else text


def _line(cells: list[str]) -> str:
    buffer = io.StringIO()
    # Only the characters of the line's own end make a cell quoted.
    csv.writer(buffer, delimiter=DELIMITER, lineterminator="\r\n").writerow(cells)
    return buffer.getvalue().removesuffix("\r\n")
