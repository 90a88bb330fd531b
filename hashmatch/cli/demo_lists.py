"""The demo's two lists: INTERPOL's ICSE export and a national VICS 2.0 hash set.

They agree, disagree and overlap as real lists do; the national one has the perceptual hashes, and
the link between the two is the SHA-1.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

from hashmatch import exchange
from hashmatch.fingerprinting import ImageFingerprint
from hashmatch.matching import Alert
from hashmatch.types import HashRecord, Label, MediaKind, Opinion

ICSE_COLUMNS = (
    "MD5",
    "SHA1",
    "ZZ40",
    "PhotoDNA",
    "Lace",
    "Image ID",
    "Is distributed",
    "Victim identified",
    "Offender identified",
    "Series name",
    "Investigation name",
    "Agency",
    "Number of submissions",
    "File Available",
    "Media Type",
    "Baseline",
)


@dataclass(frozen=True, slots=True)
class Said:
    """What the two lists say of one photograph, and the alert that has to follow.

    Attributes:
        baseline: ICSE's Baseline; None: ICSE does not list it.
        category: VICS category of the national list.
        conflict: the two disagree.
    """

    baseline: bool | None
    category: int
    alert: Alert
    conflict: bool = False


SAID = {
    "astronaut": Said(baseline=True, category=1, alert=Alert.BASELINE),
    "camera": Said(baseline=True, category=1, alert=Alert.BASELINE),
    "chelsea": Said(baseline=False, category=1, alert=Alert.NATIONAL),
    "coffee": Said(baseline=None, category=1, alert=Alert.NATIONAL),
    "coins": Said(baseline=None, category=2, alert=Alert.OTHER),
    "rocket": Said(baseline=True, category=0, alert=Alert.BASELINE, conflict=True),
}
_LABELS = {0: Label.NON_PERTINENT, 1: Label.CSAM, 2: Label.EXPLOITIVE}


def write_icse(path: Path, known: dict[str, ImageFingerprint]) -> None:
    """ICSE's hash CSV as it really comes: digests, and an empty cell too many on every row."""
    with path.open("w", newline="", encoding="utf-8") as stream:
        rows = csv.writer(stream, delimiter=";", lineterminator="\n")
        rows.writerow(ICSE_COLUMNS)
        for number, (name, made) in enumerate(sorted(known.items()), start=1):
            if (baseline := SAID[name].baseline) is None:
                continue
            cells = dict.fromkeys(ICSE_COLUMNS, "")
            cells |= {
                "MD5": made.digests.md5 or "",
                "SHA1": made.digests.sha1 or "",
                "Image ID": f"DEMO-{number:04}",
                "Is distributed": "Y",
                "Victim identified": "N",
                "Offender identified": "N",
                "Series name": "DEMO-SERIES",
                "Number of submissions": "3",
                "File Available": "True",
                "Media Type": "Image",
                "Baseline": "Yes" if baseline else "No",
            }
            rows.writerow([*cells.values(), ""])


def write_national(path: Path, known: dict[str, ImageFingerprint]) -> None:
    """A national VICS 2.0 hash set: digests, PDQ, categories."""
    records = [
        HashRecord(
            record_key=f"md5:{made.digests.md5}",
            position=number,
            digests=made.digests,
            opinion=Opinion(
                scheme="vics-us-current",
                raw_category=str(SAID[name].category),
                label=_LABELS[SAID[name].category],
                distributed=True,
                series=("DEMO-SERIES",),
            ),
            kind=MediaKind.IMAGE,
            mime=made.mime,
            size=made.size,
            hashes=tuple(made.hashes.values()),
        )
        for number, (name, made) in enumerate(known.items(), start=1)
    ]
    exchange.write_list(sorted(records, key=exchange.sort_key), path, format="vics-2.0")
