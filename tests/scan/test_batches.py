"""Small files go to the workers together; nothing shows of it but the time."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import hostile_batches
import numpy as np
import pytest
from clips import animation, make_clip, shots
from exhibits import IN_PROCESS, fill, tile
from pictures import encoded, photograph, png
from PIL import Image

from hashmatch.decode import Limits
from hashmatch.scan import Catalogue, Recipe, batching, scan_into
from hashmatch.scan.evidence import ChangedError, Identity, read_file
from hashmatch.scan.listing import Entry


def taken() -> Image.Exif:
    exif = Image.Exif()
    exif[0x010F], exif[0x0110] = "Canon", "EOS R5"
    exif.get_ifd(0x8769)[0x9003] = "2024:05:01 12:00:00"
    return exif


def mixed(root: Path) -> Path:
    """Copies, hard links, what is no picture, what is broken, an animation, a video."""
    fill(root, 30)
    picture = photograph(3, 96, 128)
    for name, content in (
        ("broken.png", png(picture)[:60]),
        ("camera.jpg", encoded(picture, "JPEG", exif=taken())),
        ("clip.mp4", make_clip(shots([1], 6))),
        ("copy-of-clip.mp4", make_clip(shots([1], 6))),
        ("empty", b""),
        ("moving.gif", animation(shots([3, 4], 3))),
        ("again.gif", animation(shots([3, 4], 3))),
        ("small.png", png(picture[:4, :4])),
        ("text", b"only words"),
        ("also text", b"only words"),
        ("poisoned.png", tile(999) + hostile_batches.POISON),
    ):
        (root / name).write_bytes(content)
    os.link(root / "broken.png", root / "hard.png")
    return root


def results(catalogue: Catalogue) -> list[tuple[Any, ...]]:
    return [
        (item.path, item.status, item.reason, item.content and item.content.to_dict())
        for item in catalogue.items()
    ]


def scanned(root: Path, out: Path, recipe: Recipe, workers: int = 2) -> list[tuple[Any, ...]]:
    with Catalogue.open(out, create=True) as catalogue:
        summary = scan_into(catalogue, [root], recipe=recipe, workers=workers)
        assert summary.complete
        assert summary.examined + summary.copies + summary.linked == summary.listed
        assert catalogue.ledger().seen == summary.listed
        return results(catalogue)


def test_as_without_workers(tmp_path: Path) -> None:
    root = mixed(tmp_path / "exhibit")
    plain = scanned(root, tmp_path / "plain", IN_PROCESS)
    said = [content for path, _, _, content in plain if path == b"camera.jpg"]
    assert (said[0]["captured"], said[0]["camera"]) == ("2024-05-01T12:00:00", "Canon EOS R5")
    assert len(plain) == 42
    assert scanned(root, tmp_path / "out", Recipe()) == plain


@pytest.mark.parametrize(
    "hostile",
    [
        hostile_batches.dies_of_poison,
        hostile_batches.leaves_some,
        hostile_batches.lies,
    ],
)
def test_a_batch_that_fails_is_done_again_one_by_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, hostile: Callable[..., object]
) -> None:
    root = mixed(tmp_path / "exhibit")
    (root / "clip.mp4").unlink()
    (root / "copy-of-clip.mp4").unlink()
    plain = scanned(root, tmp_path / "plain", IN_PROCESS)
    module = "hashmatch.fingerprinting.picture_batch"
    monkeypatch.setattr(f"{module}.hash_batch", hostile)
    monkeypatch.setattr(f"{module}.BATCH_SECONDS", 0.2)
    assert scanned(root, tmp_path / "out", replace(Recipe(), limits=Limits(max_seconds=2))) == plain


def test_one_that_takes_too_long_costs_itself(tmp_path: Path) -> None:
    root = fill(tmp_path / "exhibit", 12)
    (root / "long.png").write_bytes(png(np.zeros((6000, 6000, 3), np.uint8)))
    assert (root / "long.png").stat().st_size < batching.SMALL_BYTES
    made = scanned(root, tmp_path / "out", replace(Recipe(), limits=Limits(max_seconds=0.05)), 1)
    statuses = {os.fsdecode(path): status for path, status, *_ in made}
    assert statuses.pop("long.png") == "TIMEOUT"
    assert set(statuses.values()) == {"OK"}


def test_copies_within_a_batch_are_decoded_once(tmp_path: Path) -> None:
    root = tmp_path / "exhibit"
    root.mkdir()
    for number in range(200):
        (root / f"{number:03}.png").write_bytes(tile(1))
        (root / f"{number:03}").write_bytes(b"")
    with Catalogue.open(tmp_path / "out", create=True) as catalogue:
        summary = scan_into(catalogue, [root], workers=1)
        assert summary.examined + summary.copies == 400
        assert summary.examined <= 2 * 2 * 8  # at first they are in work at once
        assert catalogue.ledger().done == 200
        assert len(list(catalogue.contents())) == 2


def test_packing() -> None:
    packer = batching.Packer(Recipe(), 2)
    sizes = []
    for number in range(5000):
        batch = packer.pack(Entry(b"/", b"%d" % number, Identity(1, number, 1000, 0)))
        if batch is not None:
            sizes.append(len(batch.entries))
    rest = packer.rest()
    assert sum(sizes) + (len(rest.entries) if rest else 0) == 5000
    assert sizes == sorted(sizes)
    assert (sizes[0], sizes[-1]) == (1, batching.BATCH_FILES)
    assert packer.rest() is None
    large = [packer.pack(Entry(b"/", b"x", Identity(1, 1, 10**6, 0))) for _ in range(10)]
    assert [one is not None for one in large] == ([False] * 4 + [True]) * 2


def test_reading_what_was_listed(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"12345")
    name = os.fsencode(path)
    listed = Identity.of(path.stat())
    assert read_file(name, listed) == b"12345"
    for other in (replace(listed, size=4), replace(listed, mtime_ns=1), replace(listed, inode=1)):
        with pytest.raises(ChangedError, match="not the file any more"):
            read_file(name, other)
    (tmp_path / "link").symlink_to(path)
    with pytest.raises(ChangedError, match="symbolic link"):
        read_file(os.fsencode(tmp_path / "link"), listed)
    assert read_file(os.fsencode(tmp_path / "link"), listed, follow=True) == b"12345"
    with pytest.raises(FileNotFoundError):
        read_file(os.fsencode(tmp_path / "none"), listed)


@pytest.mark.parametrize("change", ["grows", "shrinks"])
def test_a_file_that_changes_while_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"12345")
    listed = Identity.of(path.stat())
    real = os.read

    def read(handle: int, n: int) -> bytes:
        if change == "grows":
            with path.open("ab") as file:
                file.write(b"6")
        else:
            os.truncate(path, 3)
        return real(handle, n)

    monkeypatch.setattr("hashmatch.scan.evidence.os.read", read)
    with pytest.raises(ChangedError, match="while it was read"):
        read_file(os.fsencode(path), listed)
