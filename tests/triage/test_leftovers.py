"""A run that was killed while it wrote its outputs leaves nothing that the next one keeps."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from exhibits import fill

from hashmatch.triage import ExhibitOrder, work_exhibit
from hashmatch.triage.leftovers import remove_leftovers

KILLED = """
import os, signal, sys
from hashmatch.report import staging
from hashmatch.triage import ExhibitOrder, work_exhibit

staging.Staging.commit = lambda self: os.kill(os.getpid(), signal.SIGKILL)
work_exhibit(ExhibitOrder(roots=(sys.argv[1],), folder=sys.argv[2], isolate=False))
"""


def test_killed_before_the_report_appeared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root, out = fill(tmp_path / "exhibit", 12), tmp_path / "out"
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).resolve().parents[2]))
    done = subprocess.run([sys.executable, "-c", KILLED, str(root), str(out)], check=False)
    assert done.returncode == -signal.SIGKILL
    assert list(out.glob(".*.part")) != []
    work_exhibit(ExhibitOrder(roots=(root,), folder=out, isolate=False))
    assert (out / "report.html").exists()
    assert list(out.glob(".*.part")) == []


def test_only_what_staging_left_goes(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "kept").touch()
    out = tmp_path / "out"
    (out / ".report.abcd_123.part" / "pages").mkdir(parents=True)
    (out / ".report.abcd_123.part" / "pages" / "x.html").touch()
    (out / "lists").mkdir()
    for name in (".vics-case.json.abcd_123.part", "lists/.unknown.md5.abcd_123.part"):
        (out / name).touch()
    kept = [".report.mine.part", "report.abcd_123.part", ".x.json.abcd_123.part", "lists/a.part"]
    for name in kept:
        (out / name).touch()
    (out / ".report.link_123.part").symlink_to(tmp_path / "elsewhere")
    remove_leftovers(out)
    left = {str(path.relative_to(out)) for path in out.rglob("*")}
    assert left == {*kept, "lists", ".report.link_123.part"}
    assert (tmp_path / "elsewhere" / "kept").exists()
    remove_leftovers(tmp_path / "nowhere")
