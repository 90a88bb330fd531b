"""Parts of the benchmarks of exhibits: what is made is what the truth says; counts are right."""

from __future__ import annotations

import io
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from exhibits import IN_PROCESS
from PIL import Image

from hashmatch.hashing import pdq
from hashmatch.scan import Catalogue, scan_into
from hashmatch.triage import group_copies

if TYPE_CHECKING:
    from benchmarks.exhibit import Exhibit

SEED = 5
PICTURES = 160


@pytest.fixture(scope="module", autouse=True)
def _benchmarks_are_importable(root: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(root))
        import benchmarks  # noqa: F401


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Exhibit:
    from benchmarks.exhibit import exhibit

    folder = tmp_path_factory.mktemp("exhibit")
    return exhibit(folder / "one", PICTURES, 0, seed=SEED, processes=1)


def test_a_plan_has_as_many_files_as_it_is_asked_for_and_every_kind() -> None:
    from benchmarks.exhibit_plan import families

    planned = list(families(5000, SEED))
    assert sum(family.files for family in planned) == 5000
    assert len({family.number for family in planned}) == len(planned)
    kinds = Counter(family.kind for family in planned)
    assert set(kinds) == {"single", "copies", "burst", "chain", "template", "broken", "other"}
    assert {family.label for family in planned} >= {"BASELINE", "NATIONAL", "OTHER", "IGNORABLE"}
    plain = {family.kind for family in families(5000, SEED, plain=True)}
    assert not plain & {"broken", "other"}


def test_a_family_comes_from_its_seed_alone() -> None:
    from benchmarks.exhibit_families import made_files
    from benchmarks.exhibit_plan import families

    planned = list(families(60, SEED))
    backwards = {family.number: made_files(family, SEED) for family in reversed(planned)}
    assert all(made_files(family, SEED) == backwards[family.number] for family in planned)
    other = [made_files(family, SEED + 1) for family in planned]
    assert all(made != backwards[number] for number, made in enumerate(other))


def test_pictures_are_as_far_apart_as_photographs_and_say_enough() -> None:
    from benchmarks.exhibit_pictures import picture

    found = [pdq(np.asarray(picture(np.random.default_rng((SEED, n))))) for n in range(150)]
    bits = np.unpackbits(np.stack([value for value, _ in found]), axis=1).astype(np.int32)
    apart = bits @ (1 - bits.T) + (1 - bits) @ bits.T
    assert apart[np.triu_indices(len(bits), 1)].min() > 60
    assert min(quality for _, quality in found) >= 50


def test_copies_are_what_they_are_called() -> None:
    """Near ones near, cropped ones not; an orientation undone gives the picture back."""
    from benchmarks.exhibit_edits import cropped, near, turned
    from benchmarks.exhibit_pictures import picture

    rng = np.random.default_rng(SEED)
    distances: dict[str, list[int]] = {"near": [], "cropped": [], "turned": []}
    for _ in range(40):
        image = picture(rng)
        value = shown(image_bytes(image))
        for edit in (near, cropped, turned):
            other = shown(edit(image, rng).encoded())
            distances[edit.__name__].append(int(np.bitwise_count(value ^ other).sum()))
    assert np.mean(np.array(distances["near"]) <= 20) > 0.9
    assert np.mean(np.array(distances["cropped"]) > 20) > 0.9
    assert min(distances["turned"]) > 60


def image_bytes(image: Image.Image) -> bytes:
    stream = io.BytesIO()
    image.save(stream, "PNG")
    return stream.getvalue()


def shown(content: bytes) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """PDQ of a file as a viewer shows it."""
    from PIL import ImageOps

    with Image.open(io.BytesIO(content)) as opened:
        return pdq(np.asarray(ImageOps.exif_transpose(opened).convert("RGB")))[0]


def test_truth_names_everything_that_is_there(made: Exhibit) -> None:
    there = {
        path.relative_to(made.files).as_posix()
        for path in made.files.rglob("*")
        if path.is_symlink() or not path.is_dir()
    }
    truth = made.truth()
    closed = {"closed"} & {file.path for file in truth}  # a folder, where there is one
    assert {file.path for file in truth} == there | closed
    for file in truth:
        if file.role == "link":
            assert (made.files / file.path).stat().st_nlink > 1
    assert made.hash_list.stat().st_size > 0
    assert made.known_files.stat().st_size > 0


def test_a_scan_and_its_groups_agree_with_the_truth(made: Exhibit, tmp_path: Path) -> None:
    from benchmarks.dedupe_ours import path_pairs
    from benchmarks.exhibit_outputs import groups_beside_truth, ledger_beside_truth
    from benchmarks.exhibit_truth import pair_of

    truth = made.truth()
    with Catalogue.open(tmp_path, create=True) as catalogue:
        scan_into(catalogue, [made.files], recipe=IN_PROCESS)
        ledger = catalogue.ledger().to_dict()
        groups = group_copies(catalogue, folder=tmp_path)
        pairs = path_pairs(catalogue, groups, str(made.files))
        found = groups_beside_truth(truth, {pair_of(*pair) for pair in pairs})
    assert ledger_beside_truth(truth, ledger)["problems"] == []
    assert found["precision"] == 1
    recall = {row["pairs"]: row["recall"] for row in found["kinds"]}
    assert recall["exact"] == 1
    assert recall["near"] >= 0.95
    assert found["kinds"][-1]["of"] > 0


def test_a_ledger_that_forgets_a_file_is_found_out(made: Exhibit, tmp_path: Path) -> None:
    from benchmarks.exhibit_outputs import ledger_beside_truth

    truth = made.truth()
    with Catalogue.open(tmp_path, create=True) as catalogue:
        scan_into(catalogue, [made.files / "links"], recipe=IN_PROCESS)
        ledger = catalogue.ledger().to_dict()
    assert ledger_beside_truth(truth, ledger)["problems"]


def test_pairs_are_counted_on_the_right_side() -> None:
    from benchmarks.exhibit_truth import TruthFile, counted

    files = [
        TruthFile("a", "1", "original"),
        TruthFile("b", "1", "exact"),
        TruthFile("c", "1", "turned"),
        TruthFile("d", "2", "original"),
        *(TruthFile(f"s{step}", f"x{step}", "original", "", "chain-1", step) for step in range(3)),
        *(TruthFile(f"t{step}", f"y{step}", "original", "", "burst-1", step) for step in range(2)),
    ]
    said = [("a", "b"), ("a", "d"), ("s0", "s1"), ("s0", "s2"), ("t0", "t1")]
    counts = counted(files, said)
    assert counts.found == {"exact": 1}
    assert counts.missed == {"turned": 2}
    assert counts.false == [("a", "d")]
    assert counts.alike == {"chain": 1, "burst": 1}
    assert counts.neighbours == 1
    assert counts.precision == pytest.approx(1 / 4)
    assert counts.recall("exact") == 1
    assert counts.recall("turned") == 0


def test_a_clip_is_the_same_file_again_and_has_its_copies(tmp_path: Path) -> None:
    pytest.importorskip("av", reason="of the extra video")
    from benchmarks.exhibit_clips import Clip, clip_plan, made_clip

    assert sum(1 + len(clip.copies) for clip in clip_plan(60, SEED)) == 60
    clip = Clip(3, ("excerpt", "turned"))
    truths = [made_clip(tmp_path / name, SEED, clip) for name in ("a", "b")]
    assert truths[0] == truths[1]
    assert [file.role for file in truths[0]] == ["original", "excerpt", "turned"]
    for file in truths[0]:
        first, second = ((tmp_path / name / file.path).read_bytes() for name in ("a", "b"))
        assert first == second
