"""Copies among 20,000 pictures: hashmatch beside imagededup, czkawka's binding and perception.

``python -m benchmarks.bench_dedupe /tmp/pictures --peers-python PYTHON``

The pictures are those of ``benchmarks/exhibit.py``, sound ones with ordinary names and no links, so
that every tool gets through and sees all. Each contestant is a process on two cores, from its start
to its end; they take turns, and medians are kept. Peers (packages of another Python, named by
``--peers-python``) run at the setting of their documentation and at the one with most pairs found
and none of unrelated pictures, which is looked for first. Pillow decodes all files on one thread in
the same run.

A pair of unrelated pictures is false; so is one of two shots of a burst, two pages of a template,
or two steps of a chain that do not follow each other: those are "look-alikes".
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.bench_exhibit import decode_seconds
from benchmarks.exhibit import Exhibit, exhibit
from benchmarks.exhibit_truth import PairCounts, TruthFile, counted
from benchmarks.measure import arguments, machine, table, write
from benchmarks.process_tree import Ran, ran
from benchmarks.workloads import SEED

PICTURES = 20_000
_HERE = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Peer:
    """A tool at its settings.

    Attributes:
        documented: threshold of its default or of its documentation's example.
        tried: thresholds among which the best one without false pairs is looked for.
        method: of the search, or the hash's size.
    """

    tool: str
    documented: float
    tried: tuple[float, ...]
    method: str = ""

    def command(self, python: str, files: Path, pairs: Path, threshold: float) -> list[str]:
        script = [python, str(_HERE / "dedupe_peer.py"), self.tool, str(files), str(pairs)]
        return [*script, f"--threshold={threshold}", f"--method={self.method}"]


PEERS = (
    Peer("czkawka", 15, (0, 1, 2, 3, 4, 5, 7)),
    Peer("perception", 0.1, (0.02, 0.04, 0.07), "8"),
    Peer("imagededup", 10, (2, 4, 6), "brute_force_cython"),
)
"""imagededup's ``bktree`` is the other way of its search: it takes three times as long or more."""

OURS = {
    "hashmatch, exact": ["--decode", "exact"],
    "hashmatch, fast": ["--decode", "fast"],
    "hashmatch, exact, worker processes": ["--decode", "exact", "--isolate"],
    "hashmatch, fast, worker processes": ["--decode", "fast", "--isolate"],
}


class Contest:
    """Runs contestants on one exhibit and compares what they find with the truth."""

    def __init__(self, made: Exhibit, truth: Sequence[TruthFile], scratch: Path) -> None:
        self._files, self._truth = made.files, truth
        self._pairs = scratch / "pairs.jsonl"

    def ours(self, options: Sequence[str]) -> list[str]:
        module = [sys.executable, "-m", "benchmarks.dedupe_ours"]
        return [*module, str(self._files), str(self._pairs), *options]

    def peer(self, python: str, peer: Peer, threshold: float) -> list[str]:
        return peer.command(python, self._files, self._pairs, threshold)

    def run(self, command: Sequence[str]) -> tuple[Ran, PairCounts]:
        done = ran(command)
        if done.code:
            raise SystemExit(f"{' '.join(command)}\n{done.err}")
        with self._pairs.open(encoding="ascii") as lines:
            pairs = [tuple(json.loads(line)) for line in lines]
        return done, counted(self._truth, [(first, second) for first, second in pairs])


def row(name: str, runs: Sequence[Ran], counts: PairCounts) -> dict[str, Any]:
    """Medians of the runs, and what the last one found."""
    return {
        "tool": name,
        "seconds": statistics.median(one.seconds for one in runs),
        "processor seconds": statistics.median(one.cpu_s for one in runs),
        "memory of the tree, MB": max(one.tree_mb for one in runs),
        "pairs found": sum(counts.found.values()),
        **{f"recall {kind}": counts.recall(kind) for kind in sorted(counts.found | counts.missed)},
        "unrelated": len(counts.false),
        "look-alikes": sum(counts.alike.values()),
        "inside": json.loads(runs[-1].out),
    }


def best_threshold(contest: Contest, python: str, peer: Peer) -> tuple[float, list[dict[str, Any]]]:
    """The one with most pairs found and none of unrelated pictures, and all that were tried."""
    tried = []
    for threshold in peer.tried:
        done, counts = contest.run(contest.peer(python, peer, threshold))
        tried.append({"threshold": threshold, **row(peer.tool, [done], counts)})
    right = [one for one in tried if not one["unrelated"]] or tried[:1]
    best = max(right, key=lambda one: int(one["pairs found"]))
    return float(best["threshold"]), tried


def contest_rows(
    contest: Contest, python: str | None, rounds: int, once: Sequence[str]
) -> dict[str, Any]:
    commands = {name: contest.ours(options) for name, options in OURS.items()}
    tried: list[dict[str, Any]] = []
    for peer in PEERS if python else ():
        assert python is not None
        best = peer.documented
        found: list[dict[str, Any]] = []
        if peer.tool not in once:
            best, found = best_threshold(contest, python, peer)
        tried += found
        for threshold in sorted({peer.documented, best}):
            name = f"{peer.tool} {peer.method} at {threshold:g}".replace("  ", " ")
            commands[name] = contest.peer(python, peer, threshold)
    runs: dict[str, list[Ran]] = {name: [] for name in commands}
    counts: dict[str, PairCounts] = {}
    for number in range(rounds):
        for name, command in commands.items():
            if number and name.split()[0] in once:
                continue
            done, counts[name] = contest.run(command)
            runs[name].append(done)
    return {"tried": tried, "tools": [row(name, runs[name], counts[name]) for name in commands]}


def main() -> None:
    parser = arguments(__doc__ or "")
    parser.add_argument("folder", type=Path, help="of the pictures, made if they are not there")
    parser.add_argument("--pictures", type=int, default=PICTURES)
    parser.add_argument("--peers-python", help="a Python that has the peers")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument(
        "--once", action="append", default=[], help="a peer that takes minutes: documented, once"
    )
    chosen = parser.parse_args()
    processes = os.cpu_count() or 1
    made = exhibit(chosen.folder, chosen.pictures, 0, seed=SEED, processes=processes, plain=True)
    truth = made.truth()
    result: dict[str, Any] = {"machine": machine("pillow", "numba"), "pictures": chosen.pictures}
    with tempfile.TemporaryDirectory() as scratch:
        contest = Contest(made, truth, Path(scratch))
        result |= contest_rows(contest, chosen.peers_python, chosen.rounds, chosen.once)
    result["decoding alone"] = decode_seconds(made, truth)
    table("thresholds tried, one run each", [_short(one) for one in result["tried"]])
    table(f"medians of {chosen.rounds} rounds", [_short(one) for one in result["tools"]])
    print(f"\ndecoding alone, one thread: {result['decoding alone']['seconds of pictures']:.1f} s")
    write(chosen.json, result)


def _short(one: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in one.items() if name != "inside"}


if __name__ == "__main__":
    main()
