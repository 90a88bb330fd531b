"""``hashmatch calibrate``: the file it writes, what it refuses, and that nothing is lost."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pictures import photograph, png

from hashmatch.cli import calibrate_command
from hashmatch.matching import Calibration, Impostors, NearPair, Sample


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "pictures"
    made.mkdir()
    for k in range(5):
        (made / f"{k}.png").write_bytes(png(photograph(600 + k, 96, 128)))
    (made / "again.png").write_bytes((made / "4.png").read_bytes())
    (made / "empty.png").write_bytes(b"")
    (made / "notes.txt").write_text("no picture", encoding="utf-8")
    (made / "broken.png").write_bytes(png(photograph(611))[:80])
    (made / "grey.png").write_bytes(png(np.full((90, 90), 128, np.uint8)))
    return made


@pytest.fixture
def collected(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Stands in for the comparing: pictures of a test are far too few for a calibration."""
    calls: list[dict[str, Any]] = []

    def own_impostors(paths: list[str], level: Any, **options: Any) -> Impostors:
        calls.append({"paths": paths, "level": level, **options})
        depths = np.random.default_rng(1).exponential(2.0, 400)
        sample = Sample(
            adjusted=68 - depths,
            groups=np.arange(400) % 50,
            concentration=np.full(400, 0.12),
            entries=np.full(1000, 0.12),
            n_pairs=10**8,
            n_groups=50,
            n_placements=300,
        )
        near = NearPair(float(68 - depths.max()), paths[0], paths[1])
        return Impostors(sample, tuple(paths[:2]), (near,), {paths[2]: "vanished"}, (paths[3],))

    monkeypatch.setattr(calibrate_command, "own_impostors", own_impostors)
    return calls


def documented(root: Path, section: str) -> list[str]:
    """The keys that docs/json.md lists in a section."""
    text = (root / "docs" / "json.md").read_text(encoding="utf-8")
    body = re.split(r"^##+ ", text.split(f"# {section}\n", 1)[1], flags=re.MULTILINE)[0]
    cells = re.findall(r"^\| (`.*?) \|", body, re.MULTILINE)
    return [key for cell in cells for key in re.findall(r"`(\w+)`", cell)]


def test_a_calibration(run: Any, folder: Path, tmp_path: Path, root: Path, collected: Any) -> None:
    out = tmp_path / "calibration.toml"
    outcome = run(
        *("calibrate", folder, "--out", out, "--entries", "7", "--level", "thorough"),
        *("--kind", "drawings", "--seed", "3", "--in-process", "--json"),
    )
    assert outcome.code == 2
    (call,) = collected
    assert [Path(path).name for path in call["paths"]] == [f"{k}.png" for k in range(5)]
    assert (call["level"], call["n_entries"], call["seed"]) == ("thorough", 7, 3)
    assert call["isolate"] is False
    made = Calibration.from_toml(out)
    assert (made.kind, made.n_placements, made.seed) == ("drawings", 300, 3)
    assert made.tails[0].scale == pytest.approx(2.0, rel=0.3)
    (values,) = outcome.results
    assert values["schema"] == "hashmatch.calibrate/1"
    assert values["n_pairs"] == 10**8
    assert list(values) == documented(root, "hashmatch.calibrate/1")
    assert list(values["nearest"][0]) == documented(root, "near pair")
    assert values["provenance"] == made.provenance
    assert 0 < values["expected"]["match"] < values["expected"]["possible"]
    assert values["nearest"][0]["adjusted"] == values["lowest"]
    ledger = outcome.ledger
    assert ledger["seen"] == 10
    assert (ledger["done"], ledger["low_information"]) == (3, 2)
    reasons = {item["reason"]: item["count"] for item in ledger["reasons"]}
    assert reasons["shows the same as another picture"] == 1
    assert reasons["vanished"] == reasons["no part of it says enough"] == 1


def test_what_a_person_reads(run: Any, folder: Path, tmp_path: Path, collected: Any) -> None:
    out = tmp_path / "calibration.toml"
    told = run("calibrate", folder, "--out", out, "--in-process")
    assert "100000000 pairs" in told.out
    assert re.search(r"false matches expected .* million", told.out)
    assert f"{folder / '0.png'} and {folder / '1.png'}" in told.out
    assert "calibrate: 10 seen = 3 done + 2 low-information" in told.err
    before = out.read_bytes()
    again = run("calibrate", folder, "--out", out, "--in-process")
    assert again.code == 2
    assert "the file exists" in again.err
    assert len(collected) == 1
    assert run("calibrate", folder, "--out", out, "--in-process", "--overwrite").code == 2
    assert out.read_bytes() == before


def test_too_few_pictures(run: Any, folder: Path, tmp_path: Path) -> None:
    """Really compared: no calibration, no file, and every picture accounted for."""
    out = tmp_path / "calibration.toml"
    outcome = run("calibrate", folder, "--out", out, "--entries", "20", "--in-process")
    assert outcome.code == 2
    assert "expected at least 30 pairs" in outcome.err
    assert "10 seen = 5 done + 1 low-information" in outcome.err
    few = run("calibrate", folder / "0.png", folder / "1.png", "--out", out, "--in-process")
    assert few.code == 2
    assert "expected at least 4 pictures" in few.err
    assert "not enough pictures to compare it with: 2" in few.err
    assert not out.exists()
    assert "at least one file" in run("calibrate", "--out", out).err
