"""Rules that hold for every set, whatever is said of its contents."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from hashmatch.report import GroupKind, TriageClass
from hashmatch.scan import Catalogue, CatalogueContent, CatalogueItem
from hashmatch.scan.statuses import outcome_of
from hashmatch.triage import Classification, CopyGroup, CopyGroups, classify
from hashmatch.types import Digests

KNOWN = ("baseline", "national", "other")
STATUSES = ("OK", "OK", "OK", "TRUNCATED", "LOW_INFORMATION", "CORRUPT", "UNSUPPORTED")
VERDICTS: dict[str, dict[str, Any]] = {
    "nothing": {"status": "NO_MATCH"},
    "baseline": {"status": "MATCH", "alert": "BASELINE"},
    "national": {"status": "MATCH", "alert": "NATIONAL"},
    "harmless": {"status": "MATCH", "alert": "NONE"},
    "possible": {"status": "POSSIBLE", "alert": "OTHER"},
    "ignorable": {"status": "KNOWN_IGNORABLE", "known_sets": ["NSRL"]},
}


@dataclass
class ListedCatalogue:
    """Answers as a catalogue does, from Python lists."""

    path: Path
    contents_: list[CatalogueContent] = field(default_factory=list)
    items_: list[CatalogueItem] = field(default_factory=list)
    told: dict[int, bytes] = field(default_factory=dict)
    recipe: str = "{}"

    def contents(self) -> Iterator[CatalogueContent]:
        yield from sorted(self.contents_, key=lambda one: one.digests.sha256 or "")

    def items(self) -> Iterator[CatalogueItem]:
        yield from sorted(self.items_, key=lambda one: one.path)

    def items_of(self, number: int) -> list[CatalogueItem]:
        return [one for one in self.items() if one.content and one.content.number == number]

    def verdicts(self, key: str) -> Iterator[tuple[int, bytes]]:
        assert key == "key"
        for content in self.contents():
            yield content.number, self.told[content.number]


def content_of(number: int, name: int, status: str) -> CatalogueContent:
    kind = "other" if status == "UNSUPPORTED" else "image"
    digests = Digests("00" * 16, "00" * 20, f"{name:064x}")
    nothing: dict[str, Any] = dict.fromkeys(
        ("reason", "mime", "width", "height", "pdq", "quality", "dihedral")
    )
    return CatalogueContent(number, digests, status=status, kind=kind, size=10, **nothing)


def item_of(at: int, content: CatalogueContent | None, own: str | None) -> CatalogueItem:
    status = own or (content.status if content else "PERMISSION")
    outcome = outcome_of(status, content.kind if content else None, of_item=own is not None)
    place = (b"/r", b"%03d" % at, b"", "1", str(at), 10, "1", 1)
    return CatalogueItem(*place, status, None, outcome, content)


def verdict_of(said: str) -> bytes:
    given = {"alert": "NONE", "revision": 1, **VERDICTS[said]}
    if given["status"] in ("MATCH", "POSSIBLE"):
        match = {"kind": "hash", "how": "h", "algorithm": "pdq", "distance": 3, "threshold": 31}
        shared = {"status": given["status"], "alert": given["alert"], "media_id": 1}
        given["matches"] = [{**match, **shared}]
    return json.dumps(given).encode()


@st.composite
def sets(draw: st.DrawFn) -> tuple[ListedCatalogue, CopyGroups, dict[int, str]]:
    n = draw(st.integers(1, 7))
    names = draw(st.permutations(range(n)))
    made = ListedCatalogue(Path("/nowhere/catalogue.db"))
    said = {}
    at = 0
    for number, name in enumerate(names, start=1):
        content = content_of(number, name, draw(st.sampled_from(STATUSES)))
        made.contents_.append(content)
        said[number] = draw(st.sampled_from([*VERDICTS, *4 * ["nothing"]]))
        made.told[number] = verdict_of(said[number])
        for _ in range(draw(st.integers(1, 3))):
            locked = content.kind == "other" and draw(st.booleans())
            made.items_.append(item_of(at, content, "ENCRYPTED" if locked else None))
            at += 1
    made.items_ += [item_of(at + n, None, "PERMISSION") for n in range(draw(st.integers(0, 2)))]
    made.items_ = draw(st.permutations(made.items_))
    linkage = draw(st.sampled_from(["complete", "medoid", "single"]))
    return made, CopyGroups(tuple(draw(groups(made))), linkage, 20), said


@st.composite
def groups(draw: st.DrawFn, made: ListedCatalogue) -> list[CopyGroup]:
    free = draw(st.permutations([c.number for c in made.contents_ if c.kind == "image"]))
    found = []
    while len(free) >= 2 and draw(st.booleans()):
        size = draw(st.integers(2, len(free)))
        members = free[:size]
        # Rarely one is in two groups.
        free = draw(st.permutations(free)) if draw(st.booleans()) else free[size:]
        distances = [0, *draw(st.lists(st.integers(-1, 40), min_size=size - 1, max_size=size - 1))]
        shares = [100, *draw(st.lists(st.integers(80, 100), min_size=size - 1, max_size=size - 1))]
        kind = draw(st.sampled_from([GroupKind.NEAR, GroupKind.VIDEO]))
        columns = (np.array(column, np.int64) for column in (members, distances, shares))
        numbers, bits, parts = columns
        turned = np.zeros(size, np.uint8)
        found.append(CopyGroup(kind, numbers, bits, turned, parts, "largest"))
    return found


def classified(given_set: tuple[ListedCatalogue, CopyGroups, dict[int, str]]) -> Classification:
    catalogue, copies, _ = given_set
    return classify(cast(Catalogue, catalogue), copies, key="key", folder="/tmp")  # noqa: S108


@settings(max_examples=120, deadline=None)
@given(sets())
def test_every_file_has_its_class(
    given_set: tuple[ListedCatalogue, CopyGroups, dict[int, str]],
) -> None:
    catalogue, copies, said = given_set
    with classified(given_set) as made:
        files = list(made.files())
        review = list(made.review())
        listed = list(made.groups())
        matched = list(made.matches())
    tally = Counter(one.triage for one in files)
    assert tally == {count.triage: count.files for count in made.counts}
    assert made.n_to_look_at + made.saved == len(files)

    # What is to be looked at is listed once each, and what it settles is all that is a copy.
    to_look_at = {one.item.name for one in files if one.triage.to_look_at}
    assert sorted(one.file.path for one in review) == sorted(to_look_at)
    n_copies = sum(one.n_copies for one in review)
    assert n_copies == tally[TriageClass.DUPLICATE]

    # A content that a list knows is what the list says, whatever its group.
    by_name = {one.item.name: one for one in files}
    for item in catalogue.items():
        if item.content is not None and said[item.content.number] in KNOWN:
            assert by_name[item.name].triage.value == said[item.content.number]
        if item.outcome == "failed":
            assert item.name in by_name
    n_matched = sum(
        one.content is not None and b"matches" in catalogue.told[one.content.number]
        for one in catalogue.items()
    )
    assert len(matched) == n_matched

    members = [number for group in copies for number in group.members.tolist()]
    if len(set(members)) < len(members):
        return
    # Groups have every file of their contents, each once, under the number that files tell.
    numbers = {one.item.name: one.group for one in files}
    for number, group in enumerate(listed, start=1):
        entries = [group.representative, *(member.file for member in group.others)]
        assert [numbers[entry.path] for entry in entries] == [number] * len(entries)
        assert {entry.path: entry.triage for entry in entries} == {
            name: by_name[name].triage for name, found in numbers.items() if found == number
        }
    assert len(listed) == max((found or 0 for found in numbers.values()), default=0)
    assert len(listed) >= len(copies)
