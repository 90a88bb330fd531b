"""The page of the retrieval benchmark."""

from __future__ import annotations

from typing import Any


def markdown(report: dict[str, Any]) -> str:
    counts, whole, policy = report["counts"], report["whole"], report["policy"]
    lines = [
        "# Retrieval of videos",
        "",
        f"{counts['references']} references, one frame each "
        f"{policy['interval of the references, s']:g} s ({counts['frames of the references']} "
        f"frames); {counts['queries']} queries through `Checker.check`, level {policy['level']}; "
        f"seed {report['seed']}. Written by `benchmarks/bench_video_retrieval.py`.",
        "",
        "| | |",
        "|---|---|",
        f"| recall over the edits of the target, MATCH | {whole['MATCH']:.3f} |",
        f"| MATCH or POSSIBLE | {whole['or POSSIBLE']:.3f} |",
        f"| queries | {whole['queries']} |",
        f"| false matches among different videos | {report['false matches']} |",
        f"| POSSIBLE with another video | {report['false, POSSIBLE']} |",
        "",
        "## By edit",
        "",
        "Offset error: between where the middle of a segment is said to lie in the reference and "
        "where it does, in milliseconds. Edits without a dot are not part of the target.",
        "",
        "| edit | target | queries | MATCH | or POSSIBLE | registered | error, median | 95 % "
        "| largest | seconds a check |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for row in report["edits"]:
        errors = [row[key] for key in ("offset error, median ms", "95 %", "largest")]
        told = " | ".join("" if value is None else f"{value:.0f}" for value in errors)
        lines.append(
            f"| {row['edit']} | {'•' if row['asked'] else ''} | {row['queries']} "
            f"| {row['MATCH']:.3f} | {row['or POSSIBLE']:.3f} | {row['registered']} | {told} "
            f"| {row['seconds']:.2f} |"
        )
    lines += ["", "## Videos that have much in common", ""]
    lines += [
        "| set | queries | MATCH | POSSIBLE | a match would be false |",
        "|---|---|---|---|---|",
    ]
    lines += [
        f"| {row['set']} | {row['queries']} | {row['MATCH']} | {row['POSSIBLE']} "
        f"| {'yes' if row['false'] else 'reported apart'} |"
        for row in report["sets"]
    ]
    lines += ["", "## Missed", "", "| edit | query | answer | why |", "|---|---|---|---|"]
    for row in report["missed"]:
        said = row["said"] or row["status"]
        lines.append(f"| {row['edit']} | {row['query']} | {said} | {row['reason'] or ''} |")
    return "\n".join(lines) + "\n"
