"""What a base and a stream of uploads need in cores, memory and machines, from measured costs.

python -m benchmarks.plan_capacity --uploads 1000 --cores 64 --memory-gb 512
python -m benchmarks.plan_capacity --write docs/scaling.md
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Mapping, Sequence
from dataclasses import fields
from pathlib import Path

from benchmarks.capacity_costs import Costs, measured
from benchmarks.capacity_model import (
    FORMS,
    Machine,
    need,
    plain_s,
    probe_s,
    registered_s,
    scan_saturates_at,
)

SIZES = (10**7, 10**8, 10**9, 10**10)
UPLOADS = 1000.0
CASES = (
    ("fast", "multi-index", 1.0),
    ("fast", "scan", 1.0),
    ("standard", "multi-index", 0.01),
    ("standard", "multi-index", 1.0),
)
"""Level, strategy, and the share of uploads that are registered."""
_REGION = re.compile(r"(<!-- table: ([a-z ]+) -->\n).*?(<!-- end -->)", re.DOTALL)


def tables(
    costs: Costs, machine: Machine, uploads: float = UPLOADS, sizes: Sequence[int] = SIZES
) -> dict[str, str]:
    """Every table of the page in Markdown, by its name."""
    return {
        "costs": _costs(costs),
        "base": _base(costs, sizes),
        "stream": _stream(costs, machine, uploads, sizes),
        "files": _files(costs, machine, uploads),
        "limits": _limits(costs, machine),
    }


def filled(page: str, made: Mapping[str, str]) -> str:
    """The page with its tables made anew.

    Raises:
        KeyError: the page has a table of another name.
    """
    return _REGION.sub(lambda found: f"{found[1]}{made[found[2]]}{found[3]}", page)


def _costs(costs: Costs) -> str:
    levels = costs.levels
    rows = [
        (f"`F` decode, hash and digest a JPEG of {kind}", _ms(ms), "decode_hash.json")
        for kind, ms in costs.file_ms.items()
    ]
    rows += [
        ("`O` PDQ in eight orientations", _ms(costs.orientations_ms), "check.json"),
        ("`V` parts of the picture, `standard`", _ms(levels["standard"].views_ms), "check_levels"),
        ("`V` parts of the picture, `thorough`", _ms(levels["thorough"].views_ms), "check_levels"),
    ]
    rows += [
        (f"`P` one hash on multi-index of {size:,}", f"{us:,.0f} µs", "growth.json")
        for size, us in costs.probe_us.items()
    ]
    rows += [
        ("`C` comparisons of a scan, 64 queries at once", f"{costs.scan_g:.2f} G/s", "search.json"),
        ("a scan of 1 M for one query", f"{costs.scan_one_us:,.0f} µs", "search.json"),
        ("`B` a hash, scan", f"{costs.bytes_a_hash['scan']:.0f} bytes", "growth.json"),
        ("`B` a hash, multi-index", f"{costs.bytes_a_hash['multi-index']:.0f} bytes", "growth"),
        ("a digest, with its payload", f"{costs.bytes_a_digest:.1f} bytes", "digest_set.json"),
        ("a digest that is not known", f"{costs.digest_us:.0f} µs", "check.json"),
    ]
    rows += [
        (
            f"`R` registration, `{name}`: {levels[name].forms:,} forms of the query",
            f"{levels[name].ns_a_form:.1f} ns a form and 1,000 entries",
            "check_levels.json",
        )
        for name in ("standard", "thorough")
    ]
    rows += [
        ("`Q` a request through the service", _ms(costs.request_ms), "service.json"),
        ("`A` asking shards at all", _ms(costs.broadcast_ms), "service.json"),
        ("`S` and for each shard", _ms(costs.shard_ms), "service.json"),
    ]
    return _table(("one core", "costs", "measured in"), [(a, b, _file(c)) for a, b, c in rows])


def _base(costs: Costs, sizes: Sequence[int]) -> str:
    rows = [
        (
            _count(size),
            *(_gb(size * costs.bytes_a_hash[name]) for name in ("scan", "multi-index")),
            _gb(size * costs.bytes_a_digest),
            _s(probe_s(costs, size)),
            *(_s(plain_s(costs, size, name)) for name in ("multi-index", "scan")),
            *(_s(registered_s(costs, size, name)) for name in ("standard", "thorough")),
        )
        for size in sizes
    ]
    head = (
        "hashes",
        "scan",
        "multi-index",
        "as many digests",
        "one hash, multi-index",
        f"{FORMS} forms, multi-index",
        f"{FORMS} forms, scan",
        "`standard` besides",
        "`thorough` besides",
    )
    return _table(head, rows)


def _stream(costs: Costs, machine: Machine, uploads: float, sizes: Sequence[int]) -> str:
    rows = []
    for size in sizes:
        for level, strategy, registered in CASES:
            made = need(
                costs,
                machine,
                size,
                uploads,
                level=level,
                strategy=strategy,
                registered=registered,
            )
            share = "" if level == "fast" else f", {registered:.0%} registered"
            rows.append(
                (
                    _count(size),
                    f"`{level}`, {strategy}{share}",
                    str(made.shards),
                    _s(made.search_s + made.request_s),
                    f"{made.cores:,.0f}",
                    f"{made.machines:,}",
                    made.bound,
                    _s(made.fastest_s),
                    f"{made.network_gbit:.2f}",
                )
            )
    head = (
        "hashes",
        "checks",
        "shards",
        "core time an upload",
        f"cores for {uploads:,.0f}/s",
        "machines",
        "bound by",
        "earliest answer",
        "Gbit/s",
    )
    return _table(head, rows)


def _files(costs: Costs, machine: Machine, uploads: float) -> str:
    rows = []
    for kind, ms in costs.file_ms.items():
        one = ms + costs.orientations_ms
        cores = uploads * one / 1e3 / machine.busy
        rows.append((kind, _ms(one), f"{cores:,.0f}"))
    return _table(("JPEG of", "decode, hash, digest", f"cores for {uploads:,.0f}/s"), rows)


def _limits(costs: Costs, machine: Machine) -> str:
    rows = [
        (
            f"scan, {queries} quer{'y' if queries == 1 else 'ies'} at once",
            "memory bandwidth",
            f"{scan_saturates_at(costs, machine, queries):,.0f} cores of a machine",
        )
        for queries in (1, FORMS, 64)
    ]
    for shards in (4, 32, 256):
        one = costs.request_ms + costs.broadcast_ms + shards * costs.shard_ms
        rows.append((f"a checker that asks {shards} shards", "calls", f"{1e3 / one:,.0f} checks/s"))
    return _table(("what", "is bound by", "at"), rows)


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _file(name: str) -> str:
    return f"`{name.removesuffix('.json')}.json`"


def _ms(ms: float) -> str:
    return f"{ms:.2g} ms" if ms < 10 else f"{ms:.0f} ms"


def _s(seconds: float) -> str:
    """Three significant digits in the unit that fits."""
    for factor, unit in ((1e6, "µs"), (1e3, "ms")):
        if seconds * factor < 1000:
            return f"{seconds * factor:.3g} {unit}"
    return f"{seconds:,.3g} s" if seconds < 1000 else f"{seconds:,.0f} s"


def _gb(n_bytes: float) -> str:
    return f"{n_bytes / 1e9:,.3g} GB"


def _count(number: int) -> str:
    return f"{number // 10**6:,} M" if number < 10**9 else f"{number // 10**9:,} G"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--uploads", type=float, default=UPLOADS, help="uploads a second")
    parser.add_argument("--hashes", type=int, nargs="+", default=list(SIZES))
    parser.add_argument("--results", type=Path, help="folder of your own machine's results")
    parser.add_argument("--write", type=Path, help="put the tables into this page")
    for one in fields(Machine):
        name = f"--{one.name.replace('_', '-')}"
        parser.add_argument(name, type=type(one.default), default=one.default)
    chosen = parser.parse_args()
    machine = Machine(**{one.name: getattr(chosen, one.name) for one in fields(Machine)})
    costs = measured(chosen.results) if chosen.results else measured()
    made = tables(costs, machine, chosen.uploads, chosen.hashes)
    if chosen.write:
        page = chosen.write.read_text(encoding="utf-8")
        chosen.write.write_text(filled(page, made), encoding="utf-8")
        return
    for name, text in made.items():
        print(f"{name}\n\n{text}")


if __name__ == "__main__":
    main()
