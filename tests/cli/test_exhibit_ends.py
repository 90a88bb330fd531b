"""How runs over an exhibit end: interrupted, killed, a full disk, a terminal or none."""

from __future__ import annotations

import os
import pty
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from command import completed, environment, process
from exhibits import fill
from pictures import png
from PIL import Image
from seized import outputs_of

MOMENT = {**environment(), "SOURCE_DATE_EPOCH": "1700000000"}


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return fill(tmp_path_factory.mktemp("seized") / "exhibit", 400)


def dedupe(root: Path, out: Path, *options: Any) -> tuple[Any, ...]:
    return ("dedupe", root, "--out", out, "--in-process", *options)


def begun(root: Path, out: Path) -> subprocess.Popen[bytes]:
    """A run that has kept some of it, and not all."""
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    child = process(*dedupe(root, out), env=MOMENT, start_new_session=True, **pipes)
    deadline = time.monotonic() + 60
    while not (out / "catalogue.db-wal").exists() and time.monotonic() < deadline:
        time.sleep(0.005)
    return child


def test_interrupted(root: Path, tmp_path: Path) -> None:
    """C09: what was done is kept, and the command that goes on is printed."""
    out = tmp_path / "out"
    child = begun(root, out)
    child.send_signal(signal.SIGINT)
    _, err = child.communicate(timeout=60)
    assert child.returncode == 130
    assert b"Traceback" not in err
    assert b"To go on:" in err
    assert f"hashmatch dedupe {root} --out {out}".encode() in err
    assert not (out / "report.html").exists()
    finished = completed(*dedupe(root, out), env=MOMENT)
    assert finished.code == 0
    clean = tmp_path / "out2"
    completed(*dedupe(root, clean), env=MOMENT)
    differing = {n for n, data in outputs_of(out).items() if outputs_of(clean).get(n) != data}
    assert differing <= {"report.html", "manifest.json"}  # the command lines


def test_killed(root: Path, tmp_path: Path) -> None:
    """C07: nothing of it shows in the outputs, command line included."""
    out, aside = tmp_path / "out", tmp_path / "aside"
    for _ in range(3):
        child = begun(root, out)
        time.sleep(0.05)
        os.killpg(child.pid, signal.SIGKILL)
        child.communicate(timeout=60)
    assert completed(*dedupe(root, out), env=MOMENT).code == 0
    outputs = outputs_of(out)
    shutil.move(out, aside)
    assert completed(*dedupe(root, out), env=MOMENT).code == 0
    assert outputs_of(out) == outputs
    assert {"report.html", "groups.jsonl", "manifest.json"} <= outputs.keys()


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of its own, where this user may mount one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)]
    if shutil.which("mount") is None or subprocess.run(mounted, capture_output=True).returncode:
        pytest.skip("this user may not mount a disk")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk(root: Path, disk: Path) -> None:
    """One clear line; with room it goes on where it was."""
    out = disk / "out"
    ballast = disk / "ballast"
    ballast.write_bytes(bytes(600_000))
    full = completed(*dedupe(root, out))
    assert full.code == 2
    assert "Traceback" not in full.err
    assert "hashmatch: error: " in full.err
    assert str(out) in full.err
    ballast.unlink()
    subprocess.run(["mount", "-o", "remount,size=20m", str(disk)], check=True)
    assert completed(*dedupe(root, out)).code == 0


@pytest.mark.parametrize("columns", [80, 40])
@pytest.mark.parametrize("plain", [False, True])
def test_a_terminal(root: Path, tmp_path: Path, columns: int, plain: bool) -> None:
    main, side = pty.openpty()
    env = {**MOMENT, "TERM": "xterm-256color", "COLUMNS": str(columns)}
    if plain:
        env["NO_COLOR"] = "1"
    with process(*dedupe(root, tmp_path / "out"), env=env, stdout=side, stderr=side) as child:
        os.close(side)
        shown = b"".join(iter(lambda: _read(main), b""))
    os.close(main)
    assert child.returncode == 0
    assert b"examining" in shown
    assert b"to look at" in shown
    assert b"Traceback" not in shown
    if plain:
        assert b"\x1b[3" not in shown  # no colour
        assert b"\x1b[9" not in shown


def _read(handle: int) -> bytes:
    try:
        return os.read(handle, 4096)
    except OSError:  # the terminal's other end is gone
        return b""


def test_no_terminal(root: Path, tmp_path: Path) -> None:
    done = completed(*dedupe(root, tmp_path / "out"), env={**MOMENT, "FORCE_COLOR": ""})
    assert done.code == 0
    assert "\x1b" not in done.out + done.err
    assert done.err.splitlines()[0].startswith("dedupe: 400 seen = ")


def test_a_catalogue_that_is_damaged(root: Path, tmp_path: Path) -> None:
    """C10: refused, never overwritten."""
    out = tmp_path / "out"
    out.mkdir()
    for data in (b"not a catalogue", b"SQLite format 3\0" + bytes(500)):
        (out / "catalogue.db").write_bytes(data)
        refused = completed(*dedupe(root, out))
        assert refused.code == 2
        assert "Traceback" not in refused.err
        assert "catalogue" in refused.err
        assert (out / "catalogue.db").read_bytes() == data


def test_other_options_never_mix(root: Path, tmp_path: Path) -> None:
    """C10: what was computed in another way is computed anew."""
    out = tmp_path / "out"
    completed(*dedupe(root, out), env=MOMENT)
    before = outputs_of(out)
    fewer = completed(*dedupe(root, out, "--no-orientations", "--json"), env=MOMENT)
    assert fewer.results[0]["examined"] >= 360  # contents; some may be met twice at once
    back = completed(*dedupe(root, out, "--json"), env=MOMENT)
    assert back.results[0]["examined"] == 0
    tables = [name for name in before if name.endswith((".jsonl", ".csv"))]
    assert all(outputs_of(out)[name] == before[name] for name in tables)


def test_many_that_say_nothing(tmp_path: Path, run: Any) -> None:
    """C03: empty files and equal tiny pictures are counted, and cost nothing."""
    folder = tmp_path / "exhibit"
    folder.mkdir()
    dot = png(Image.new("RGB", (1, 1)))
    for number in range(300):
        (folder / f"empty{number}.png").touch()
        (folder / f"dot{number}.png").write_bytes(dot)
    done = run(*dedupe(folder, tmp_path / "out", "--json"))
    assert done.ledger["seen"] == 600
    assert (done.ledger["rejected"], done.ledger["low_information"]) == (300, 300)
    (said,) = done.results
    assert said["examined"] <= 20  # those that were met at once, before any was known
    assert said["groups"] == 1
