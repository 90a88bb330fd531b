"""The command line in tests: in this process with output captured, or as a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from hashmatch.cli.main import run

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Outcome:
    code: int
    out: str
    err: str

    @property
    def json(self) -> list[dict[str, Any]]:
        """Every line of stdout, each of which must be a JSON object."""
        values = [json.loads(line) for line in self.out.splitlines()]
        assert all(isinstance(value, dict) for value in values)
        return values

    @property
    def results(self) -> list[dict[str, Any]]:
        """JSON lines but the ledger that closes them."""
        *results, last = self.json
        assert last["schema"] == "hashmatch.ledger/1"
        return results

    @property
    def ledger(self) -> dict[str, Any]:
        ledger: dict[str, Any] = self.json[-1]["ledger"]
        return ledger


def invoke(capfdbinary: pytest.CaptureFixture[bytes], *arguments: str | Path) -> Outcome:
    """Run one command line in this process."""
    capfdbinary.readouterr()
    code = run([str(argument) for argument in arguments])
    sys.stdout.flush()
    captured = capfdbinary.readouterr()
    return Outcome(code, *(t.decode("utf-8", "surrogateescape") for t in captured))


def environment() -> Mapping[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT)}


def process(*arguments: Any, **options: Any) -> subprocess.Popen[bytes]:
    """Start ``python -m hashmatch``."""
    return subprocess.Popen(
        [sys.executable, "-m", "hashmatch", *map(str, arguments)],
        env=options.pop("env", environment()),
        stdin=subprocess.DEVNULL,
        **options,
    )


def completed(*arguments: Any, **options: Any) -> Outcome:
    """Run ``python -m hashmatch`` to its end."""
    with process(*arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options) as started:
        out, err = started.communicate(timeout=60)
    decoded = (text.decode("utf-8", "surrogateescape") for text in (out, err))
    return Outcome(started.returncode, *decoded)
