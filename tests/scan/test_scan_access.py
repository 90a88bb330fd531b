"""C06: what can't be reached is counted with its reason, and looked at again."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from exhibits import IN_PROCESS, exported, fill, tile

from hashmatch.errors import MediaAccessError
from hashmatch.scan import Catalogue, Entry, Recipe, evidence, listing, scan_into

NOBODY = 65534

AS_NOBODY = """
import json, os, sys
from exhibits import IN_PROCESS
from hashmatch.errors import MediaAccessError
from hashmatch.scan import Catalogue, scan_into

folder, nobody = sys.argv[1], int(sys.argv[2])
with Catalogue.open(folder + "/warm", create=True) as catalogue:
    scan_into(catalogue, [folder + "/exhibit"], recipe=IN_PROCESS)  # loads what it needs
if os.getuid() == 0:
    os.setgroups([])
    os.setresgid(nobody, nobody, nobody)
    os.setresuid(nobody, nobody, nobody)
with Catalogue.open(folder + "/out/new", create=True) as catalogue:
    scan_into(catalogue, [folder + "/exhibit"], recipe=IN_PROCESS)
    items = [[os.fsdecode(i.path), i.status, i.reason] for i in catalogue.items()]
    try:
        scan_into(catalogue, [folder + "/exhibit/closed"], recipe=IN_PROCESS)
    except MediaAccessError as error:
        print(json.dumps({"items": items, "ledger": catalogue.ledger().to_dict(),
                          "root": [error.errno, len(catalogue.runs())]}))
"""


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that everybody can reach, as those of pytest are not."""
    folder = Path(tempfile.mkdtemp(prefix="hashmatch-test-"))
    folder.chmod(0o755)
    yield folder
    for path in folder.rglob("closed*"):
        path.chmod(0o700)
    shutil.rmtree(folder)


