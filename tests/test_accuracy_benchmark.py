"""The short version of benchmarks/bench_accuracy.py, on synthetic pictures."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from numpy.typing import NDArray
from pictures import photograph
from PIL import Image

if TYPE_CHECKING:
    from benchmarks.accuracy_asking import Answer, Found
    from benchmarks.accuracy_base import Entries

N_PHOTOGRAPHS = 6
EDITS = ("copy", "mirror", "on-photograph")


@pytest.fixture(autouse=True)
def benchmarks_are_importable(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(root))
    pytest.importorskip("matplotlib", reason="of the extra bench")
    pytest.importorskip("imagehash", reason="of the extra bench")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Six photographs; a mirrored copy, a broken file and an empty picture beside them."""
    kept = tmp_path / "photographs"
    (kept / "more").mkdir(parents=True)
    for number in range(N_PHOTOGRAPHS):
        place = kept / "more" if number % 2 else kept
        Image.fromarray(photograph(number, 120, 160)).save(place / f"{number}.png")
    Image.fromarray(photograph(0, 120, 160)[:, ::-1]).save(kept / "z0.png")
    Image.new("RGB", (160, 120), (90, 90, 90)).save(kept / "z1.png")
    (kept / "z2.jpg").write_bytes(b"no picture")
    return kept


def run(folder: Path, out: Path, *more: str) -> dict[str, Any]:
    from benchmarks.bench_accuracy import main

    given = ["--photos", str(folder), "--out", str(out), "--processes", "1", "--queries", "4"]
    main([*given, "--distractors", "60", "--edits", ",".join(EDITS), *more])
    report: dict[str, Any] = json.loads((out / "accuracy_standard.json").read_text("utf-8"))
    return report


