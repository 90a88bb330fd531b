"""A run into a catalogue: what is done stays done, what became different is seen, counts add up."""

from __future__ import annotations

import os
import stat
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from exhibits import IN_PROCESS, digests_of, exported, fill, paths_of, states_of, tile
from pictures import encoded, photograph, png

from hashmatch.errors import CatalogueError, InputError
from hashmatch.fingerprinting import examine_image
from hashmatch.scan import Catalogue, CatalogueItem, Recipe, ScanSummary, entries, scan_into


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[Catalogue]:
    with Catalogue.open(tmp_path / "out", create=True) as opened:
        yield opened


def scan(catalogue: Catalogue, *roots: Path, **options: Any) -> ScanSummary:
    return scan_into(catalogue, roots, **{"recipe": IN_PROCESS, "workers": 2, **options})


def by_name(catalogue: Catalogue) -> dict[str, CatalogueItem]:
    return {os.fsdecode(item.path): item for item in catalogue.items()}


def mixed(root: Path) -> Path:
    """One item of each kind that a ledger tells apart."""
    fill(root, 12)
    blank = np.full((80, 80, 3), 200, np.uint8)
    whole = encoded(photograph(3, 96, 128), "JPEG")
    for name, content in (
        ("blank.png", png(blank)),
        ("broken.png", tile(1)[:60]),
        ("cut.jpg", whole[: len(whole) * 2 // 3]),
        ("empty", b""),
        ("small.png", png(blank[:4, :4])),
        ("text", b"only words"),
    ):
        (root / name).write_bytes(content)
    (root / "link").symlink_to("text")
    os.link(root / "cut.jpg", root / "hard.jpg")
    return root


def test_a_file_s_whole_result_is_kept(tmp_path: Path, catalogue: Catalogue) -> None:
    root = fill(tmp_path / "exhibit", 1)
    summary = scan(catalogue, root)
    (item,) = catalogue.items()
    made = examine_image(root / "folder-0/0000.png", dihedral=True)
    content = item.content
    assert content is not None
    assert (content.digests, content.status, content.kind) == (made.digests, "OK", "image")
    assert (content.mime, content.width, content.height) == ("image/png", 80, 80)
    assert (content.pdq, content.quality) == (made.hashes["pdq"].value, made.hashes["pdq"].quality)
    assert content.dihedral == b"".join(value.value for value in made.dihedral["pdq"])
    assert item.name == str(root / "folder-0/0000.png")
    assert (summary.complete, summary.examined, summary.new) == (True, 1, 1)
    assert stat.S_IMODE(catalogue.path.stat().st_mode) == 0o600


def test_the_ledger_adds_up(tmp_path: Path, catalogue: Catalogue) -> None:
    root = mixed(tmp_path / "exhibit")
    summary = scan(catalogue, root)
    ledger = catalogue.ledger()
    assert ledger.seen == summary.listed == 20 == len(list(catalogue.items()))
    assert (ledger.done, ledger.low_information, ledger.rejected, ledger.failed) == (14, 2, 3, 1)
    assert dict(ledger.reasons) == {
        ("done", "TRUNCATED"): 2,
        ("low-information", "LOW_INFORMATION"): 1,
        ("low-information", "TOO_SMALL"): 1,
        ("rejected", "EMPTY"): 1,
        ("rejected", "UNSUPPORTED"): 1,
        ("rejected", "symbolic link"): 1,
        ("failed", "CORRUPT"): 1,
    }
    outcomes = [item.outcome for item in catalogue.items()]
    assert outcomes.count("done") == 14
    assert outcomes.count("failed") == 1


def test_a_second_run_reads_nothing(
    tmp_path: Path, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = mixed(tmp_path / "exhibit")
    scan(catalogue, root)
    before = exported(catalogue)

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a file was opened")

    monkeypatch.setattr("hashmatch.scan.examining.open_file", refuse)
    again = scan(catalogue, root)
    assert (again.unchanged, again.examined, again.copies, again.new) == (19, 0, 0, 0)
    assert exported(catalogue) == before
    assert [run["complete"] for run in catalogue.runs()] == [True, True]
    with pytest.raises(AssertionError, match="was opened"):
        scan(catalogue, root, fresh=True)


def test_copies_are_not_decoded_and_links_not_read(tmp_path: Path, catalogue: Catalogue) -> None:
    """C03: of many files of the same bytes one is examined."""
    root = tmp_path / "exhibit"
    root.mkdir()
    one = png(np.zeros((1, 1, 3), np.uint8))
    for number in range(300):
        (root / f"{number:03}.png").write_bytes(one)
        (root / f"{number:03}").write_bytes(b"")
    os.link(root / "000.png", root / "zzz.png")
    summary = scan(catalogue, root, workers=1)
    assert summary.listed == 601
    assert summary.linked == 1
    assert summary.examined <= 2 * 5  # those that were in work when the first ended
    assert summary.examined + summary.copies == 600
    assert len(list(catalogue.contents())) == 2
    assert dict(catalogue.ledger().reasons) == {
        ("low-information", "TOO_SMALL"): 301,
        ("rejected", "EMPTY"): 300,
    }


def test_changed_new_and_vanished_files_are_seen(tmp_path: Path, catalogue: Catalogue) -> None:
    root = fill(tmp_path / "exhibit", 20)
    scan(catalogue, root)
    folder = root / "folder-0"
    (folder / "0003.png").write_bytes(tile(500))
    (folder / "0004.png").unlink()
    (folder / "0005.png").rename(folder / "moved.png")
    os.utime(folder / "0006.png", ns=(1, 1))
    summary = scan(catalogue, root)
    assert (summary.new, summary.changed, summary.gone, summary.unchanged) == (1, 2, 2, 16)
    assert summary.examined == 1  # the moved one and the touched one have known bytes
    assert summary.copies == 2
    with Catalogue.open(tmp_path / "clean", create=True) as clean:
        scan(clean, root)
        assert exported(catalogue) == exported(clean)
        assert catalogue.ledger() == clean.ledger()
    assert catalogue.gone() == 2
    assert len(catalogue.picture_hashes()) == len({item.content for item in catalogue.items()})


def test_other_roots_and_back(tmp_path: Path, catalogue: Catalogue) -> None:
    """The answers are about the last run's roots; what is known of others is not lost."""
    first, second = fill(tmp_path / "a", 5), fill(tmp_path / "b", 5, seed=100)
    scan(catalogue, first)
    of_first = exported(catalogue)
    assert scan(catalogue, second).gone == 0
    assert {item.root for item in catalogue.items()} == {os.fsencode(second)}
    back = scan(catalogue, first)
    assert (back.unchanged, back.examined) == (5, 0)
    assert exported(catalogue) == of_first


def test_recipes_never_mix(tmp_path: Path, catalogue: Catalogue) -> None:
    """C10: other parameters are another recipe; its results stand apart."""
    root = fill(tmp_path / "exhibit", 10)
    plain = replace(IN_PROCESS, dihedral=False)
    scan(catalogue, root)
    turned = exported(catalogue)
    other = scan(catalogue, root, recipe=plain)
    assert other.unchanged <= 1  # the copy, once its bytes are known
    assert other.unchanged + other.examined + other.copies == 10
    assert catalogue.recipe == plain.text != IN_PROCESS.text
    assert all(c.dihedral is None for c in catalogue.contents())
    with pytest.raises(CatalogueError, match="did not ask"):
        catalogue.picture_hashes(dihedral=True)
    assert len(catalogue.picture_hashes()) == 9
    back = scan(catalogue, root)
    assert (back.unchanged, back.examined) == (10, 0)
    assert exported(catalogue) == turned


@pytest.mark.parametrize(
    "other",
    [
        Recipe(decode="fast"),
        Recipe(dihedral=False),
        Recipe(views="trims"),
        Recipe(interval_s=2.0),
        Recipe(prune_distance=None),
        Recipe(limits=replace(Recipe().limits, max_pixels=5)),
        Recipe(isolate=False),
    ],
)
def test_everything_that_shows_in_a_result_is_in_the_recipe(other: Recipe) -> None:
    assert other.digest != Recipe().digest
    assert other.text != Recipe().text


def test_versions_are_in_the_recipe(monkeypatch: pytest.MonkeyPatch) -> None:
    before = Recipe().digest
    assert Recipe().digest == before
    monkeypatch.setattr("hashmatch.scan.recipe.__version__", "99")
    assert Recipe().digest != before
    with pytest.raises(InputError, match="decode"):
        Recipe(decode="best")


def test_a_run_that_another_recipe_left_behind(tmp_path: Path, catalogue: Catalogue) -> None:
    """Interrupted: what it did not reach is pending, and in no answer."""
    root = fill(tmp_path / "exhibit", 40)
    scan(catalogue, root)
    asked = iter(range(1000))
    stopped = scan(
        catalogue, root, recipe=replace(IN_PROCESS, dihedral=False), stop=lambda: next(asked) > 60
    )
    assert not stopped.complete
    assert not catalogue.complete
    done = len(list(catalogue.items()))
    assert done + catalogue.pending() == 40
    assert 0 < done < 40
    assert catalogue.ledger().seen == done


def test_stopped_at_once_and_gone_on(tmp_path: Path, catalogue: Catalogue) -> None:
    """Also while a file is in work that never ends."""
    root = fill(tmp_path / "exhibit", 60)
    going, released = threading.Event(), threading.Event()

    def blocked(*_: object, **__: object) -> None:
        going.set()
        released.wait(30)
        raise OSError(5, "too late")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("hashmatch.scan.examining.open_file", blocked)
        summary = scan(catalogue, root, stop=going.is_set)
        released.set()
    assert not summary.complete
    assert list(catalogue.items()) == []  # what comes too late is not written down
    counts = iter(range(10_000))
    assert not scan(catalogue, root, stop=lambda: next(counts) > 100).complete
    kept = len(list(catalogue.items()))
    assert 0 < kept < 60
    rest = scan(catalogue, root)
    assert rest.complete
    assert rest.unchanged == kept
    with Catalogue.open(tmp_path / "clean", create=True) as clean:
        scan(clean, root)
        assert exported(catalogue) == exported(clean)


def test_ctrl_c_keeps_what_was_done(tmp_path: Path, catalogue: Catalogue) -> None:
    root = fill(tmp_path / "exhibit", 60)

    def interrupt(summary: ScanSummary) -> None:
        if summary.examined >= 20:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        scan(catalogue, root, progress=interrupt)
    kept = len(list(catalogue.items()))
    assert kept >= 20
    assert catalogue.runs()[0]["ended"] is not None
    assert scan(catalogue, root).unchanged == kept


def test_an_error_that_nobody_expected_ends_the_run(
    tmp_path: Path, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = fill(tmp_path / "exhibit", 3)

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("a defect")

    monkeypatch.setattr("hashmatch.scan.examining.open_file", broken)
    with pytest.raises(RuntimeError, match="a defect"):
        scan(catalogue, root)
    assert not catalogue.complete


@pytest.mark.parametrize("isolate", [False, True])
def test_evidence_is_not_touched(tmp_path: Path, catalogue: Catalogue, isolate: bool) -> None:
    """Bytes, and every time, mode and count that stat gives; of folders and links too."""
    root = mixed(tmp_path / "exhibit")
    before = digests_of(root)
    paths = paths_of(root)
    for path in paths:
        # Read before it was written: a file system that keeps times of access moves this one.
        os.utime(path, ns=(10**18, 2 * 10**18), follow_symlinks=False)
    states = states_of(paths)
    scan(catalogue, root, recipe=Recipe(isolate=isolate))
    assert states_of(paths) == states
    assert digests_of(root) == before
    assert paths_of(root) == paths


def test_the_catalogue_is_not_among_the_evidence(tmp_path: Path, catalogue: Catalogue) -> None:
    for root in (tmp_path, tmp_path / "out"):
        with pytest.raises(InputError, match="outside of"):
            scan(catalogue, root)
    assert catalogue.runs() == []
    fill(tmp_path / "exhibit", 1)
    with pytest.raises(InputError, match="workers"):
        scan(catalogue, tmp_path / "exhibit", workers=0)


def test_hashes_as_arrays(tmp_path: Path, catalogue: Catalogue) -> None:
    root = mixed(tmp_path / "exhibit")
    scan(catalogue, root)
    made = catalogue.picture_hashes(dihedral=True)
    contents = [c for c in catalogue.contents() if c.status in ("OK", "TRUNCATED")]
    assert [c.number for c in contents] == made.numbers.tolist()
    assert [c.digests.sha256 for c in contents] == [row.tobytes().hex() for row in made.sha256]
    assert [c.pdq for c in contents] == [row.tobytes() for row in made.hashes]
    assert [c.quality for c in contents] == made.qualities.tolist()
    assert made.dihedral is not None
    assert (made.dihedral[:, 0] == made.hashes).all()
    assert len(catalogue.picture_hashes(low_information=True)) == len(made) + 1


def test_odd_names_come_back_whole(tmp_path: Path, catalogue: Catalogue) -> None:
    """C05."""
    root = tmp_path / "exhibit"
    root.mkdir()
    names = [b"\xe4.png", b"new\nline.png", b"-rf", b"$(x)", b'quo"te', b"n" * 255]
    for name in names:
        (root / os.fsdecode(name)).write_bytes(tile(1))
    scan(catalogue, root)
    assert [item.path for item in catalogue.items()] == sorted(names)
    assert {os.fsencode(item.name) for item in catalogue.items()} == {
        os.fsencode(root) + b"/" + name for name in names
    }
    assert exported(catalogue).isascii()
    assert [entry.path for entry in entries([os.fsencode(root)])] == sorted(names)
