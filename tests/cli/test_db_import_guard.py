"""A complete list that lacks much stops at the command line too, until it is confirmed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ([], 2),
        (["--max-withdrawn", 29], 2),
        (["--max-withdrawn", 30], 0),
        (["--confirm-withdrawals"], 0),
    ],
)
def test_it_stops_until_confirmed(
    run: Any, db: Path, tmp_path: Path, options: list[Any], code: int
) -> None:
    digests = [f"{n + 1:032x}" for n in range(100)]
    (tmp_path / "long").write_text("\n".join(digests) + "\n")
    (tmp_path / "short").write_text("\n".join(digests[:70]) + "\n")
    said = ("--source", "s", "--hash-type", "md5")
    assert run("db", "import", db, tmp_path / "long", *said).code == 0
    outcome = run("db", "import", db, tmp_path / "short", *said, "--complete", *options)
    assert outcome.code == code
    if code:
        assert "got 30 (30%)" in outcome.err
        assert "--confirm-withdrawals" in outcome.err
    else:
        assert "30 withdrawn" in outcome.out
