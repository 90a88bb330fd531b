"""The lists that an exhibit's files are on: one of known CSAM as it is exchanged, one as NSRL's.

All of it is synthetic: noise and shapes. The labels say which answers are right.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path

from benchmarks.exhibit_families import Listed
from hashmatch.exchange import write_list
from hashmatch.types import Digests, HashRecord, HashValue, Label, MediaKind, Opinion

HASH_LIST, KNOWN_FILES = "list.jsonl", "NSRLFile.txt"

_OPINIONS = {
    "BASELINE": (Label.CSAM, True, "1"),
    "NATIONAL": (Label.CSAM, None, "1"),
    "OTHER": (Label.CGI, None, "3"),
}
_COLUMNS = (
    *("SHA-1", "MD5", "CRC32", "FileName", "FileSize"),
    *("ProductCode", "OpSystemCode", "SpecialCode"),
)


def write_lists(folder: Path, listed: Iterable[Listed]) -> None:
    """``HASH_LIST`` and ``KNOWN_FILES`` in the folder, both in the order of SHA-1."""
    entries = sorted(listed, key=lambda one: one.sha1)
    known = [one for one in entries if one.label != "IGNORABLE"]
    records = (_record(number, one) for number, one in enumerate(known, 1))
    write_list(records, folder / HASH_LIST, format="jsonl")
    with (folder / KNOWN_FILES).open("w", encoding="ascii", newline="") as out:
        table = csv.writer(out, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n")
        table.writerow(_COLUMNS)
        for one in entries:
            if one.label == "IGNORABLE":
                named = (one.sha1.upper(), one.md5.upper(), "00000000", "picture.jpg")
                table.writerow((*named, one.size, 1, "362", ""))


def _record(number: int, one: Listed) -> HashRecord:
    label, baseline, category = _OPINIONS[one.label]
    return HashRecord(
        record_key=f"entry-{one.family}",
        position=number,
        digests=Digests(md5=one.md5, sha1=one.sha1),
        opinion=Opinion(
            scheme="vics-us-current", raw_category=category, label=label, baseline=baseline
        ),
        kind=MediaKind.IMAGE,
        size=one.size,
        hashes=(HashValue("pdq", one.pdq, one.quality),),
    )
