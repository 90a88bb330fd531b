"""A command with all that it starts: seconds, and memory of the whole tree."""

from __future__ import annotations

import subprocess
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread

_EVERY_S = 0.1
_MB = 1e6


@dataclass(frozen=True)
class Ran:
    """What a command did.

    Attributes:
        seconds: from its start until its end.
        tree_mb: largest sum of the processes' own shares of memory (PSS: pages that several have
            count once), of the samples taken ten times a second.
        parent_mb: largest resident memory of the process that was started.
    """

    code: int
    seconds: float
    out: str
    err: str
    tree_mb: float
    parent_mb: float


def ran(command: Sequence[str], *, env: dict[str, str] | None = None) -> Ran:
    """Waits for it."""
    start = time.perf_counter()
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=env
    )
    watch = MemoryWatch(process.pid)
    watch.start()
    out, err = process.communicate()
    seconds = time.perf_counter() - start
    watch.stop()
    return Ran(process.returncode, seconds, out, err, watch.tree / _MB, watch.parent / _MB)


class MemoryWatch(Thread):
    """Samples a process and its descendants; ``tree`` and ``parent`` in bytes."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.tree = self.parent = 0
        self._pid = pid
        self._done = Event()

    def run(self) -> None:
        while not self._done.wait(_EVERY_S):
            self.tree = max(self.tree, sum(_share(pid) for pid in descendants(self._pid)))
            self.parent = max(self.parent, _resident(self._pid))

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


def _share(pid: int) -> int:
    return _kilobytes(Path(f"/proc/{pid}/smaps_rollup"), "Pss:")


def _resident(pid: int) -> int:
    return _kilobytes(Path(f"/proc/{pid}/status"), "VmHWM:")


def _kilobytes(path: Path, name: str) -> int:
    try:
        for line in path.read_text(encoding="ascii", errors="replace").splitlines():
            if line.startswith(name):
                return 1024 * int(line.split()[1])
    except OSError:
        pass
    return 0
