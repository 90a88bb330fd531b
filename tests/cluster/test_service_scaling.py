"""The planner's page says what the calculator prints, and the calculator what its formulas say."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def benchmarks_are_importable(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(root))


def test_the_pages_tables_are_the_calculators(root: Path) -> None:
    from benchmarks.capacity_costs import measured
    from benchmarks.capacity_model import Machine
    from benchmarks.plan_capacity import filled, tables

    page = (root / "docs" / "scaling.md").read_text(encoding="utf-8")
    made = tables(measured(), Machine())
    again = "python -m benchmarks.plan_capacity --write docs/scaling.md"
    assert filled(page, made) == page, again
    assert all(f"<!-- table: {name} -->\n{text}<!-- end -->" in page for name, text in made.items())
    assert filled(page, dict.fromkeys(made, "")) != page


def test_a_probe_costs_what_was_measured() -> None:
    from benchmarks.capacity_costs import measured
    from benchmarks.capacity_model import plain_s, probe_s

    costs = measured()
    for size in (100_000, 1_000_000, 10_000_000):
        assert probe_s(costs, size) == pytest.approx(costs.probe_us[size] * 1e-6)
    assert probe_s(costs, 3e6) == pytest.approx(
        (probe_s(costs, 1e6) * probe_s(costs, 9e6)) ** 0.5, rel=1e-9
    )
    # Segments of ten million, one after the other.
    assert probe_s(costs, 5e8) == pytest.approx(50 * probe_s(costs, 1e7))
    assert plain_s(costs, 1e9, "scan") == pytest.approx(8e9 / (costs.scan_g * 1e9))


def test_needs_add_up() -> None:
    from benchmarks.capacity_costs import measured
    from benchmarks.capacity_model import Machine, need, registered_s

    costs, machine = measured(), Machine(cores=10, memory_gb=100.0, usable=0.5, busy=0.5)
    one = need(costs, machine, 1e9, 100.0, level="fast", strategy="multi-index")
    assert one.memory_gb == pytest.approx(costs.bytes_a_hash["multi-index"])
    assert one.cores == pytest.approx(100 * (one.search_s + one.request_s) / 0.5)
    assert one.machines == max(-(-one.cores // 10), 2 * -(-one.memory_gb // 50))
    quiet = need(costs, machine, 1e9, 1.0, level="fast", strategy="multi-index")
    assert (quiet.bound, quiet.machines) == ("memory", 4)
    assert quiet.cores == pytest.approx(one.cores / 100)
    whole = need(costs, machine, 1e9, 100.0, level="standard", strategy="multi-index")
    none = need(
        costs, machine, 1e9, 100.0, level="standard", strategy="multi-index", registered=0.0
    )
    assert whole.search_s - none.search_s == pytest.approx(registered_s(costs, 1e9, "standard"))
    assert none.search_s == one.search_s


def test_the_number_of_shards_gives_the_earliest_answer() -> None:
    from benchmarks.capacity_costs import measured
    from benchmarks.capacity_model import best_shards

    costs = replace(measured(), shard_ms=0.3)
    for search_s in (0.001, 0.02, 1.0):
        for broadcasts in (1, 3):
            chosen = best_shards(costs, search_s, broadcasts)
            times = {
                shards: search_s * 1e3 / shards + broadcasts * shards * 0.3
                for shards in range(1, 400)
            }
            assert times[chosen] <= 1.1 * min(times.values())


def test_an_operator_s_own_numbers(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from benchmarks import plan_capacity

    options = ["--uploads", "50", "--hashes", "2000000", "--cores", "8", "--busy", "0.5"]
    monkeypatch.setattr("sys.argv", ["plan_capacity", *options])
    plan_capacity.main()
    printed = capsys.readouterr().out
    assert "cores for 50/s" in printed
    assert "| 2 M | `fast`, multi-index |" in printed
