"""``hashmatch dedupe`` killed with SIGKILL at random moments and started again, beside a clean run.

``python -m benchmarks.soak_exhibit_killed /tmp/exhibit --pictures 20000 --clips 50``

A clean run comes first. Then the command starts in another folder, and its whole process group is
killed after a random time, again and again, and once more it may end. Kills fall into every part of
the work: examining, grouping, writing. With SOURCE_DATE_EPOCH set, all files of the two folders but
the catalogue have to be the same, byte for byte. Work done twice is what was done between a
catalogue's last commit and the kill. Digests and times of the evidence are compared too. Exit code
1 if anything differs, something committed was examined again, or a process does not end.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from exhibits import digests_of, paths_of, states_of

from benchmarks.bench_exhibit import command, database
from benchmarks.exhibit import Exhibit, exhibit
from benchmarks.measure import arguments, machine, table, write
from benchmarks.process_tree import descendants
from benchmarks.workloads import SEED

EPOCH = 1_790_000_000
LONGEST_GONE_S = 20.0
"""Seconds that processes may take to end by themselves."""

_POLL_S = 0.05


@dataclass(frozen=True)
class Kill:
    """One of the kills.

    Attributes:
        after_s: seconds from the start of the command.
        contents: in the catalogue afterwards.
        lost_s: seconds between the last commit that was seen and the kill; 0 when every content
            was in.
        gone_s: seconds until the last of the command's processes was gone; workers are in groups of
            their own and end when they find nobody to work for.
    """

    after_s: float
    contents: int
    lost_s: float
    gone_s: float


class Soak:
    """A clean run and a killed one, of one exhibit with one database."""

    def __init__(self, made: Exhibit, db: Path, work: Path, options: list[str]) -> None:
        self._command = command(
            "dedupe", made.files, "--db", db, "--out", "out", "--json", "--no-audit", *options
        )
        self._work = work
        self._env = {**os.environ, "SOURCE_DATE_EPOCH": str(EPOCH)}

    def whole(self, name: str) -> tuple[float, dict[str, Any]]:
        """(seconds, summary) of a run that may end."""
        start = time.perf_counter()
        done = subprocess.run(
            self._command, cwd=self._folder(name), env=self._env, capture_output=True, text=True
        )
        if done.returncode not in (0, 1, 2):
            raise SystemExit(done.stderr)
        first: dict[str, Any] = json.loads(done.stdout.splitlines()[0])
        return time.perf_counter() - start, first

    def killed(self, name: str, after_s: float, total: int, *, late: bool) -> Kill | None:
        """None if it ended before.

        Args:
            after_s: seconds from the start, or, if ``late``, from when all contents are in.
        """
        folder = self._folder(name)
        process = subprocess.Popen(
            self._command,
            cwd=folder,
            env=self._env,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        start = counted_from = committed_at = time.perf_counter()
        contents = n_contents(folder)
        while time.perf_counter() - counted_from < after_s:
            if process.poll() is not None:
                return None
            time.sleep(_POLL_S)
            found = n_contents(folder)
            if found != contents:
                contents, committed_at = found, time.perf_counter()
            if late and contents < total:
                counted_from = time.perf_counter()
        after_s = time.perf_counter() - start
        family = descendants(process.pid)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        lost = time.perf_counter() - committed_at
        gone = _seconds_until_gone(family)
        contents = n_contents(folder)
        return Kill(
            round(after_s, 2),
            contents,
            0.0 if contents == total else round(lost, 2),
            round(gone, 2),
        )

    def outputs(self, name: str) -> dict[str, str]:
        """SHA-256 of every file but the catalogue's."""
        out = self._folder(name) / "out"
        return {
            path.relative_to(out).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(out.rglob("*"))
            if path.is_file() and not path.name.startswith("catalogue.db")
        }

    def _folder(self, name: str) -> Path:
        folder = self._work / name
        folder.mkdir(parents=True, exist_ok=True)
        return folder


def _seconds_until_gone(pids: list[int]) -> float:
    start = time.perf_counter()
    while time.perf_counter() - start < LONGEST_GONE_S:
        if not any(Path(f"/proc/{pid}").exists() for pid in pids):
            break
        time.sleep(_POLL_S)
    return time.perf_counter() - start


def n_contents(folder: Path) -> int:
    """Of the catalogue, as another process sees it; 0 before there is one."""
    path = folder / "out" / "catalogue.db"
    if not path.exists():
        return 0
    try:
        opened = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=1)
        try:
            return int(opened.execute("SELECT count(*) FROM contents").fetchone()[0])
        finally:
            opened.close()
    except sqlite3.OperationalError:  # being made
        return 0


def soak(made: Exhibit, work: Path, options: list[str], *, kills: int, seed: int) -> dict[str, Any]:
    chance = random.Random(seed)
    for name in ("clean", "killed"):
        shutil.rmtree(work / name, ignore_errors=True)
    paths = paths_of(made.files)
    digests, before = digests_of(made.files), states_of(paths)
    runs = Soak(made, database(made, work / "national.db"), work, options)
    seconds, summary = runs.whole("clean")
    total = n_contents(work / "clean")
    again, _ = runs.whole("clean")
    done: list[Kill] = []
    while len(done) < kills:
        # The first ones while files are examined or listed, the others when all are.
        late = len(done) >= kills * 0.6
        longest = again if late else 2 * seconds / kills
        kill = runs.killed("killed", chance.uniform(0.2, longest), total, late=late)
        if kill is not None:
            done.append(kill)
    kept = n_contents(work / "killed")
    last, after_kills = runs.whole("killed")
    clean, killed = runs.outputs("clean"), runs.outputs("killed")
    after = states_of(paths)
    # Copies that are met at the same time are both examined: the clean run says how many.
    twice = summary["examined"] - total
    return {
        "files": summary["listed"],
        "seconds of the clean run": seconds,
        "seconds of a run with nothing new": again,
        "seconds of the last run": last,
        "kills": [asdict(kill) for kill in done],
        "most seconds of work done twice": max(kill.lost_s for kill in done),
        "examined again though committed": max(0, after_kills["examined"] - (total - kept) - twice),
        "most seconds until all processes were gone": max(kill.gone_s for kill in done),
        "outputs": len(clean),
        "other outputs": sorted(
            name for name in clean.keys() | killed.keys() if clean.get(name) != killed.get(name)
        ),
        "evidence changed": [path for path in before if before[path] != after[path]]
        + [path for path, digest in digests_of(made.files).items() if digests[path] != digest],
    }


def main() -> int:
    parser = arguments(__doc__ or "")
    parser.add_argument("folder", type=Path, help="of the exhibit and of what is written about it")
    parser.add_argument("--pictures", type=int, default=20_000)
    parser.add_argument("--clips", type=int, default=50)
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--seed", type=int, default=SEED, help="of the moments")
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
        **soak(made, chosen.folder, chosen.option, kills=chosen.kills, seed=chosen.seed),
    }
    table("kills", result["kills"])
    for name, value in result.items():
        if name not in ("machine", "kills", "options"):
            print(f"{name}: {value}")
    write(chosen.json, result)
    wrong = (
        result["other outputs"]
        or result["evidence changed"]
        or result["examined again though committed"] > 0
        or result["most seconds until all processes were gone"] >= LONGEST_GONE_S
    )
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
