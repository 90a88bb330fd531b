"""Each content is asked about once under each key; what was said stays beside it."""

from __future__ import annotations

import tarfile
import threading
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from exhibits import IN_PROCESS, exported, fill, tile

from hashmatch.errors import DatabaseError, InputError
from hashmatch.fingerprinting import Fingerprint, ImageFingerprint
from hashmatch.scan import Catalogue, Recipe, scan_into


class Remembering:
    """Says what it was asked."""

    def __init__(
        self, key: str = "first", *, fails_at: int = -1, error: type[Exception] = DatabaseError
    ):
        self.key = key
        self.asked: list[Fingerprint] = []
        self._fails_at = fails_at
        self._error = error
        self._lock = threading.Lock()

    def __call__(self, fingerprint: Fingerprint) -> bytes:
        with self._lock:
            self.asked.append(fingerprint)
            if len(self.asked) == self._fails_at:
                raise self._error("the database is gone")
        return f"{self.key} {fingerprint.digests.sha256}".encode()

    @property
    def digests(self) -> list[str]:
        return sorted(made.digests.sha256 or "" for made in self.asked)


def expected(catalogue: Catalogue, key: str) -> list[tuple[int, bytes]]:
    return [(c.number, f"{key} {c.digests.sha256}".encode()) for c in catalogue.contents()]


def exhibit(root: Path) -> Path:
    fill(root, 20)
    (root / "text").write_bytes(b"only words")
    with zipfile.ZipFile(root / "z.zip", "w") as archive:
        archive.writestr("within.png", tile(300))
    return root


@pytest.mark.parametrize("isolate", [False, True])
def test_every_content_is_judged_once(tmp_path: Path, isolate: bool) -> None:
    root = exhibit(tmp_path / "exhibit")
    recipe = Recipe(isolate=isolate)
    judge = Remembering()
    with Catalogue.open(tmp_path / "out", create=True) as catalogue:
        scan_into(catalogue, [root], recipe=recipe, workers=1, archives=True, judge=judge)
        digests = [content.digests.sha256 for content in catalogue.contents()]
        assert sorted(set(judge.digests)) == digests
        assert len(digests) == 21  # two copies, text, an archive and its member
        assert list(catalogue.verdicts("first")) == expected(catalogue, "first")
        assert list(catalogue.verdicts("second")) == []
        before = exported(catalogue)
        again = Remembering()
        scan_into(catalogue, [root], recipe=recipe, workers=1, archives=True, judge=again)
        assert again.asked == []
        assert exported(catalogue) == before


def test_what_has_no_verdict_is_examined_again(tmp_path: Path) -> None:
    root = exhibit(tmp_path / "exhibit")
    with Catalogue.open(tmp_path / "out", create=True) as catalogue:
        options: dict[str, Any] = {"recipe": IN_PROCESS, "workers": 1, "archives": True}
        scan_into(catalogue, [root], **options)
        numbers = [content.number for content in catalogue.contents()]
        before = exported(catalogue)
        for key in ("first", "second"):
            judge = Remembering(key)
            summary = scan_into(catalogue, [root], judge=judge, **options)
            assert summary.examined == len(judge.asked) >= len(set(judge.digests)) == 21
            assert list(catalogue.verdicts(key)) == expected(catalogue, key)
        assert [content.number for content in catalogue.contents()] == numbers
        assert exported(catalogue) == before
        back = Remembering("first")
        assert scan_into(catalogue, [root], judge=back, **options).examined == 0
        assert scan_into(catalogue, [root], **options).examined == 0
        other = replace(IN_PROCESS, dihedral=False)
        scan_into(catalogue, [root], recipe=other, judge=back)
        assert len(set(back.digests)) == 20  # without the archive's member
        fresh = Remembering("first")
        scan_into(catalogue, [root], judge=fresh, fresh=True, **options)
        assert len(set(fresh.digests)) == 21
        assert list(catalogue.verdicts("second")) == []


def test_stopped_and_gone_on(tmp_path: Path) -> None:
    root = exhibit(tmp_path / "exhibit")
    with Catalogue.open(tmp_path / "out", create=True) as catalogue:
        asked = 0
        for steps in (5, 9, 14, 10**6):
            counts = iter(range(10**7))
            judge = Remembering()
            scan_into(
                catalogue,
                [root],
                recipe=IN_PROCESS,
                workers=1,
                archives=True,
                judge=judge,
                stop=lambda counts=counts, steps=steps: next(counts) > steps,  # type: ignore[misc]
            )
            asked += len(judge.asked)
        assert catalogue.complete
        assert list(catalogue.verdicts("first")) == expected(catalogue, "first")


