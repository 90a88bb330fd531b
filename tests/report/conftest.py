"""Small models, and HTML as a list of elements."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any

import pytest

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
    ReportModel,
    Review,
    TriageClass,
)
from hashmatch.types import Digests, MediaKind

START = datetime(2026, 3, 1, 8, 30, tzinfo=UTC)
VOID = {"meta", "img", "link", "br", "hr", "input"}

MakeFile = Callable[..., FileEntry]
MakeModel = Callable[..., ReportModel]


@dataclass(eq=False)
class Element:
    """One element, with all the text within it."""

    tag: str
    attributes: dict[str, str | None]
    parents: tuple[str, ...]
    parts: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return " ".join("".join(self.parts).split())


class Page(HTMLParser):
    """Every element in the order of the document; fails where tags do not nest."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[Element] = []
        self._open: list[Element] = []
        self.feed(text)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len({name for name, _ in attrs}) == len(attrs)
        parents = tuple(element.tag for element in self._open)
        element = Element(tag, dict(attrs), parents)
        self.elements.append(element)
        if tag not in VOID:
            self._open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop().tag == tag

    def handle_data(self, data: str) -> None:
        for element in self._open:
            element.parts.append(data)

    def handle_comment(self, data: str) -> None:
        pytest.fail(f"a comment: {data[:80]}")

    def all(self, *tags: str) -> list[Element]:
        return [element for element in self.elements if element.tag in tags]

    def by_id(self, name: str) -> Element:
        (found,) = [e for e in self.elements if e.attributes.get("id") == name]
        return found


@pytest.fixture
def parse() -> Callable[[str], Page]:
    return Page


def file_entry(number: int, triage: TriageClass = TriageClass.UNKNOWN, **other: Any) -> FileEntry:
    digests = Digests(md5=f"{number:032x}", sha256=f"{number:064x}")
    given = {"path": f"photos/{number}.jpg", "size": 1000 + number, "digests": digests}
    given |= {"kind": MediaKind.IMAGE, "mime": "image/jpeg", "width": 640, "height": 480}
    return FileEntry(**{**given, "triage": triage, **other})


@pytest.fixture
def make_file() -> MakeFile:
    return file_entry


@pytest.fixture
def evidence() -> Evidence:
    return Evidence(
        started_at=START,
        ended_at=START.replace(hour=9),
        tool="hashmatch 0.9",
        command_line=("hashmatch", "scan", "disk"),
        roots=("disk",),
        examiner="A. Examiner",
        case="C-12",
        exhibit="E-3",
        libraries=(("numpy", "2.1"), ("pillow", "13.0")),
        policy_digest="ab" * 32,
        database_revision=41,
        database_digest="cd" * 32,
    )


@pytest.fixture
def match(make_file: MakeFile) -> MatchEntry:
    opinions = (
        OpinionEntry("INTERPOL ICSE", "csam", "icse", "1", True, ("S 1", "S 2"), "k-1", "icse.csv"),
        OpinionEntry("National", "comparison", "national", None, None),
    )
    return MatchEntry(
        make_file(9, TriageClass.BASELINE),
        CheckStatus.MATCH,
        Alert.BASELINE,
        "hash",
        "pdq distance 6 of 31 bits",
        "pdq",
        6,
        31,
        7,
        query_value="0f" * 32,
        stored_value="1f" * 32,
        expected_false_matches=2.5e-9,
        label="csam",
        baseline=True,
        conflict=True,
        opinions=opinions,
    )


@pytest.fixture
def make_model(evidence: Evidence, match: MatchEntry) -> MakeModel:
    """A model of six files with one of everything; arguments replace parts of it."""

    def make(**other: Any) -> ReportModel:
        ledger = Ledger()
        ledger.add_done(5)
        ledger.add_failed("cut short")
        ledger.add_rejected("symbolic link")
        copies = (Member(file_entry(2, TriageClass.DUPLICATE), 8, "rotate90"),)
        near = Group(GroupKind.NEAR, file_entry(1), "largest pixels", copies, "complete", 20, 8)
        exact = Group(
            GroupKind.EXACT,
            file_entry(3),
            "earliest",
            (Member(file_entry(4, TriageClass.DUPLICATE), 0, "original"),),
        )
        classes = (
            ClassCount(TriageClass.UNKNOWN, 2, 2004),
            ClassCount(TriageClass.BASELINE, 1, 1009),
            ClassCount(TriageClass.DUPLICATE, 2, 2006),
            ClassCount(TriageClass.UNEXAMINED, 1),
        )
        given: dict[str, Any] = {
            "evidence": evidence,
            "ledger": ledger,
            "classes": classes,
            "groups": [near, exact],
            "matches": [match],
            "review": [
                Review(file_entry(1), "largest group", 1, 1),
                Review(file_entry(3), "largest file", 1, 2),
            ],
            "notes": ("The roots were read-only.",),
        }
        return ReportModel(**{**given, **other})

    return make
