"""Previews: what they hold, and that a page shows none by itself."""

from __future__ import annotations

import base64
import io
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from hashmatch.errors import InputError, InputTypeError
from hashmatch.report import (
    FileEntry,
    Group,
    GroupKind,
    Preview,
    Previews,
    ReportModel,
    TriageClass,
    preview_of_pixels,
    write_report,
)


def pixels_of(png: bytes) -> np.ndarray[Any, np.dtype[np.uint8]]:
    with Image.open(io.BytesIO(png)) as picture:
        assert (picture.format, picture.mode) == ("PNG", "L")
        return np.asarray(picture)


@pytest.mark.parametrize(
    ("shape", "clear", "blurred"),
    [
        ((480, 640, 3), (72, 96), (6, 8)),
        ((640, 480), (96, 72), (8, 6)),
        ((2, 9000, 3), (1, 96), (1, 8)),
        ((5, 7, 3), (5, 7), (5, 7)),
        ((1, 1), (1, 1), (1, 1)),
    ],
)
def test_sizes(shape: tuple[int, ...], clear: tuple[int, int], blurred: tuple[int, int]) -> None:
    pixels = np.random.default_rng(1).integers(0, 256, shape, dtype=np.uint8)
    made = preview_of_pixels(pixels)
    assert pixels_of(made.clear).shape == clear
    assert pixels_of(made.blurred).shape == blurred
    assert made.size == clear[::-1]
    assert made == preview_of_pixels(pixels)


def test_the_blurred_one_holds_no_detail() -> None:
    """A fine pattern and its mean give the same: there is nothing to sharpen."""
    coarse = np.kron(np.arange(10, 250, 30, dtype=np.uint8)[:, None], np.ones((60, 480), np.uint8))
    fine = coarse.copy()
    fine[::2] += 8
    fine[1::2] -= 8
    difference = pixels_of(preview_of_pixels(coarse).blurred).astype(int) - pixels_of(
        preview_of_pixels(fine).blurred
    )
    assert np.abs(difference).max() <= 1
    assert len(np.unique(pixels_of(preview_of_pixels(coarse).blurred))) == 8


def test_pixels_that_are_none() -> None:
    with pytest.raises(InputTypeError, match="uint8"):
        preview_of_pixels(np.zeros((3, 3)))  # type: ignore[arg-type]
    for shape in ((0, 3), (3,), (3, 3, 4), (3, 3, 3, 3)):
        with pytest.raises(InputError, match="expected"):
            preview_of_pixels(np.zeros(shape, np.uint8))


def png(mode: str, size: tuple[int, int]) -> bytes:
    data = io.BytesIO()
    Image.new(mode, size).save(data, "PNG")
    return data.getvalue()


def test_other_pictures_are_refused() -> None:
    good = png("L", (8, 8))
    assert Preview(good, png("L", (96, 96))).size == (96, 96)
    for bad in (b"", b"GIF89a" + bytes(40), png("L", (97, 1)), png("RGB", (9, 9)), good[:20]):
        with pytest.raises(InputError, match="clear"):
            Preview(good, bad)
    with pytest.raises(InputError, match="at most 16384 bytes"):
        Preview(good, good + bytes(20_000))
    with pytest.raises(InputError, match="blurred"):
        Preview(png("L", (9, 1)), good)
    with pytest.raises(InputTypeError, match="blurred"):
        Preview("text", good)  # type: ignore[arg-type]


@pytest.fixture
def preview() -> Preview:
    noise = np.random.default_rng(2).integers(0, 256, (96, 96), dtype=np.uint8)
    return preview_of_pixels(noise)


