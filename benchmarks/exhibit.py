"""Makes an exhibit: a folder as it comes from a seized disk, with what is true of it beside it.

``python -m benchmarks.exhibit FOLDER --pictures 200000 --clips 500``

``FOLDER/files`` is the exhibit: unrelated pictures, copies of some (the same bytes, under other
names, saved again, resized, turned, cropped, framed), look-alikes that are no copies, broken files,
odd names, links, a pipe, a folder that can't be read. ``FOLDER/truth.jsonl`` says what each is,
``FOLDER/list.jsonl`` and ``FOLDER/NSRLFile.txt`` are lists that some originals are on. Everything
comes from the seed; how many processes make it changes nothing.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from benchmarks.accuracy_processes import in_processes
from benchmarks.exhibit_clips import Clip, clip_plan, made_clip
from benchmarks.exhibit_families import Listed, made_files
from benchmarks.exhibit_lists import HASH_LIST, KNOWN_FILES, write_lists
from benchmarks.exhibit_plan import Family, families
from benchmarks.exhibit_special import OUTSIDE, special_files
from benchmarks.exhibit_truth import TruthFile, read_truth, write_truth
from benchmarks.workloads import SEED

FIRST_MTIME = 1_546_300_800
"""2019-01-01; each family is 37 seconds after the one before it."""

_BATCH = 250


@dataclass(frozen=True)
class Exhibit:
    """Where it lies, and what was made."""

    folder: Path

    @property
    def files(self) -> Path:
        """The exhibit itself."""
        return self.folder / "files"

    @property
    def hash_list(self) -> Path:
        return self.folder / HASH_LIST

    @property
    def known_files(self) -> Path:
        return self.folder / KNOWN_FILES

    def truth(self) -> list[TruthFile]:
        return list(read_truth(self.folder / "truth.jsonl"))


def exhibit(
    folder: Path, pictures: int, clips: int, *, seed: int, processes: int, plain: bool = False
) -> Exhibit:
    """Made, or found as an earlier run left it.

    Args:
        plain: nothing but sound pictures and clips with ordinary names; no links.

    Raises:
        SystemExit: the folder has another exhibit in it.
    """
    made = Exhibit(folder)
    what = {"pictures": pictures, "clips": clips, "seed": seed, "plain": plain}
    done = folder / "exhibit.json"
    if done.is_file():
        if json.loads(done.read_text(encoding="utf-8"))["what"] != what:
            raise SystemExit(f"{folder} has another exhibit in it")
        return made
    if folder.is_dir():
        shutil.rmtree(folder)
    made.files.mkdir(parents=True)
    (folder / OUTSIDE).mkdir()
    truth, listed = [], []
    for files, entries in _everything(made.files, what, processes):
        truth += files
        listed += entries
    if not plain:
        truth += special_files(folder, made.files)
    write_truth(folder / "truth.jsonl", truth)
    write_lists(folder, listed)
    _still(made.files)
    counts = Counter(file.role for file in truth)
    report = {"what": what, "files": len(truth), "roles": dict(sorted(counts.items()))}
    done.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    return made


_Written = tuple[list[TruthFile], list[Listed]]


def _everything(root: Path, what: dict[str, int], processes: int) -> Iterator[_Written]:
    seed = what["seed"]
    every = list(families(what["pictures"], seed, plain=bool(what["plain"])))
    tasks = [every[at : at + _BATCH] for at in range(0, len(every), _BATCH)]
    yield from in_processes(partial(_pictures, root, seed), tasks, processes)
    clips = clip_plan(what["clips"], seed)
    for truth in in_processes(partial(_clip, root, seed), clips, processes):
        yield truth, []


def _clip(root: Path, seed: int, clip: Clip) -> list[TruthFile]:
    truth = made_clip(root, seed, clip)
    for file in truth:
        when = FIRST_MTIME + 3600 * clip.number
        os.utime(root / file.path, (when, when))
    return truth


def _pictures(root: Path, seed: int, batch: Sequence[Family]) -> _Written:
    truth, listed = [], []
    for family in batch:
        files, entry = made_files(family, seed)
        written: list[Path] = []
        for file in files:
            written.append(_placed(root / os.fsdecode(file.path), file.content, written))
            truth.append(file.truth)
        when = FIRST_MTIME + 37 * family.number
        for path in written:
            os.utime(path, (when, when))
        if entry is not None:
            listed.append(entry)
    return truth, listed


def _placed(path: Path, content: bytes | None, before: list[Path]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    if content is None:
        path.hardlink_to(before[0])
    else:
        path.write_bytes(content)
    return path


def _still(root: Path) -> None:
    """The times of folders do not tell when they were made."""
    for parent, _, _ in os.walk(root, topdown=False):
        os.utime(parent, (FIRST_MTIME, FIRST_MTIME))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--pictures", type=int, default=200_000)
    parser.add_argument("--clips", type=int, default=500)
    parser.add_argument("--plain", action="store_true", help="sound files, ordinary names")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    chosen = parser.parse_args()
    start = time.perf_counter()
    made = exhibit(
        chosen.folder,
        chosen.pictures,
        chosen.clips,
        seed=chosen.seed,
        processes=chosen.processes,
        plain=chosen.plain,
    )
    print((made.folder / "exhibit.json").read_text(encoding="utf-8"))
    print(f"{time.perf_counter() - start:.1f} s")


if __name__ == "__main__":
    main()
