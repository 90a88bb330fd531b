"""Large sets: pages of a fixed number of entries, addresses that stay, bounded memory."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, overload

import pytest

from hashmatch.ledger import Ledger
from hashmatch.report import (
    FileEntry,
    Group,
    GroupKind,
    MatchEntry,
    Member,
    ReportModel,
    Review,
    TriageClass,
    write_report,
)
from hashmatch.report.sections import ENTRIES_A_PAGE, MOST_MEMBERS

MakeModel = Callable[..., ReportModel]
MakeFile = Callable[..., FileEntry]
Parse = Callable[[str], Any]


def pairs(make_file: MakeFile, n: int) -> Iterator[Group]:
    for number in range(n):
        copy = Member(make_file(2 * number + 1, TriageClass.DUPLICATE), 0, "original")
        yield Group(GroupKind.EXACT, make_file(2 * number), "earliest", (copy,))


def hrefs(page: Any) -> list[str]:
    return [e.attributes["href"] for e in page.all("a")]


def test_one_page_more_than_fits(
    make_model: MakeModel, make_file: MakeFile, parse: Parse, tmp_path: Path
) -> None:
    for n, n_pages in ((ENTRIES_A_PAGE, 0), (ENTRIES_A_PAGE + 1, 2), (2 * ENTRIES_A_PAGE, 2)):
        folder = tmp_path / str(n)
        done = write_report(make_model(groups=pairs(make_file, n)), folder)
        assert done.n_groups == n
        names = [f"pages/groups-{p:05d}.html" for p in range(1, n_pages + 1)]
        assert [f.path for f in done.files if f.path.startswith("pages/")] == names
        places = [folder / name for name in names] or [folder / "report.html"]
        ids = [
            e.attributes["id"]
            for place in places
            for e in parse(place.read_text(encoding="utf-8")).all("article")
            if e.attributes["id"].startswith("groups-")
        ]
        assert ids == [f"groups-{number}" for number in range(1, n + 1)]


def test_every_link_leads_somewhere(
    make_model: MakeModel, make_file: MakeFile, parse: Parse, match: MatchEntry, tmp_path: Path
) -> None:
    n = 2 * ENTRIES_A_PAGE + 5
    review = (Review(make_file(k), "why", 1, 1 + k % n) for k in range(n))
    model = make_model(groups=pairs(make_file, n), matches=[match] * n, review=review)
    done = write_report(model, tmp_path)
    pages = {
        f.path: parse((tmp_path / f.path).read_text(encoding="utf-8"))
        for f in done.files
        if f.path.endswith(".html")
    }
    assert len(pages) == 1 + 9
    ids = {name: {e.attributes.get("id") for e in page.elements} for name, page in pages.items()}
    followed = 0
    for name, page in pages.items():
        for href in hrefs(page):
            file, _, anchor = href.partition("#")
            target = ((tmp_path / name).parent / file).resolve() if file else tmp_path / name
            where = target.relative_to(tmp_path.resolve()).as_posix() if file else name
            assert target.is_file()
            if anchor:
                assert anchor in ids[where], (name, href)
                followed += anchor.startswith("groups-")
    assert followed == n
    # The address is the one that the number gives.
    assert "groups-00002.html#groups-201" in hrefs(pages["pages/review-00002.html"])
    chain = [hrefs(pages[f"pages/matches-{p:05d}.html"])[1:] for p in (1, 2, 3)]
    around = [
        ["../report.html", "matches-00002.html"],
        ["../report.html", "matches-00001.html", "matches-00003.html"],
        ["../report.html", "matches-00002.html"],
    ]
    assert chain == [links * 2 for links in around]  # above the entries, and below


def test_a_link_to_a_group_that_is_not_there_is_left_out(
    make_model: MakeModel, make_file: MakeFile, parse: Parse, tmp_path: Path
) -> None:
    model = make_model(review=[Review(make_file(k), "why", 1, k) for k in (0, 2, 3)])
    write_report(model, tmp_path)
    page = parse((tmp_path / "report.html").read_text(encoding="utf-8"))
    assert [h for h in hrefs(page) if h.startswith("#groups-")] == ["#groups-2"]


class Asked(Sequence[Member]):
    """Many members that are made as they are asked for, and counted."""

    def __init__(self, make_file: MakeFile, n: int) -> None:
        self._make = make_file
        self._n = n
        self.most = 0

    def __len__(self) -> int:
        return self._n

    @overload
    def __getitem__(self, place: int) -> Member: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[Member]: ...
    def __getitem__(self, place: int | slice) -> Member | Sequence[Member]:
        assert isinstance(place, int)
        if place >= self._n:
            raise IndexError
        self.most = max(self.most, place + 1)
        return Member(self._make(place), 0)


def test_a_group_of_very_many_is_told_in_part(
    make_model: MakeModel, make_file: MakeFile, parse: Parse, tmp_path: Path
) -> None:
    others = Asked(make_file, 3_000)
    group = Group(GroupKind.EXACT, make_file(0), "earliest", others)
    write_report(make_model(groups=[group]), tmp_path)
    page = parse((tmp_path / "report.html").read_text(encoding="utf-8"))
    told = page.by_id("groups-1").text
    assert "the same bytes, 3,001 files" in told
    assert f"{3_001 - MOST_MEMBERS:,} more in groups.csv" in told
    assert told.count(".jpg") == MOST_MEMBERS
    assert others.most == 3_000
    assert len((tmp_path / "groups.jsonl").read_bytes().splitlines()) == 3_001


def test_a_page_of_the_worst_names_has_a_bound(
    make_model: MakeModel, make_file: MakeFile, tmp_path: Path
) -> None:
    worst = make_file(0, path='"' * 10_000)
    members = tuple(Member(worst, 1, "original") for _ in range(MOST_MEMBERS))
    groups = (Group(GroupKind.NEAR, worst, "&" * 999, members) for _ in range(ENTRIES_A_PAGE + 1))
    write_report(make_model(groups=groups), tmp_path)
    assert (tmp_path / "pages" / "groups-00001.html").stat().st_size < 6_000_000


def peak_of(model: ReportModel, folder: Path) -> int:
    tracemalloc.start()
    try:
        write_report(model, folder)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_memory_does_not_grow_with_the_number_of_groups(
    make_model: MakeModel, make_file: MakeFile, tmp_path: Path
) -> None:
    write_report(make_model(), tmp_path / "warm")  # templates are compiled once
    few = peak_of(make_model(groups=pairs(make_file, 2 * ENTRIES_A_PAGE)), tmp_path / "few")
    many = peak_of(make_model(groups=pairs(make_file, 9 * ENTRIES_A_PAGE)), tmp_path / "many")
    assert many < few + 200_000
    assert few < 20_000_000


def test_streams_are_read_once_and_in_order(
    make_model: MakeModel, make_file: MakeFile, match: MatchEntry, tmp_path: Path
) -> None:
    read: list[str] = []

    def stream(name: str, item: Any) -> Iterator[Any]:
        read.append(name)
        yield item

    ledger = Ledger(done=9)
    model = make_model(
        ledger=ledger,
        matches=stream("matches", match),
        review=stream("review", Review(make_file(1), "why")),
        groups=stream("groups", Group(GroupKind.EXACT, make_file(1), "why", ())),
    )
    write_report(model, tmp_path)
    assert read == ["groups", "matches", "review"]


@pytest.mark.parametrize("where", ["groups", "matches", "review"])
def test_an_error_in_a_stream_leaves_nothing(
    make_model: MakeModel, tmp_path: Path, where: str
) -> None:
    def broken() -> Iterator[Any]:
        yield from map(fail, [0])

    def fail(_: int) -> Any:
        raise RuntimeError("the catalogue is gone")

    with pytest.raises(RuntimeError, match="catalogue"):
        write_report(make_model(**{where: broken()}), tmp_path)
    assert list(tmp_path.iterdir()) == []