def test_a_page_shows_only_what_is_blurred(
    make_model: Callable[..., ReportModel],
    parse: Callable[[str], Any],
    preview: Preview,
    tmp_path: Path,
) -> None:
    write_report(make_model(), tmp_path, previews="blurred", preview_of=lambda file: preview)
    page = parse((tmp_path / "report.html").read_text(encoding="utf-8"))
    blurred = "data:image/png;base64," + base64.b64encode(preview.blurred).decode()
    images = page.all("img")
    assert len(images) == 4  # two groups, two files to look at
    assert {image.attributes["src"] for image in images} == {blurred}
    buttons = page.all("button")
    assert {base64.b64decode(b.attributes["data-clear"]) for b in buttons} == {preview.clear}
    # Without the script there is no button, and no way to the clear one.
    assert all("hidden" in b.attributes and b.attributes["type"] == "button" for b in buttons)
    assert len({b.text for b in buttons}) == 4
    style = page.all("style")[0].text
    printed = style[style.index("@media print") :]
    assert ".preview, .skip, nav { display: none; }" in printed


def test_what_lists_know_is_never_shown(
    make_model: Callable[..., ReportModel],
    make_file: Callable[..., FileEntry],
    parse: Callable[[str], Any],
    preview: Preview,
    tmp_path: Path,
) -> None:
    asked: list[TriageClass] = []

    def preview_of(file: FileEntry) -> Preview | None:
        asked.append(file.triage)
        return preview if file.triage is TriageClass.POSSIBLE else None

    groups = [Group(GroupKind.EXACT, make_file(n, t), "why", ()) for n, t in enumerate(TriageClass)]
    decided = make_file(99, TriageClass.IGNORABLE, decision="non_pertinent")
    groups.append(Group(GroupKind.EXACT, decided, "why", ()))
    model = make_model(groups=groups, review=())
    write_report(model, tmp_path, previews=Previews.BLURRED, preview_of=preview_of)
    assert asked == [t for t in TriageClass if not t.known and t is not TriageClass.DECIDED]
    assert len(parse((tmp_path / "report.html").read_text(encoding="utf-8")).all("img")) == 1


def test_no_pictures_by_default(
    make_model: Callable[..., ReportModel], parse: Callable[[str], Any], tmp_path: Path
) -> None:
    def never(file: FileEntry) -> Preview | None:
        raise AssertionError(file)

    write_report(make_model(), tmp_path, preview_of=never)
    page = parse((tmp_path / "report.html").read_text(encoding="utf-8"))
    assert page.all("img", "button", "script") == []
    with pytest.raises(InputError, match="preview_of"):
        write_report(make_model(), tmp_path / "x", previews="blurred")
    with pytest.raises(InputError, match="previews: expected one of none, blurred"):
        write_report(make_model(), tmp_path / "x", previews="clear")


def test_several_threads_ask_and_the_page_is_the_same(
    make_model: Callable[..., ReportModel], make_file: Callable[..., FileEntry], tmp_path: Path
) -> None:
    both = threading.Barrier(2, timeout=20)
    pictures = [preview_of_pixels(np.full((4, 4), shade, np.uint8)) for shade in range(0, 250, 25)]

    def preview_of(file: FileEntry) -> Preview | None:
        both.wait()  # passes only where two ask at once
        return pictures[file.width or 0]

    def model() -> ReportModel:
        files = [make_file(n, width=n) for n in range(10)]
        groups = [Group(GroupKind.EXACT, file, "why", ()) for file in files]
        return make_model(groups=iter(groups), review=())

    for name, threads, asked in (
        ("one", 1, lambda file: pictures[file.width or 0]),
        ("two", 2, preview_of),
    ):
        write_report(
            model(),
            tmp_path / name,
            previews="blurred",
            preview_of=asked,
            preview_threads=threads,
        )
    one, two = ((tmp_path / name / "report.html").read_bytes() for name in ("one", "two"))
    assert one == two
    assert one.count(b"<img") == 10


def test_an_error_of_a_preview_in_a_thread_is_told(
    make_model: Callable[..., ReportModel], tmp_path: Path
) -> None:
    def fails(file: FileEntry) -> Preview | None:
        raise RuntimeError("no such preview")

    with pytest.raises(RuntimeError, match="no such preview"):
        write_report(
            make_model(), tmp_path, previews="blurred", preview_of=fails, preview_threads=2
        )
    assert list(tmp_path.iterdir()) == []
