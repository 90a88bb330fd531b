"""Options that ``scan`` and ``dedupe`` share: where, how copies are grouped, what is written."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, TypeVar

import click

from hashmatch.cli.options import PATHS, decoding_options
from hashmatch.report import Previews, TriageClass
from hashmatch.scan import without_secrets
from hashmatch.triage import LIST_FORMATS, ExhibitOrder, Grouping, Header, ListRequest

F = TypeVar("F", bound=Callable[..., Any])

_LINKAGES = ("complete", "medoid", "single")
_ENDINGS = {
    "case-uco-1.4": ".jsonld",
    "icse-csv": ".csv",
    "jsonl": ".jsonl",
    "md5sum": ".md5",
    "threatexchange-simple": ".csv",
    "tsk-kdb": ".kdb",
    "vics-1.3": ".json",
    "vics-2.0": ".json",
}


class _List(click.ParamType[ListRequest]):
    """``CLASS[,CLASS...]:FORMAT``."""

    name = "CLASS[,CLASS]:FORMAT"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> ListRequest:
        names, _, list_format = str(value).partition(":")
        classes = names.split(",")
        known = [triage.value for triage in TriageClass]
        wrong = [name for name in classes if name not in known]
        if wrong:
            self.fail(f"expected classes of {', '.join(known)}, got {wrong[0]!r}")
        if list_format not in LIST_FORMATS:
            self.fail(f"expected a format of {', '.join(LIST_FORMATS)}, got {list_format!r}")
        path = f"lists/{'+'.join(classes)}.{list_format}{_ENDINGS.get(list_format, '.txt')}"
        return ListRequest(path, list_format, frozenset(map(TriageClass, classes)))


def roots_argument(command: F) -> F:
    return click.argument("roots", nargs=-1, required=True, type=PATHS)(command)


def exhibit_options(command: F) -> F:
    """Everything that both commands take; ``order_of`` turns it into an order."""
    options = (
        click.option(
            "--out",
            required=True,
            type=click.Path(),
            help="Folder of the catalogue and the outputs, outside of the roots; a run goes on "
            "where the last one in it ended.",
        ),
        click.option("--fresh", is_flag=True, help="Forget what earlier runs in --out did."),
        click.option(
            "--ray",
            metavar="ADDRESS|local",
            help="Examine the files on this Ray cluster, whose nodes have them under the same "
            "paths; local: start one on this machine.",
        ),
        click.option("--archives", is_flag=True, help="Look into ZIP, tar and 7z files too."),
        click.option(
            "--against",
            multiple=True,
            type=click.Path(),
            help="--out of an earlier batch: what it had need not be looked at again.",
        ),
        click.option(
            "--linkage",
            type=click.Choice(_LINKAGES),
            default="complete",
            show_default=True,
            help="What holds a group of near copies together (docs/grouping.md).",
        ),
        click.option(
            "--registration",
            is_flag=True,
            help="Group cropped and framed copies too; takes milliseconds of each picture.",
        ),
        click.option(
            "--interval",
            type=click.FloatRange(min=0, min_open=True),
            help="Seconds between the frames of a video that are hashed; 0.125 by default.",
        ),
        click.option(
            "--decode",
            type=click.Choice(["exact", "fast"]),
            default="exact",
            show_default=True,
            help="fast: JPEG files at a part of their size, hashes a few bits off.",
        ),
        click.option(
            "--previews",
            type=click.Choice([kind.value for kind in Previews]),
            default=Previews.NONE.value,
            show_default=True,
            help="Put small, grey, blurred pictures into the report; never of known media.",
        ),
        click.option("--vics-case", is_flag=True, help="Write a VICS 2.0 case, vics-case.json."),
        click.option("--case-uco", is_flag=True, help="Write a CASE/UCO bundle, case-uco.jsonld."),
        click.option(
            "--list",
            "lists",
            multiple=True,
            type=_List(),
            help="Write a hash list of the files of these classes into lists/.",
        ),
        click.option("--examiner", help="Who examines; stands in the report."),
        click.option("--case", help="Number of the case."),
        click.option("--exhibit", help="Number of the exhibit."),
        click.option(
            "--overwrite", is_flag=True, help="Replace outputs of somebody else in --out."
        ),
        decoding_options,
    )
    for option in reversed(options):
        command = option(command)
    return command


def order_of(
    roots: tuple[str, ...],
    *,
    out: str,
    fresh: bool,
    ray: str | None,
    archives: bool,
    against: tuple[str, ...],
    linkage: str,
    group_distance: int,
    turned: bool,
    registration: bool,
    interval: float | None,
    decode: str,
    previews: str,
    vics_case: bool,
    case_uco: bool,
    lists: tuple[ListRequest, ...],
    examiner: str | None,
    case: str | None,
    exhibit: str | None,
    overwrite: bool,
    workers: int | None,
    in_process: bool,
) -> ExhibitOrder:
    """What the options ask for."""
    return ExhibitOrder(
        roots=roots,
        folder=out,
        grouping=Grouping(group_distance, linkage, turned, registration),
        decode=decode,
        interval_s=interval,
        isolate=not in_process,
        workers=workers,
        ray=ray,
        archives=archives,
        fresh=fresh,
        against=against,
        previews=Previews(previews),
        vics_case=vics_case,
        case_uco=case_uco,
        lists=lists,
        header=Header(
            examiner=examiner,
            case=case,
            exhibit=exhibit,
            command_line=("hashmatch", *map(without_secrets, sys.argv[1:])),
        ),
        overwrite=overwrite,
    )