@pytest.mark.parametrize(
    ("error", "raised"),
    [(DatabaseError, DatabaseError), (OSError, DatabaseError), (KeyError, KeyError)],
)
def test_a_judge_that_fails_ends_the_run(
    tmp_path: Path, error: type[Exception], raised: type[Exception]
) -> None:
    root = fill(tmp_path / "exhibit", 10)
    with Catalogue.open(tmp_path / "out", create=True) as catalogue:
        for fails_at in (1, 2, 9):
            judge = Remembering(str(fails_at), fails_at=fails_at, error=error)
            with pytest.raises(raised, match="the database is gone"):
                scan_into(catalogue, [root], recipe=IN_PROCESS, workers=1, judge=judge)
            assert not catalogue.complete
            assert {item.status for item in catalogue.items()} <= {"OK"}
            assert len(list(catalogue.verdicts(judge.key))) == fails_at - 1
        judge = Remembering("9")
        scan_into(catalogue, [root], recipe=IN_PROCESS, judge=judge)
        assert len(set(judge.digests)) == 1  # and perhaps its copy, in work at once
        assert list(catalogue.verdicts("9")) == expected(catalogue, "9")


@pytest.mark.parametrize("kind", ["zip", "tar", "7z"])
def test_a_judge_that_fails_at_a_member_breaks_no_archive(tmp_path: Path, kind: str) -> None:
    """Code that reads archives takes most errors for broken ones."""
    root = tmp_path / "exhibit"
    root.mkdir()
    member = tmp_path / "within.png"
    member.write_bytes(tile(300))
    path = root / f"packed.{kind}"
    if kind == "zip":
        with zipfile.ZipFile(path, "w") as zipped:
            zipped.write(member, "within.png")
    elif kind == "tar":
        with tarfile.open(path, "w") as tarred:
            tarred.add(member, "within.png")
    else:
        py7zr = pytest.importorskip("py7zr")
        with py7zr.SevenZipFile(path, "w") as packed:
            packed.write(member, "within.png")
    with Catalogue.open(tmp_path / "out", create=True) as catalogue:
        with pytest.raises(DatabaseError, match="the database is gone"):
            scan_into(
                catalogue, [root], recipe=IN_PROCESS, archives=True, judge=Remembering(fails_at=1)
            )
        assert list(catalogue.items()) == []
        judge = Remembering()
        scan_into(catalogue, [root], recipe=IN_PROCESS, archives=True, judge=judge)
        assert {item.status for item in catalogue.items()} == {"OK", "UNSUPPORTED"}
        assert len(judge.asked) == 2


def test_what_a_judge_may_be_given(tmp_path: Path) -> None:
    """More than the catalogue keeps: other algorithms, all views."""
    root = fill(tmp_path / "exhibit", 2)
    judge = Remembering()
    recipe = Recipe(isolate=False, views="all", algorithms=("pdq", "phash"))
    with Catalogue.open(tmp_path / "out", create=True) as catalogue:
        scan_into(catalogue, [root], recipe=recipe, judge=judge)
        assert recipe.digest != Recipe(isolate=False, views="all").digest
    for made in judge.asked:
        assert isinstance(made, ImageFingerprint)
        assert set(made.hashes) == {"pdq", "phash"}
        assert made.views
    with pytest.raises(InputError, match="pdq among them"):
        Recipe(algorithms=("phash",))
    with pytest.raises(InputError, match="pdq among them"):
        Recipe(video_algorithms=("tmk",))


def test_one_content_and_its_items(tmp_path: Path) -> None:
    root = fill(tmp_path / "exhibit", 20)
    with Catalogue.open(tmp_path / "out", create=True) as catalogue:
        scan_into(catalogue, [root], recipe=IN_PROCESS)
        items = list(catalogue.items())
        for content in catalogue.contents():
            assert catalogue.content(content.number) == content
            of_it = catalogue.items_of(content.number)
            assert of_it == [item for item in items if item.content == content]
        assert len(catalogue.items_of(10**9)) == 0
        with pytest.raises(InputError, match="of a content"):
            catalogue.content(10**9)
