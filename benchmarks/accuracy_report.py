"""The accuracy benchmark's page: from what the JSON holds, so that it can be made again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

Report = dict[str, Any]
MOST_LEFT_OUT = 20


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> list[str]:
    lines = ["| " + " | ".join(head) + " |", "|---" * len(head) + "|"]
    lines += ["| " + " | ".join(_shown(cell) for cell in row) + " |" for row in rows]
    return [*lines, ""]


def _shown(cell: object) -> str:
    if cell is None:
        return "–"  # noqa: RUF001 (a dash in a table)
    if isinstance(cell, bool):
        return "yes" if cell else "**no**"
    if isinstance(cell, float):
        return (
            f"{cell:.3f}".rstrip("0").rstrip(".") if cell >= 0.001 or cell == 0 else f"{cell:.1e}"
        )
    return f"{cell:,}" if isinstance(cell, int) else str(cell)


def _peer_cells(row: Report) -> list[str]:
    return [f"{_shown(p['usual'])} / {_shown(p['clean'])}" for p in row["peers"].values()]


def markdown(report: Report, plots: Sequence[str]) -> str:
    """The whole page.

    Args:
        report: what ``bench_accuracy`` writes as JSON.
        plots: names of the pictures beside it.
    """
    counts, false = report["counts"], report["false matches"]
    peers = [row["peer"] for row in report["peers"]]
    lines = [
        f"# Accuracy, level `{report['level']}`",
        "",
        f"{counts['photographs']:,} photographs as references, {counts['distractors']:,} parts of "
        "them as distractors, of which each query meets those of the half that its photograph is "
        f"not in; {counts['queries']:,} queries; seed {report['seed']}. "
        f"{report['machine']['cpu']}, {report['machine']['when']}.",
        "",
        *_left_out(report["left out"]),
        "## False matches",
        "",
        *table(
            ("", "pairs or queries"),
            (
                ("impostor comparisons (query with entry)", false["impostor comparisons"]),
                ("comparisons of hashes that were spent", false["hash comparisons"]),
                ("false MATCH", false["false MATCH"]),
                ("false POSSIBLE", false["false POSSIBLE"]),
                ("queries with a false MATCH", false["queries with a false MATCH"]),
            ),
        ),
        *_examples(false["examples"]),
        "## Recall by family",
        "",
        "Peers: recall at the usual radius / at the largest radius without a false match in this "
        "run. Reached: the share called MATCH is at least the target.",
        "",
        *table(
            ("family", "queries", "MATCH", "MATCH or POSSIBLE", "target", "reached", *peers),
            (
                (
                    *(row["family"], row["queries"], row["MATCH"], row["MATCH or POSSIBLE"]),
                    *(row["target"], row["reached"], *_peer_cells(row)),
                )
                for row in report["families"]
            ),
        ),
        *_pictures(plots),
        "## Recall by edit",
        "",
        *table(
            (
                "edit",
                "queries",
                "MATCH",
                "MATCH or POSSIBLE",
                "low information",
                "median ms",
                *peers,
            ),
            (
                (
                    *(row["edit"], row["queries"], row["MATCH"], row["MATCH or POSSIBLE"]),
                    *(row["LOW_INFORMATION"], row["median ms"], *_peer_cells(row)),
                )
                for row in report["edits"]
            ),
        ),
        "## Hard impostors",
        "",
        "Pictures that resemble each other (one template, one photograph, one scene) or hold "
        "little information; half of each set is known, the other half is asked. Queries by "
        "answer; plain PDQ: bits between each query and the nearest entry of its set. "
        "`captioned` are memes with another text on bars, `bursts-near` shots of a still scene "
        "from 1 to 3 % further on, `bursts-moved` shots whose subject has moved in another light.",
        "",
        *_sets([row for row in report["sets"] if row["wanted"] != "MATCH"]),
        *_same([row for row in report["sets"] if row["wanted"] == "MATCH"]),
        "## Peers",
        "",
        *table(
            ("peer", "radius", "said by", "false matches a query at it", "clean radius"),
            (tuple(row.values()) for row in report["peers"]),
        ),
        "## Time of a check",
        "",
        "Whole check from the file's bytes, one thread, milliseconds.",
        "",
        *table(
            ("", "queries", "median", "95th percentile"),
            ((kind, *row.values()) for kind, row in report["times"].items()),
        ),
    ]
    return "\n".join(lines).rstrip() + "\n"


def _same(sets: Sequence[Report]) -> list[str]:
    if not sets:
        return []
    return [
        "Not impostors, and reported apart: `overlaid` is the same photograph with another text "
        "written across it, which is a copy to be found.",
        "",
        *_sets(sets),
    ]


def _sets(sets: Sequence[Report]) -> list[str]:
    return table(
        (
            *("set", "wanted", "entries", "queries", "MATCH", "POSSIBLE", "LOW_INFORMATION"),
            *("matches", "matches outside the set", "nearest, bits", "plain PDQ", "reasons"),
        ),
        ((*list(row.values())[:-1], "; ".join(row["reasons"]) or None) for row in sets),
    )


def _examples(examples: Sequence[Report]) -> list[str]:
    if not examples:
        return []
    return [
        "The first of them (a folder that holds one photograph twice shows here):",
        "",
        *table(tuple(examples[0]), (tuple(row.values()) for row in examples)),
    ]


def _left_out(files: Sequence[Report]) -> list[str]:
    if not files:
        return []
    shown = table(("file", "why"), (tuple(row.values()) for row in files[:MOST_LEFT_OUT]))
    more = [] if len(files) <= MOST_LEFT_OUT else ["And others; the JSON has them.", ""]
    return [f"{len(files)} more files of the folder were left out:", "", *shown, *more]


def _pictures(plots: Sequence[str]) -> list[str]:
    return [line for name in plots for line in (f"![{name}]({name})", "")]
