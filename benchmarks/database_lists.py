"""Synthetic lists for the benchmarks of the database; any stretch of records can be written."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import numpy as np

from benchmarks.bench_exchange import COLUMNS, CONTEXT
from benchmarks.workloads import SEED

_BLOCK = 10_000


def _values(block: int) -> tuple[bytes, np.ndarray]:
    """Random bytes of a block's records, and its PDQ values: 128 of 256 bits are set."""
    rng = np.random.default_rng((SEED, block))
    order = rng.random((_BLOCK, 256)).argsort(axis=1)
    bits = (order < 128).astype(np.uint8)
    return rng.bytes(_BLOCK * (16 + 20 + 144)), np.packbits(bits, axis=1)


def _records(start: int, count: int) -> list[tuple[int, bytes, bytes, bytes, bytes]]:
    """Number, MD5, SHA-1, PhotoDNA and PDQ of consecutive records."""
    found = []
    for block in range(start // _BLOCK, (start + count - 1) // _BLOCK + 1):
        raw, pdq = _values(block)
        for at in range(_BLOCK):
            number = block * _BLOCK + at
            if start <= number < start + count:
                one = raw[at * 180 : at * 180 + 180]
                found.append((number, one[:16], one[16:36], one[36:], pdq[at].tobytes()))
    return found


def make_vics(path: Path, count: int, *, start: int = 0, stretch: int = 50_000) -> None:
    """VICS 2.0 on one line, with PhotoDNA and PDQ; some 720 bytes a record."""
    with path.open("w", encoding="ascii") as file:
        file.write(f'{{"@odata.context":"{CONTEXT}","value":[')
        for first in range(start, start + count, stretch):
            for record in _records(first, min(stretch, start + count - first)):
                number, md5, sha1, photodna, pdq = record
                file.write("," if number != start else "")
                file.write(
                    json.dumps(
                        {
                            "MediaID": number + 1,
                            "Category": number % 5,
                            "MD5": md5.hex().upper(),
                            "SHA1": sha1.hex().upper(),
                            "PhotoDNA": base64.b64encode(photodna).decode(),
                            "AlternativeHashes": [{"HashName": "PDQ", "HashValue": pdq.hex()}],
                            "MediaSize": 1_000 + number,
                            "MimeType": "image/jpeg",
                            "IsDistributed": number % 2 == 0,
                            "VictimIdentified": number % 7 == 0,
                            "OffenderIdentified": False,
                            "IsPrecategorized": True,
                            "PrecategorizationSource": "National DB",
                            "Series": f"SERIES-{number % 500}",
                            "Tags": f"tag{number % 30},tag{number % 29}",
                            "Comments": "",
                            "DateUpdated": f"2023-06-{1 + number % 28:02}T11:31:49.8300Z",
                        },
                        separators=(",", ":"),
                    )
                )
        file.write("]}")


def make_icse(path: Path, count: int, *, start: int = 0, stretch: int = 50_000) -> None:
    """ICSE's table with all columns filled; some 640 bytes a row."""
    with path.open("w", encoding="ascii", newline="") as file:
        file.write(COLUMNS + "\r\n")
        for first in range(start, start + count, stretch):
            for record in _records(first, min(stretch, start + count - first)):
                number, md5, sha1, photodna, pdq = record
                cells = (
                    *(md5.hex(), sha1.hex(), pdq[:16].hex().upper(), photodna.hex().upper()),
                    base64.b64encode(photodna[:129]).decode(),
                    f"IMG-{number:08}",
                    *("NY"[number % 2], "NY"[number % 3 == 0], "NY"[number % 5 == 0]),
                    f"SERIES-{number % 500}" if number % 2 else "",
                    *("", "Example Agency", str(1 + number % 9), "True", "Image"),
                    "Yes" if number % 3 else "No",
                )
                file.write(";".join(cells) + ";\r\n")