def test_a_run_finds_plain_copies_and_reports_all_of_it(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    report = run(folder, out, "--sets", "4")
    assert report["counts"]["photographs"] == N_PHOTOGRAPHS
    assert report["counts"]["distractors"] == 60
    assert report["counts"]["queries"] == 4 * len(EDITS)
    left_out = {row["name"]: row["why"] for row in report["left out"]}
    assert left_out["z0.png"].startswith("a copy of 0.png")
    assert left_out["z1.png"].startswith("too little information")
    assert left_out["z2.jpg"].startswith("cannot be read")
    assert len(left_out) == 3
    by_edit = {row["edit"]: row for row in report["edits"]}
    assert tuple(by_edit) == EDITS
    assert by_edit["copy"]["MATCH"] == by_edit["mirror"]["MATCH"] == 1.0
    assert by_edit["copy"]["peers"]["PDQ 31"]["usual"] == 1.0
    assert by_edit["mirror"]["peers"]["PDQ 31"]["usual"] == 0.0
    turns = {row["family"]: row for row in report["families"]}["mirror and quarter turns"]
    assert (turns["target"], turns["reached"]) == (0.995, True)
    # 6 references and the parts of the other 3 photographs, less the references in the query
    assert report["false matches"]["impostor comparisons"] == 8 * 35 + 4 * 34
    assert report["false matches"]["false MATCH"] == 0
    sets = {row["set"]: row for row in report["sets"]}
    assert len(sets) == 10
    assert all(row["entries"] == row["queries"] == 2 for row in sets.values())
    assert [name for name, row in sets.items() if row["wanted"] == "MATCH"] == ["overlaid"]
    assert all(row["plain PDQ"].startswith("least ") for row in sets.values())
    page = (out / "accuracy_standard.md").read_text(encoding="utf-8")
    assert "| copy | 4 | 1 | 1 | 0 |" in page
    plots = sorted(path.name for path in out.glob("*.png"))
    assert len(plots) == 3
    assert all(f"]({name})" in page for name in plots)
    assert all((out / name).stat().st_size < 200_000 for name in plots)


def test_a_run_is_repeated_by_its_seed_in_any_number_of_processes(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("benchmarks.bench_accuracy.draw", lambda *_: [])  # the test above draws
    kept = ("--sets", "0", "--cache", str(tmp_path / "kept"))
    first = run(folder, tmp_path / "1", *kept)
    # entries come from the cache
    again = run(folder, tmp_path / "2", *kept, "--processes", "2")
    assert first["curves"] == again["curves"]
    other = run(folder, tmp_path / "3", *kept, "--seed", "2")
    assert first["curves"] != other["curves"]


def test_every_edit_depends_on_its_generator_alone() -> None:
    from benchmarks.accuracy_edits import EDITS as ALL
    from benchmarks.accuracy_edits import edited, generator

    image, other = (Image.fromarray(photograph(n, 120, 160)) for n in (1, 2))
    before = image.tobytes()
    seen = set()
    for name, edit in ALL.items():
        data = edited(generator(7, name, 0), edit, image, other)
        assert data == edited(generator(7, name, 0), edit, image, other), name
        others = {edited(generator(8, name, n), edit, image, other) for n in range(4)}
        assert others - {data}, name
        with Image.open(io.BytesIO(data)) as opened:
            assert (opened.format, opened.mode) == ("JPEG", "RGB"), name
        seen.add(data)
    assert image.tobytes() == before
    assert len(seen) == len(ALL)


def test_a_picture_in_a_picture_has_half_the_area() -> None:
    from benchmarks.accuracy_edits import EDITS as ALL
    from benchmarks.accuracy_edits import edited, generator

    image = Image.fromarray(photograph(1, 120, 160))
    other = Image.fromarray(photograph(2, 300, 100))
    for name in ("on-photograph", "on-page", "in-slide"):
        for seed in range(5):
            data = edited(generator(seed, name), ALL[name], image, other)
            with Image.open(io.BytesIO(data)) as opened:
                share = image.width * image.height / (opened.width * opened.height)
            assert 0.44 < share < 0.56, (name, seed)


def entries_with(values: NDArray[np.uint8]) -> Entries:
    """Photographs 0, 1 and 2: each a reference, then two parts."""
    from benchmarks.accuracy_base import Entries

    n = len(values)
    return Entries(
        np.repeat(np.arange(3, dtype=np.int32), 3),
        np.arange(n) % 3 == 0,
        np.full(n, 100, np.uint8),
        {"pdq": values},
    )


def answer_with(*found: Found, background: int = -1, value: bytes = bytes(32)) -> Answer:
    """A query made of photograph 0."""
    from benchmarks.accuracy_asking import Answer

    return Answer(
        name="copy",
        photo=0,
        background=background,
        status="MATCH",
        found=found,
        seconds=0.001,
        comparisons=9,
        reason=None,
        quality=100,
        hashes={"pdq": value},
    )


def test_only_other_photographs_are_false_matches() -> None:
    from benchmarks.accuracy_asking import Found
    from benchmarks.accuracy_counts import Judge

    judge = Judge(entries_with(np.zeros((9, 32), np.uint8)))
    reference, second, third = (Found(row, 4, "MATCH", 1e-9) for row in (0, 4, 6))
    assert judge.hit(answer_with(second)) is None
    assert judge.hit(answer_with(second, reference)) == reference
    assert judge.false(answer_with(reference, second, third)) == [second, third]
    assert judge.false(answer_with(second, third, background=2)) == [second]
    # the parts of 1, and the references of 1 and 2
    assert judge.impostors(answer_with()) == 4
    assert judge.impostors(answer_with(background=2)) == 3


def test_queries_meet_no_part_of_their_own_photograph() -> None:
    from benchmarks.accuracy_asking import questions

    entries = entries_with(np.zeros((9, 32), np.uint8))
    for half in (0, 1):
        of = entries.photo[entries.asked_of(half) & ~entries.reference]
        assert set((of % 2).tolist()) == {1 - half}
        assert entries.reference[entries.asked_of(half)].sum() == 3
    for one in questions(["on-photograph"], 20, range(6), 3):
        assert one.background != one.photo
        assert (one.background - one.photo) % 2 == 0


def test_peers_are_compared_with_every_entry_of_another_photograph() -> None:
    from benchmarks.accuracy_peers import distances

    rng = np.random.default_rng(5)
    values = rng.integers(0, 256, (9, 32), dtype=np.uint8)
    asked = rng.integers(0, 256, (2, 32), dtype=np.uint8)
    answers = [
        answer_with(value=asked[0].tobytes()),
        answer_with(value=asked[1].tobytes(), background=2),
    ]
    found = distances("pdq", entries_with(values), answers)
    bits = np.unpackbits(asked[:, None] ^ values[None], axis=2).sum(axis=2)
    assert found.genuine.tolist() == bits[:, 0].tolist()
    impostors = [*bits[0, 3:7], *bits[1, 3:6]]
    assert np.repeat(np.arange(257), found.impostors).tolist() == sorted(impostors)
    assert found.clean_radius == min(impostors) - 1


def test_overlaid_pictures_keep_their_photograph_and_shots_of_a_still_scene_move_little() -> None:
    import hashmatch as hm
    from benchmarks.accuracy_bursts import captioned, near_shot, overlaid
    from benchmarks.accuracy_edits import generator

    image = Image.fromarray(photograph(1, 240, 320))
    over, beside = (make(generator(1, "x"), image) for make in (overlaid, captioned))
    assert over.size == image.size
    assert np.array_equal(np.asarray(over)[60:180], np.asarray(image)[60:180])
    assert beside.height == image.height + 2 * (image.height // 6)
    assert np.array_equal(np.asarray(beside)[40:280], np.asarray(image))
    for number in range(5):
        shot = np.asarray(near_shot(generator(number, "y"), image).convert("L"), float)
        grey = np.asarray(image.convert("L"), float)
        height, width = shot.shape
        apart = {
            (top, left): np.abs(grey[top : top + height, left : left + width] - shot).mean()
            for top in range(0, 240 - height + 1)
            for left in range(0, 320 - width + 1)
        }
        top, left = min(apart, key=apart.__getitem__)
        assert 2 <= abs(top - 10) <= 7
        assert 3 <= abs(left - 13) <= 10
    assert hm.pdq(np.asarray(over))[1] >= 50


def test_the_nearest_entry_by_plain_pdq() -> None:
    from benchmarks.accuracy_sets import nearest

    known = np.zeros((2, 32), np.uint8)
    known[1] = 255
    assert nearest(known, [bytes(32), b"\x01" + bytes(31), b"\xff" * 31 + b"\x0f"]) == (0, 1, 4)
