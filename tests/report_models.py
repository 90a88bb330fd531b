"""Models of reports with everything that a page can show, as large as they are asked for."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import numpy as np
from pictures import photograph

from hashmatch.ledger import Ledger
from hashmatch.matching import Alert, CheckStatus
from hashmatch.report import (
    ClassCount,
    Evidence,
    FileEntry,
    Group,
    GroupKind,
    MatchEntry,
    Member,
    OpinionEntry,
    Preview,
    ReportModel,
    Review,
    TriageClass,
    preview_of_pixels,
)
from hashmatch.types import Digests, MediaKind

START = datetime(2026, 3, 1, 8, 30, tzinfo=UTC)
TO_LOOK_AT = (TriageClass.POSSIBLE, TriageClass.UNKNOWN, TriageClass.UNEXAMINED)


def file_of(number: int, triage: TriageClass, **other: Any) -> FileEntry:
    digest = hashlib.sha256(str(number).encode()).hexdigest()
    given: dict[str, Any] = {"path": f"/mnt/E-3/DCIM/100/IMG_{number:05}.JPG", "size": 4_000_000}
    given |= {"digests": Digests(sha256=digest), "kind": MediaKind.IMAGE, "mime": "image/jpeg"}
    given |= {"width": 4032, "height": 3024}
    return FileEntry(**{**given, "triage": triage, **other})


def group_of(number: int, *, path: str | None = None) -> Group:
    """Groups of every kind and of two to sixteen files; one in seven is known or decided."""
    other: dict[str, Any] = {} if path is None else {"path": path}
    kinds = tuple(GroupKind)
    kind = kinds[number % 3]
    known = (TriageClass.BASELINE, TriageClass.DECIDED)[number % 2]
    first = file_of(100 * number, known if number % 7 == 6 else TriageClass.UNKNOWN, **other)
    n = 16 if number % 50 == 3 else 2 + number % 3
    near = kind is GroupKind.NEAR
    members = tuple(
        Member(
            file_of(100 * number + k, TriageClass.DUPLICATE, **other),
            k % 20 if near else None,
            ("original", "rotate90")[k % 2],
        )
        for k in range(1, n)
    )
    held = {"linkage": "complete", "max_distance": 20, "diameter": 18} if near else {}
    return Group(kind, first, "largest pixels", members, **held)  # type: ignore[arg-type]


def match_of(number: int, **other: Any) -> MatchEntry:
    """Of every alert; every fourth is possible, every fifth has no opinion any more."""
    known = (TriageClass.BASELINE, TriageClass.NATIONAL, TriageClass.OTHER)
    possible = number % 4 == 3
    triage = TriageClass.POSSIBLE if possible else known[number % 3]
    opinions = (
        OpinionEntry(
            "INTERPOL ICSE", "csam", "icse-baseline", "Yes", True, ("S 1", "S 2"),
            "md5:" + "0f" * 16, "icse.csv", "2026-02-01T09:00:00+00:00",
        ),
        OpinionEntry("National", "comparison", "vics-us-current", "4"),
    )  # fmt: skip
    given: dict[str, Any] = {"file": file_of(10**6 + number, triage)}
    given |= {"status": CheckStatus.POSSIBLE if possible else CheckStatus.MATCH}
    given |= {"alert": tuple(Alert)[number % 3], "kind": "hash", "algorithm": "pdq"}
    given |= {"how": "pdq distance 6 of 31 bits, 6 % cut from the left", "distance": 6}
    given |= {"threshold": 31, "media_id": number, "query_value": "0f" * 32}
    given |= {"stored_value": "1f" * 32, "expected_false_matches": 2.5e-9, "label": "csam"}
    given |= {"baseline": True, "conflict": number % 2 == 0}
    given |= {"parts": ("0:05 to 0:12 is 1:00 to 1:07",) if number % 2 else ()}
    given |= {"opinions": () if number % 5 == 4 else opinions}
    return MatchEntry(**{**given, **other})


def review_of(number: int, n_groups: int, **other: Any) -> Review:
    file = file_of(2 * 10**6 + number, TO_LOOK_AT[number % 3], **other)
    group = 1 + number % n_groups if n_groups else None
    return Review(file, "in a folder with known files; 14 copies", number % 3, group)


def model_of(
    n_groups: int = 8, n_matches: int = 6, n_review: int = 8, *, path: str | None = None
) -> ReportModel:
    """A model; with ``path`` everything that can come from an exhibit is called that."""
    ledger = Ledger()
    ledger.add_done(200_000)
    ledger.add_failed("CORRUPT: cut short" if path is None else path)
    ledger.add_rejected("symbolic link")
    classes = tuple(
        ClassCount(triage, 1000 * rank, 10**9) for rank, triage in enumerate(TriageClass)
    )
    named = {} if path is None else {"path": path}
    text = path or "E-3"
    return ReportModel(
        Evidence(
            started_at=START,
            ended_at=START.replace(hour=9),
            tool="hashmatch 0.9",
            command_line=("hashmatch", "scan", text),
            roots=(text,),
            examiner=text if path else "A. Examiner",
            case=text if path else "C-12",
            exhibit=text,
            libraries=(("numpy", "2.1"), ("pillow", "13.0")),
            policy_digest="ab" * 32,
            database_revision=41,
            database_digest="cd" * 32,
        ),
        ledger,
        classes,
        _groups(n_groups, path),
        [match_of(k, file=file_of(k, TriageClass.BASELINE, path=path)) if path else match_of(k)
         for k in range(n_matches)],
        [review_of(k, n_groups, **named) for k in range(n_review)],
        (f"{text}: 14 archives were not looked into.",),
    )  # fmt: skip


def _groups(n: int, path: str | None) -> Iterator[Group]:
    for number in range(n):
        yield group_of(number, path=path)


def preview_of(file: FileEntry) -> Preview | None:
    """Of one of a few synthetic photographs."""
    return _PREVIEWS[int((file.digests.sha256 or "0")[:8], 16) % len(_PREVIEWS)]


_PREVIEWS = [
    preview_of_pixels(np.ascontiguousarray(photograph(seed, 90, 120))) for seed in range(4)
]
