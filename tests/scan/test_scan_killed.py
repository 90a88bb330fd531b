"""Killed at any point, or interrupted: the next run goes on, and nothing shows of it."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

from exhibits import IN_PROCESS, exported, fill

from hashmatch.scan import Catalogue, scan_into

N_FILES = 240
COMMIT_ITEMS = 20
IN_WORK = 2 * 4

KILLED = """
import json, os, signal, sys
from exhibits import IN_PROCESS
from hashmatch.scan import Catalogue, journal, scan_into

journal.COMMIT_ITEMS = int(sys.argv[3])
lines = []
for point in json.loads(sys.argv[4]):
    child = os.fork()
    if child == 0:
        def progress(summary):
            if summary.examined + summary.copies >= point:
                os.kill(os.getpid(), signal.SIGKILL)
        with Catalogue.open(sys.argv[2], create=True) as catalogue:
            scan_into(catalogue, [sys.argv[1]], recipe=IN_PROCESS, workers=2, progress=progress)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    with Catalogue.open(sys.argv[2], create=True) as catalogue:
        lines.append([os.WTERMSIG(status), len(list(catalogue.items()))])
print(json.dumps(lines))
"""

INTERRUPTED = """
import sys
from hashmatch.scan import Catalogue, scan_into

going = []

def progress(summary):
    if summary.examined >= 5 and not going:
        going.append(True)
        print("going", flush=True)

try:
    with Catalogue.open(sys.argv[2], create=True) as catalogue:
        scan_into(catalogue, [sys.argv[1]], workers=8, progress=progress)
except KeyboardInterrupt:
    sys.exit(130)
"""


def test_killed_again_and_again(tmp_path: Path) -> None:
    """C07: at most what was not yet committed is done twice; the end is that of a clean run."""
    root = fill(tmp_path / "exhibit", N_FILES)
    points = [0, 1, 19, 20, 21, 60, 7, 33, 50]
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            KILLED,
            str(root),
            str(tmp_path / "out"),
            str(COMMIT_ITEMS),
            json.dumps(points),
        ],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    ends = json.loads(done.stdout)
    kept = 0
    for point, (killed_by, items) in zip(points, ends, strict=True):
        assert killed_by == signal.SIGKILL
        assert items >= kept + point - COMMIT_ITEMS - IN_WORK, ends
        kept = items
    assert 0 < kept < N_FILES
    with (
        Catalogue.open(tmp_path / "out", create=True) as catalogue,
        Catalogue.open(tmp_path / "clean", create=True) as clean,
    ):
        last = scan_into(catalogue, [root], recipe=IN_PROCESS, workers=2)
        assert last.unchanged == kept
        assert not any(run["complete"] for run in catalogue.runs()[:-1])
        scan_into(clean, [root], recipe=IN_PROCESS, workers=1)
        assert exported(catalogue) == exported(clean)
        assert catalogue.ledger() == clean.ledger()
        assert (catalogue.picture_hashes().hashes == clean.picture_hashes().hashes).all()
        catalogue.check()


def test_interrupted_by_a_signal(tmp_path: Path) -> None:
    """C09: one SIGINT to all of them, eight workers: it ends, nothing is left, state is kept."""
    root = fill(tmp_path / "exhibit", 200)
    running = subprocess.Popen(
        [sys.executable, "-c", INTERRUPTED, str(root), str(tmp_path / "out")],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert running.stdout is not None
    assert running.stdout.readline() == "going\n"
    # As a terminal does: to every process of the group.
    subprocess.run(["kill", "-INT", "--", f"-{running.pid}"], check=True)
    _, errors = running.communicate(timeout=120)
    assert (running.returncode, errors) == (130, "")
    deadline = time.monotonic() + 30
    while group_lives(running.pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not group_lives(running.pid)
    with Catalogue.open(tmp_path / "out") as catalogue:
        items = list(catalogue.items())
        assert 5 <= len(items) < 200
        assert {item.status for item in items} == {"OK"}  # no worker's end is a file's failure
        assert catalogue.runs()[0]["ended"] is not None
        assert not catalogue.complete


def group_lives(group: int) -> bool:
    """Whether a process of the group is there, other than those that ended and wait to be told."""
    listed = subprocess.run(
        ["ps", "-eo", "pgid=,stat="], capture_output=True, text=True, check=True
    ).stdout
    rows = [line.split() for line in listed.splitlines()]
    return any(pgid == str(group) and not state.startswith("Z") for pgid, state in rows)


def test_threads_do_not_show(tmp_path: Path) -> None:
    root = fill(tmp_path / "exhibit", 60)
    texts = set()
    for workers in (1, 2, 7):
        with Catalogue.open(tmp_path / f"out-{workers}", create=True) as catalogue:
            scan_into(catalogue, [root], recipe=IN_PROCESS, workers=workers)
            texts.add(exported(catalogue))
    assert len(texts) == 1
