"""The commands with ``--ray``: the same outputs, an end by Ctrl-C, and no Ray at all."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from command import environment, invoke, process
from exhibits import fill
from ray_sessions import SESSIONS
from seized import outputs_of, seize

from hashmatch.errors import MissingExtraError
from hashmatch.scan import Catalogue, RayCluster

pytestmark = pytest.mark.usefixtures("ray_ends")


def group_lives(group: int) -> bool:
    listed = subprocess.run(
        ["ps", "-eo", "pgid=,stat="], capture_output=True, text=True, check=True
    ).stdout
    rows = [line.split() for line in listed.splitlines()]
    return any(pgid == str(group) and not state.startswith("Z") for pgid, state in rows)


def test_interrupted(tmp_path: Path) -> None:
    """What was done is kept, and of Ray, which the run started, nothing is left."""
    pytest.importorskip("ray")
    SESSIONS.stop()
    root, out = fill(tmp_path / "exhibit", 1500), tmp_path / "out"
    child = process(
        *("dedupe", root, "--out", out, "--ray", "local"),
        env=environment(),
        start_new_session=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    until = time.monotonic() + 100
    while not _n_kept(out) and child.poll() is None and time.monotonic() < until:
        time.sleep(0.05)
    # As a terminal does: to every process of the group.
    os.killpg(child.pid, signal.SIGINT)
    _, err = child.communicate(timeout=60)
    assert child.returncode == 130, err
    assert b"Traceback" not in err
    assert b"To go on:" in err
    until = time.monotonic() + 30
    while group_lives(child.pid) and time.monotonic() < until:
        time.sleep(0.05)
    assert not group_lives(child.pid)
    with Catalogue.open(out) as catalogue:
        assert {item.status for item in catalogue.items()} == {"OK"}
        assert 0 < len(list(catalogue.items())) < 1500
        assert not catalogue.complete


def _n_kept(out: Path) -> int:
    wal = out / "catalogue.db-wal"
    if not wal.exists() or wal.stat().st_size < 200_000:
        return 0
    with Catalogue.open(out, read_only=True) as catalogue:
        return len(list(catalogue.items()))


def test_the_same_outputs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    pytest.importorskip("ray")
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    monkeypatch.setattr(sys, "argv", ["hashmatch", "the same"])
    seized = seize(tmp_path)
    fill(seized.root / "more", 40)
    made = {}
    for name, options in (("here", ()), ("there", ("--ray", "local"))):
        if options:
            SESSIONS.local()
        asked = ("--db", seized.database, "--no-audit", "--out", tmp_path / name, "--archives")
        done = invoke(
            capfdbinary,
            *("scan", seized.root, *asked, "--vics-case", "--list", "baseline:md5sum", *options),
        )
        assert (done.code, "baseline" in done.out) == (1, True)
        made[name] = outputs_of(tmp_path / name)
    assert len(made["here"]) > 5
    assert made["there"] == made["here"]


def test_without_ray(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(MissingExtraError, match=r"hashmatch\[ray\]"):
        RayCluster()
    root, out = fill(tmp_path / "exhibit", 1), tmp_path / "out"
    done = invoke(capfdbinary, "dedupe", root, "--out", out, "--ray", "local")
    assert done.code == 2
    assert "hashmatch[ray]" in done.err
    assert not out.exists()


def test_nothing_of_ray_is_loaded_before_it_is_asked_for() -> None:
    code = (
        "import sys, hashmatch.scan, hashmatch.scan.ray_cluster, hashmatch.scan.ray_hands, "
        "hashmatch.scan.remote_listing; assert not {'ray', 'fsspec'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
