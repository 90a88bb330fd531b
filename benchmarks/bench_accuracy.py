"""How many edited copies are found, and how many other pictures are mistaken for them.

References are every photograph of a folder, distractors are parts of the same photographs; each
edit of ``accuracy_edits`` is asked of a database that holds the references, and parts of that half
of the photographs that the query is not of; the peers are asked the same. Written are
``accuracy_LEVEL.json``, ``.md`` and three plots.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks.accuracy_asking import Answer, Setting, answers, questions
from benchmarks.accuracy_base import HALVES, Entries, entries_of, write_database
from benchmarks.accuracy_counts import (
    Judge,
    curves,
    false_matches,
    families,
    missed,
    peer_rows,
    recall,
    set_rows,
    times,
)
from benchmarks.accuracy_edits import EDITS, edits_of
from benchmarks.accuracy_peers import PEERS, distances, same_as_imagehash
from benchmarks.accuracy_photographs import distinct, photographs
from benchmarks.accuracy_plots import draw
from benchmarks.accuracy_report import markdown
from benchmarks.accuracy_sets import ask_sets
from benchmarks.measure import machine, table, write
from benchmarks.workloads import SEED, corpus_folder

LEVELS = ("fast", "standard", "thorough")


def options(given: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--photos", type=Path, help="a folder; the corpus by default")
    parser.add_argument("--level", choices=LEVELS, default="standard")
    parser.add_argument("--queries", type=int, default=100, help="of each edit")
    parser.add_argument("--distractors", type=int, default=100_000)
    parser.add_argument("--edits", help="names with commas between; all of the level by default")
    parser.add_argument("--sets", type=int, default=120, help="pictures of each set; 0: no sets")
    parser.add_argument("--longest", type=int, default=1024, help="larger ones are reduced, pixels")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "results")
    parser.add_argument("--cache", type=Path, help="keeps the entries' hashes for other runs")
    parser.add_argument("--sample", type=Path, help="of impostors: plots their calibration too")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--seed", type=int, default=SEED)
    return parser.parse_args(given)


def folders(given: Path | None) -> list[Path]:
    """Where the photographs are.

    Raises:
        SystemExit: none was named and there is no corpus.
    """
    if given is not None:
        return [given]
    corpus = corpus_folder()
    if corpus is None:
        raise SystemExit("no corpus: name a folder of photographs with --photos")
    return [corpus / "photos", corpus / "kodak"]


def chosen(names: str | None, level: str) -> list[str]:
    """The edits to ask.

    Raises:
        SystemExit: one of them is not known.
    """
    wanted = names.split(",") if names else edits_of(level)
    unknown = [name for name in wanted if name not in EDITS]
    if unknown:
        raise SystemExit(f"edits: {', '.join(unknown)} not among {', '.join(EDITS)}")
    return wanted


def asked(
    folder: Path,
    given: argparse.Namespace,
    edits: Sequence[str],
    paths: Sequence[Path],
    entries: Entries,
) -> list[Answer]:
    """Every query's answer from its half's database; they are made in ``folder``."""
    databases = tuple(folder / f"half{half}.db" for half in range(HALVES))
    for half, database in enumerate(databases):
        write_database(database, entries, entries.asked_of(half))
    setting = Setting(databases, given.level, tuple(paths), given.longest, given.seed)
    done = []
    todo = questions(edits, given.queries, range(len(paths)), given.seed)
    for answer in answers(todo, setting, given.processes):
        done.append(answer)
        if len(done) % 500 == 0 or len(done) == len(todo):
            print(f"{len(done)} of {len(todo)} queries", flush=True)
    return done


def measured(given: argparse.Namespace) -> dict[str, Any]:
    """The whole report, as it is written."""
    wanted = chosen(given.edits, given.level)
    about = machine("pillow", "imagehash", "matplotlib")
    paths, left_out = distinct(photographs(folders(given.photos)), given.processes)
    same = same_as_imagehash(paths)
    entries = entries_of(paths, given.distractors, given.seed, given.processes, given.cache)
    n_references = int(entries.reference.sum())
    print(f"{n_references} references, {len(entries) - n_references} distractors", flush=True)
    with tempfile.TemporaryDirectory() as name:
        done = asked(Path(name), given, wanted, paths, entries)
        sets: list[dict[str, Any]] = []
        if given.sets:
            asked_sets = ask_sets(
                Path(name), paths, level=given.level, count=given.sets, seed=given.seed
            )
            sets = set_rows(asked_sets)
    algorithms = dict.fromkeys(peer.algorithm for peer in PEERS)
    peers = {name: distances(name, entries, done) for name in algorithms}
    judge = Judge(entries)
    edits = recall(judge, done, peers)
    return {
        "machine": about,
        "level": given.level,
        "seed": given.seed,
        "counts": {
            "photographs": len(paths),
            "left out": len(left_out),
            "distractors": len(entries) - n_references,
            "queries": len(done),
            "photographs whose hashes imagehash confirms": same,
        },
        "left out": [asdict(one) for one in left_out],
        "false matches": false_matches(judge, entries, done, paths),
        "families": families(edits, given.level),
        "edits": edits,
        "missed": missed(judge, done, peers, paths),
        "sets": sets,
        "peers": peer_rows(peers, len(done)),
        "times": times(done),
        "curves": curves(judge, done, peers),
    }


def calibration(sample: Path, picture: Path) -> dict[str, Any] | None:
    """Predicted against observed false matches of a sample, drawn; what the plot says in numbers.

    None, and no picture, where there is no ``benchmarks.calibration_plot``.
    """
    if importlib.util.find_spec("benchmarks.calibration_plot") is None:
        print("no benchmarks.calibration_plot: the sample is not plotted")
        return None
    plot = importlib.import_module("benchmarks.calibration_plot")
    found, unfit = plot.compared(sample, photographs=False)
    plot.draw(found, picture)
    by_photographs, unfit_there = plot.compared(sample)
    told: dict[str, Any] = plot.summary(found)
    return {
        **told,
        "halves without a fit": unfit,
        "halves of the photographs": {
            **plot.summary(by_photographs),
            "halves without a fit": unfit_there,
        },
    }


def main(arguments: Sequence[str] | None = None) -> None:
    given = options(arguments)
    report = measured(given)
    stem = f"accuracy_{given.level}"
    given.out.mkdir(parents=True, exist_ok=True)
    plots = draw(report, given.out, stem)
    if given.sample is not None:
        picture = given.out / f"{stem}_calibration.png"
        report["calibration"] = calibration(given.sample, picture)
        plots += [picture.name] if report["calibration"] else []
    write(given.out / f"{stem}.json", report)
    page = markdown(report, plots)
    (given.out / f"{stem}.md").write_text(page, encoding="utf-8")
    hidden = ("peers", "queries", "reasons")
    for title in ("families", "sets"):
        shown = [{k: v for k, v in row.items() if k not in hidden} for row in report[title]]
        table(title, shown)
    table(
        "false matches",
        [{k: v for k, v in report["false matches"].items() if k not in ("distances", "examples")}],
    )


if __name__ == "__main__":
    main()