def test_what_may_not_be_read(open_folder: Path) -> None:
    root = fill(open_folder / "exhibit", 3)
    (root / "closed").mkdir()
    (root / "closed" / "x.png").write_bytes(tile(70))
    (root / "closed.png").write_bytes(tile(71))
    (root / "closed").chmod(0)
    (root / "closed.png").chmod(0)
    (open_folder / "out").mkdir()
    (open_folder / "out").chmod(0o777)
    done = subprocess.run(
        [sys.executable, "-c", AS_NOBODY, str(open_folder), str(NOBODY)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    if "setgroups" in done.stderr:
        pytest.skip("this root may not become another user")
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert said["items"] == [
        ["closed", "PERMISSION", "Permission denied"],
        ["closed.png", "PERMISSION", "Permission denied"],
        *[[f"folder-0/000{number}.png", "OK", None] for number in range(3)],
    ]
    assert (said["ledger"]["seen"], said["ledger"]["failed"]) == (5, 2)
    assert said["root"] == [13, 1]


def changing(monkeypatch: pytest.MonkeyPatch, change: Any) -> None:
    """Let something happen between the listing of a file and its opening."""
    real = listing.entries

    def entries(roots: Any) -> Iterator[Entry]:
        for entry in real(roots):
            change(Path(os.fsdecode(entry.full_path)))
            yield entry

    monkeypatch.setattr("hashmatch.scan.run.entries", entries)


def test_vanished_and_changed_between_listing_and_opening(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = fill(tmp_path / "exhibit", 4)
    (tmp_path / "outside.png").write_bytes(tile(99))

    def change(path: Path) -> None:
        if path.name == "0000.png":
            path.unlink()
        elif path.name == "0001.png":
            path.write_bytes(tile(50))
        elif path.name == "0002.png":
            path.unlink()
            path.symlink_to(tmp_path / "outside.png")

    with Catalogue.open(tmp_path / "out", create=True) as catalogue:
        with monkeypatch.context() as patch:
            changing(patch, change)
            scan_into(catalogue, [root], recipe=IN_PROCESS)
        assert [item.status for item in catalogue.items()] == [
            "VANISHED",
            "CHANGED",
            "CHANGED",
            "OK",
        ]
        assert dict(catalogue.ledger().reasons) == {
            ("failed", "VANISHED"): 1,
            ("failed", "CHANGED"): 2,
        }
        assert len(list(catalogue.contents())) == 1
        again = scan_into(catalogue, [root], recipe=IN_PROCESS)
        assert (again.unchanged, again.examined) == (1, 1)
        with Catalogue.open(tmp_path / "clean", create=True) as clean:
            scan_into(clean, [root], recipe=IN_PROCESS)
            assert exported(catalogue) == exported(clean)


def test_a_file_that_grows_while_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path / "exhibit"
    root.mkdir()
    path = root / "growing.png"
    path.write_bytes(tile(1))
    from hashmatch.fingerprinting import sniffed

    real = sniffed.examine

    def examine(*args: Any, **options: Any) -> Any:
        made = real(*args, **options)
        with path.open("ab") as file:
            file.write(b"more")
        return made

    with Catalogue.open(tmp_path / "out", create=True) as catalogue:
        with monkeypatch.context() as patch:
            patch.setattr(sniffed, "examine", examine)
            scan_into(catalogue, [root], recipe=IN_PROCESS)
        (item,) = catalogue.items()
        assert (item.status, item.outcome, item.content) == ("CHANGED", "failed", None)
        assert scan_into(catalogue, [root], recipe=IN_PROCESS).examined == 1
        (item,) = catalogue.items()
        assert item.status == "OK"


def test_an_error_of_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = fill(tmp_path / "exhibit", 1)

    def broken(*_: object, **__: object) -> None:
        raise OSError(5, "Input/output error")

    with Catalogue.open(tmp_path / "out", create=True) as catalogue:
        with monkeypatch.context() as patch:
            patch.setattr("hashmatch.decode.source.BLOCK_BYTES", 16)
            patch.setattr("hashmatch.fingerprinting.reading.read_blocks", broken)
            scan_into(catalogue, [root], recipe=IN_PROCESS)
        (item,) = catalogue.items()
        assert (item.status, item.reason) == ("UNREADABLE", "Input/output error")
        scan_into(catalogue, [root], recipe=IN_PROCESS)
        assert [item.status for item in catalogue.items()] == ["OK"]


def test_a_folder_that_fails_later_takes_nothing_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is below it is not known to be gone."""
    root = fill(tmp_path / "exhibit", 120)
    with Catalogue.open(tmp_path / "out", create=True) as catalogue:
        scan_into(catalogue, [root], recipe=IN_PROCESS)
        before = exported(catalogue)
        real = evidence.open_quietly

        def refuse(path: bytes, **how: Any) -> int:
            if path.endswith(b"folder-1"):
                raise OSError(5, "Input/output error")
            return real(path, **how)

        with monkeypatch.context() as patch:
            patch.setattr("hashmatch.scan.listing.open_quietly", refuse)
            summary = scan_into(catalogue, [root], recipe=IN_PROCESS)
        assert (summary.gone, summary.unchanged) == (0, 70)
        assert catalogue.ledger().seen == 121
        assert catalogue.ledger().failed == 1
        assert scan_into(catalogue, [root], recipe=IN_PROCESS).gone == 0
        assert exported(catalogue) == before


def test_a_root_that_disappears_while_it_is_walked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root, other = fill(tmp_path / "exhibit", 100), fill(tmp_path / "other", 5, seed=500)

    def change(path: Path) -> None:
        if path.name == "0049.png":
            root.rename(tmp_path / "away")

    with Catalogue.open(tmp_path / "out", create=True) as catalogue:
        with monkeypatch.context() as patch:
            changing(patch, change)
            summary = scan_into(catalogue, [root, other], recipe=IN_PROCESS, workers=1)
        assert not summary.complete
        assert not catalogue.complete
        assert summary.lost == (os.fsencode(root),)
        statuses = {os.fsdecode(item.path): item.status for item in catalogue.items()}
        assert statuses["folder-1"] == "VANISHED"
        assert statuses["folder-0/0049.png"] == "VANISHED"
        of_other = [item for item in catalogue.items() if item.root == os.fsencode(other)]
        assert [item.status for item in of_other] == ["OK"] * 5
        with pytest.raises(MediaAccessError, match="No such file"):
            scan_into(catalogue, [root], recipe=IN_PROCESS)
        (tmp_path / "away").rename(root)
        assert scan_into(catalogue, [root], recipe=IN_PROCESS).complete
        assert catalogue.ledger().done == 100


@pytest.mark.parametrize("empty_folder_stays", [False, True])
@pytest.mark.parametrize("isolate", [False, True])
def test_a_root_that_disappears_takes_nothing_known_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, empty_folder_stays: bool, isolate: bool
) -> None:
    """As when a disk is unplugged, and its mount point is an empty folder by then."""
    root = fill(tmp_path / "exhibit", 100)
    recipe = Recipe(isolate=isolate)

    def change(path: Path) -> None:
        if path.name == "0040.png":
            root.rename(tmp_path / "away")
            if empty_folder_stays:
                root.mkdir()

    with Catalogue.open(tmp_path / "out", create=True) as catalogue:
        scan_into(catalogue, [root], recipe=recipe, workers=1)
        before = exported(catalogue)
        for path in root.rglob("*.png"):
            os.utime(path, ns=(10**18, 10**18))
        with monkeypatch.context() as patch:
            changing(patch, change)
            summary = scan_into(catalogue, [root], recipe=recipe, workers=1)
        assert (summary.complete, summary.gone) == (False, 0)
        assert summary.lost == (os.fsencode(root),)
        assert catalogue.gone() == 0
        assert catalogue.ledger().done == 100
        if empty_folder_stays:
            root.rmdir()
        (tmp_path / "away").rename(root)
        last = scan_into(catalogue, [root], recipe=recipe, workers=1)
        assert (last.complete, last.examined, last.gone, last.lost) == (True, 0, 0, ())
        assert exported(catalogue) != before  # the times
        with Catalogue.open(tmp_path / "clean", create=True) as clean:
            scan_into(clean, [root], recipe=recipe, workers=1)
            assert exported(catalogue) == exported(clean)
