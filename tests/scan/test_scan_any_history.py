"""Whatever happened between runs, and wherever they were stopped: the end is a clean run's."""

from __future__ import annotations

import os
import shutil
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from exhibits import IN_PROCESS, exported, tile
from hypothesis import given, settings
from hypothesis import strategies as st

from hashmatch.scan import Catalogue, scan_into

TILES = [tile(seed) for seed in range(5)]
NAMES = ["a", "b", "c/a", "c/d", "e/f/g", "z.zip"]
RECIPES = [IN_PROCESS, replace(IN_PROCESS, dihedral=False)]

names = st.sampled_from(NAMES)
steps = st.one_of(
    st.tuples(st.just("write"), names, st.integers(0, 4)),
    st.tuples(st.just("pack"), names, st.integers(0, 4)),
    st.tuples(st.just("remove"), names, st.just(0)),
    st.tuples(st.just("link"), names, st.integers(0, 5)),
    st.tuples(st.just("touch"), names, st.just(0)),
    st.tuples(st.just("run"), st.booleans(), st.integers(0, 1)),
    st.tuples(st.just("stop"), st.booleans(), st.integers(1, 12)),
)


def change(root: Path, what: str, name: str, number: int, clock: int) -> None:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    if what == "link":
        source = root / NAMES[number]
        if source.is_file() and not path.exists():
            os.link(source, path)
        return
    if what == "touch":
        if not path.exists():
            return
    else:
        path.unlink(missing_ok=True)
        if what == "remove":
            return
        if what == "write":
            path.write_bytes(TILES[number])
        else:
            with zipfile.ZipFile(path, "w") as archive:
                for member in range(number):
                    archive.writestr(f"{member}.png", TILES[member])
    # Each change at its own time: two within one tick of the clock would look like one.
    os.utime(path, ns=(clock, clock))


@settings(max_examples=10)
@given(history=st.lists(steps, max_size=8), archives=st.booleans(), recipe=st.integers(0, 1))
def test_the_end_is_that_of_a_clean_run(
    tmp_path_factory: pytest.TempPathFactory,
    history: list[tuple[str, object, int]],
    archives: bool,
    recipe: int,
) -> None:
    folder = tmp_path_factory.mktemp("history")
    root = folder / "exhibit"
    root.mkdir()
    with Catalogue.open(folder / "out", create=True) as catalogue:
        for clock, (what, which, number) in enumerate(history, start=10**9):
            if what in ("run", "stop"):
                asked = iter(range(10**6))
                scan_into(
                    catalogue,
                    [root],
                    recipe=RECIPES[number % 2],
                    workers=1,
                    archives=bool(which),
                    stop=(lambda asked=asked, n=number: next(asked) > n)  # type: ignore[misc]
                    if what == "stop"
                    else None,
                )
            else:
                change(root, what, str(which), number, clock)
        last = scan_into(catalogue, [root], recipe=RECIPES[recipe], workers=1, archives=archives)
        with Catalogue.open(folder / "clean", create=True) as clean:
            scan_into(clean, [root], recipe=RECIPES[recipe], workers=1, archives=archives)
            assert exported(catalogue) == exported(clean)
            assert catalogue.ledger() == clean.ledger()
            assert (catalogue.picture_hashes().hashes == clean.picture_hashes().hashes).all()
        assert catalogue.pending() == 0
        assert last.complete
        assert catalogue.ledger().seen == last.listed + sum(
            bool(item.member) for item in catalogue.items()
        )
    shutil.rmtree(folder)
