"""``hashmatch dedupe`` on a made exhibit: ledger, groups and alerts beside the truth, time, memory.

``python -m benchmarks.bench_exhibit /tmp/exhibit --json benchmarks/results/exhibit.json``

The exhibit (``benchmarks/exhibit.py``) is made in the folder if it is not there. The command runs
three times: as it is, again with nothing changed, and into another folder with ``--registration``,
which also groups cropped and framed copies. In the same run every picture is decoded once by Pillow
and every clip by PyAV, on one thread. Before and after, the evidence is digested and its times are
read. Exit code 1 if the ledger does not add up, a file of the evidence differs, or the first run's
groups have a pair that is no copy or less than 98 % of the near copies, or a run took a gigabyte.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import time
from pathlib import Path
from typing import Any

import av
from exhibits import digests_of, paths_of, states_of
from PIL import Image

from benchmarks.exhibit import Exhibit, exhibit
from benchmarks.exhibit_outputs import (
    alerts_beside_truth,
    group_pairs,
    groups_beside_truth,
    ledger_beside_truth,
    same_bytes,
)
from benchmarks.exhibit_truth import TruthFile
from benchmarks.measure import arguments, machine, table, write
from benchmarks.process_tree import Ran, ran
from benchmarks.workloads import SEED

LEAST_NEAR_RECALL = 0.98
MOST_MB = 1000
"""Resident memory of the command with its workers, in any of the runs."""

_VIDEO_ENDINGS = (".mp4", ".mov", ".avi")


def command(*parts: str | Path) -> list[str]:
    return [sys.executable, "-m", "hashmatch", *map(str, parts)]


def database(made: Exhibit, path: Path) -> Path:
    """A database with the exhibit's lists, made anew."""
    for old in path.parent.glob(f"{path.name}*"):
        shutil.rmtree(old) if old.is_dir() else old.unlink()
    for parts in (
        ("db", "init", path),
        ("db", "import", path, made.hash_list, "--source", "Made list"),
        ("known", "add", path, "NSRL", made.known_files),
    ):
        done = ran(command(*parts))
        if done.code:
            raise SystemExit(done.err)
    return path


def decode_seconds(made: Exhibit, truth: list[TruthFile]) -> dict[str, float]:
    """Sum of the decode times of sound pictures and clips, one thread, and the number of files."""
    seconds, number = {"pictures": 0.0, "clips": 0.0}, {"pictures": 0, "clips": 0}
    for file in truth:
        if not file.family:
            continue
        path = made.files / file.path
        kind = "clips" if path.suffix in _VIDEO_ENDINGS else "pictures"
        start = time.perf_counter()
        if kind == "clips":
            with av.open(str(path)) as opened:
                opened.streams.video[0].thread_count = 1
                for _ in opened.decode(video=0):
                    pass
        else:
            with path.open("rb") as stream, Image.open(stream) as image:
                image.load()
        seconds[kind] += time.perf_counter() - start
        number[kind] += 1
    return {
        **{f"seconds of {kind}": value for kind, value in seconds.items()},
        **{kind: float(value) for kind, value in number.items()},
    }


def deduped(made: Exhibit, db: Path, out: Path, *options: str) -> tuple[Ran, dict[str, Any]]:
    """The run, and the objects that it printed, by schema."""
    done = ran(command("dedupe", made.files, "--db", db, "--out", out, "--json", *options))
    if done.code not in (0, 1, 2):
        raise SystemExit(done.err)
    said = [json.loads(line) for line in done.out.splitlines()]
    return done, {one["schema"].partition("/")[0]: one for one in said}


def beside_truth(
    made: Exhibit, truth: list[TruthFile], out: Path, said: dict[str, Any]
) -> dict[str, Any]:
    groups = out / "groups.jsonl"
    return {
        "summary": said["hashmatch.exhibit"],
        "ledger": ledger_beside_truth(truth, said["hashmatch.ledger"]["ledger"]),
        "groups": groups_beside_truth(
            truth, group_pairs(groups, made.files), same_bytes(groups, made.files)
        ),
        "alerts": alerts_beside_truth(truth, out / "matches.jsonl", made.files),
    }


def measured(
    made: Exhibit, work: Path, options: list[str], *, registration: bool
) -> dict[str, Any]:
    truth = made.truth()
    result: dict[str, Any] = {"files": len(truth), "decoding alone": decode_seconds(made, truth)}
    paths = paths_of(made.files)
    digests = digests_of(made.files)
    before = states_of(paths)
    db = database(made, work / "national.db")
    times = []
    runs: list[tuple[str, str, list[str]]] = [("first run", "out", []), ("again", "out", [])]
    if registration:
        runs.append(("--registration", "registered", ["--registration"]))
    for name, folder, more in runs:
        out = work / folder
        if name != "again" and out.exists():
            shutil.rmtree(out)
        done, said = deduped(made, db, out, *options, *more)
        row = done.row(run=name)
        row["files/s"] = len(truth) / done.seconds
        times.append(row)
        if name != "again":
            result[name] = beside_truth(made, truth, out, said)
    result["runs"] = times
    after = states_of(paths)
    result["evidence"] = {
        "paths": len(paths),
        "other states": [path for path in before if before[path] != after[path]][:20],
        "other contents": [
            path for path, digest in digests_of(made.files).items() if digests[path] != digest
        ],
    }
    return result


def problems(result: dict[str, Any]) -> list[str]:
    found = [f"evidence: {result['evidence'][what]}" for what in ("other states", "other contents")]
    found = [line for line in found if not line.endswith("[]")]
    for name in ("first run", "--registration"):
        if name in result:
            found += result[name]["ledger"]["problems"]
    groups = result["first run"]["groups"]
    if groups["precision"] < 1:
        alike = groups["pairs of look-alikes"]
        found.append(f"{groups['pairs of unrelated pictures']} false pairs, {alike} of look-alikes")
    found += [
        f"{run['run']}: {run['resident of the tree, MB']:.0f} MB"
        for run in result["runs"]
        if run["resident of the tree, MB"] >= MOST_MB
    ]
    recall = {row["pairs"]: row["recall"] for row in groups["kinds"]}
    if recall.get("near", 1.0) < LEAST_NEAR_RECALL:
        found.append(f"recall of near copies {recall['near']:.4f}")
    return found


def main() -> int:
    parser = arguments(__doc__ or "")
    parser.add_argument("folder", type=Path, help="of the exhibit and of what is written about it")
    parser.add_argument("--pictures", type=int, default=200_000)
    parser.add_argument("--clips", type=int, default=500)
    parser.add_argument("--no-registration", action="store_true")
    parser.add_argument("--option", action="append", default=[], help="of hashmatch dedupe")
    chosen = parser.parse_args()
    made = exhibit(
        chosen.folder / "exhibit",
        chosen.pictures,
        chosen.clips,
        seed=SEED,
        processes=os.cpu_count() or 1,
    )
    result = {
        "machine": machine("pillow", "av"),
        "options": chosen.option,
        **measured(made, chosen.folder, chosen.option, registration=not chosen.no_registration),
    }
    table("runs", result["runs"])
    for name in ("first run", "--registration"):
        if name in result:
            groups = result[name]["groups"]
            table(f"{name}: pairs, precision {groups['precision']:.5f}", groups["kinds"])
            table(f"{name}: files of known originals", result[name]["alerts"]["roles"])
    wrong = problems(result)
    result["problems"] = wrong
    print("\n".join(wrong) or "no problem")
    write(chosen.json, result)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
