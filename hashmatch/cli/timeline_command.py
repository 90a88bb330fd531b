"""``hashmatch timeline``: which parts of one video are which parts of known ones."""

from __future__ import annotations

import os
import warnings
from pathlib import Path
from typing import Any

import click

from hashmatch.cli.check_output import how
from hashmatch.cli.exits import Exit
from hashmatch.cli.options import json_option
from hashmatch.cli.output import console, shown, write_json
from hashmatch.cli.policy_options import policy_of, policy_options
from hashmatch.cli.timeline_svg import svg_of
from hashmatch.cli.timeline_text import strips
from hashmatch.cli.warned import segments_warnings_told
from hashmatch.database import open_database
from hashmatch.fingerprinting import VideoFingerprint
from hashmatch.matching import Checker, CheckResult, CheckStatus

SCHEMA = "hashmatch.timeline/1"
NO_VIDEO = "not a video: there is no timeline of it"


@click.command("timeline")
@click.argument("path", metavar="FILE", type=click.Path(path_type=str))
@click.option("--db", "database", required=True, envvar="HASHMATCH_DB", type=click.Path())
@click.option(
    "--svg",
    type=click.Path(dir_okay=False),
    help="Write the timeline here as a picture (SVG); it shows no frame of any video.",
)
@click.option("--overwrite", is_flag=True, help="Replace the file of --svg.")
@policy_options
@click.option("--audit/--no-audit", default=True, show_default=True, help="Log what matched.")
@click.option(
    "--in-process",
    is_flag=True,
    help="Decode in this process: without limits on time and memory; a crash ends the run.",
)
@json_option
def timeline_command(
    path: str,
    database: str,
    svg: str | None,
    overwrite: bool,
    policy_file: str | None,
    level: str | None,
    max_distance: int | None,
    review_distance: int | None,
    min_quality: int | None,
    orientations: bool | None,
    audit: bool,
    in_process: bool,
    as_json: bool,
) -> int:
    """Check the video FILE against the national database DB, and show which parts of it are which
    parts of known videos.

    Exit code as `check`: 1 if it matched, else 2 if it failed, else 0.
    """
    if svg is not None and not overwrite and os.path.lexists(svg):  # known before the work is done
        raise click.UsageError(f"{svg}: the file exists, and --overwrite was not given")
    policy = policy_of(
        policy_file,
        level=level,
        max_distance=max_distance,
        review_distance=review_distance,
        min_quality=min_quality,
        orientations=orientations,
    )
    warnings.filterwarnings("ignore", module="PIL")  # of large animations
    with segments_warnings_told(), open_database(database, read_only=not audit) as db:
        result = Checker(db, policy).check(path, isolate=not in_process)
    if svg is not None:
        with Path(svg).open("w" if overwrite else "x", encoding="utf-8") as file:
            file.write(svg_of(path, result))
    if as_json:
        write_json(_values(path, result))
    else:
        _print(path, result)
    if result.matched:
        return Exit.MATCHED
    return Exit.FAILED if result.status is CheckStatus.FAILED else Exit.DONE


def _values(path: str, result: CheckResult) -> dict[str, Any]:
    made = result.fingerprint
    return {
        "schema": SCHEMA,
        "path": path,
        "status": result.status.value,
        "alert": result.alert.value,
        "reason": result.reason,
        "duration_ms": made.duration_ms if isinstance(made, VideoFingerprint) else None,
        "matches": [
            {
                "media_id": match.media.media_id,
                "kind": match.kind.value,
                "status": match.status.value,
                "alert": match.alert.value,
                "reason": match.reason,
                "sources": list(match.media.sources),
                "video": match.video.to_dict() if match.video else None,
            }
            for match in result.matches
        ],
        "revision": result.revision,
        "policy_digest": result.policy.digest,
    }


def _print(path: str, result: CheckResult) -> None:
    out = console()
    made = result.fingerprint
    line = f"{result.status.value} {result.alert.value} {shown(path)}"
    reason = result.reason if isinstance(made, VideoFingerprint) else result.reason or NO_VIDEO
    out.print(f"{line}  ({shown(reason)})" if reason else line)
    duration = made.duration_ms if isinstance(made, VideoFingerprint) else None
    for match in result.matches:
        out.print("")
        out.print(f"{match.status.value}: {shown(how(match))}")
        for source in match.media.sources:
            out.print(f"    {shown(source)}")
        # In a locale without Unicode the blocks would be printed as their escapes.
        plain = not (out.encoding or "").lower().startswith("utf")
        for text in strips(match.video, duration or 0, out.width, plain=plain):
            out.print(text)
