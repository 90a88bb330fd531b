"""A command with all that it starts: seconds, and memory of the whole tree."""

from __future__ import annotations

import os
import subprocess
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread

_EVERY_S = 0.2
_MB = 1e6


@dataclass(frozen=True)
class Ran:
    """What a command did.

    Attributes:
        seconds: from its start until its end.
        cpu_s: processor time of it and of all that it waited for.
        tree_mb: largest sum of the processes' own shares of memory (PSS: pages that several have
            count once), of the samples taken five times a second.
        resident_mb: the same of their resident memory (RSS: such pages count for each).
        parent_mb: largest resident memory of the process that was started.
    """

    code: int
    seconds: float
    cpu_s: float
    out: str
    err: str
    tree_mb: float
    resident_mb: float
    parent_mb: float

    def row(self, **first: object) -> dict[str, object]:
        """For ``measure.table``."""
        return {
            **first,
            "seconds": self.seconds,
            "processor seconds": self.cpu_s,
            "memory of the tree, MB": self.tree_mb,
            "resident of the tree, MB": self.resident_mb,
            "resident of the parent, MB": self.parent_mb,
        }


def ran(
    command: Sequence[str], *, env: Mapping[str, str] | None = None, cwd: Path | None = None
) -> Ran:
    """Waits for it."""
    before = os.times()
    start = time.perf_counter()
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=env, cwd=cwd
    )
    watch = MemoryWatch(process.pid)
    watch.start()
    out, err = process.communicate()
    seconds = time.perf_counter() - start
    watch.stop()
    after = os.times()
    cpu = after.children_user + after.children_system
    cpu -= before.children_user + before.children_system
    sizes = (watch.shares / _MB, watch.resident / _MB, watch.parent / _MB)
    return Ran(process.returncode, seconds, cpu, out, err, *sizes)


class MemoryWatch(Thread):
    """Samples a process and its descendants; ``shares``, ``resident``, ``parent``: most bytes."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.shares = self.resident = self.parent = 0
        self._pid = pid
        self._done = Event()

    def run(self) -> None:
        while not self._done.wait(_EVERY_S):
            pids = descendants(self._pid)
            self.shares = max(
                self.shares, sum(_kilobytes(pid, "smaps_rollup", "Pss:") for pid in pids)
            )
            self.resident = max(
                self.resident, sum(_kilobytes(pid, "status", "VmRSS:") for pid in pids)
            )
            self.parent = max(self.parent, _kilobytes(self._pid, "status", "VmHWM:"))

    def stop(self) -> None:
        self._done.set()
        self.join()


def descendants(pid: int) -> list[int]:
    """The process itself and what came of it, as far as parents are alive."""
    children: dict[int, list[int]] = defaultdict(list)
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            text = stat.read_text(errors="replace")
        except OSError:
            continue
        children[int(text.rpartition(")")[2].split()[1])].append(int(stat.parent.name))
    found, ahead = [], [pid]
    while ahead:
        found.append(ahead.pop())
        ahead += children[found[-1]]
    return found


def _kilobytes(pid: int, file: str, name: str) -> int:
    """In bytes; 0 of a process that is gone."""
    try:
        text = Path(f"/proc/{pid}/{file}").read_text(encoding="ascii", errors="replace")
    except OSError:
        return 0
    for line in text.splitlines():
        if line.startswith(name):
            return 1024 * int(line.split()[1])
    return 0
