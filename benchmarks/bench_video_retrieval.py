"""How many edited videos are found, where they are said to lie, and which are mistaken for others.

References are the corpus's videos and scenes made of its photographs, sampled as lists are; each
edit of ``video_edits`` is a file that the checker is asked about. Written are
``video_retrieval.json`` and ``.md``.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.measure import machine, table, write
from benchmarks.video_asking import Answer, Question, Setting, answers, write_database
from benchmarks.video_counts import false_rows, missed_rows, recall_rows, whole
from benchmarks.video_edits import EDITS, suited
from benchmarks.video_footage import KNOWN, REAL_EDITS, Footage, cache_folder, footage
from benchmarks.video_impostors import SETS, impostor
from benchmarks.video_retrieval_page import markdown
from benchmarks.workloads import SEED, corpus_folder

REAL_EDIT = "edited elsewhere"
UNKNOWN_EDITS = ("copy", "mirror", "crop 5 %", "letterbox", "speed 1.1", "black intro")
"""What is asked of footage that is not known."""
OF_EACH_SET = 6
"""Impostors of each set: half of them known, half asked."""


def options(given: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--level", choices=("fast", "standard", "thorough"), default="standard")
    parser.add_argument("--known", type=int, default=KNOWN, help="made videos that are known")
    parser.add_argument("--edits", help="names with commas between; all by default")
    parser.add_argument("--interval", type=float, default=1.0, help="of the references, seconds")
    parser.add_argument("--no-sets", action="store_true", help="without the impostors' sets")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "results")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--seed", type=int, default=SEED)
    return parser.parse_args(given)


def questions(clips: Sequence[Footage], edits: Sequence[str]) -> list[Question]:
    """Every known video with every edit; unknown ones; the corpus's own edits of its videos."""
    known = [clip for clip in clips if clip.known]
    asked = [
        Question(name, clip, clip.name) for name in edits for clip in suited(EDITS[name], known)
    ]
    asked += [
        Question(name, clip, None)
        for name in UNKNOWN_EDITS
        if name in edits
        for clip in clips
        if not clip.known
    ]
    corpus = corpus_folder()
    assert corpus is not None
    for name, paths in REAL_EDITS.items():
        for path in paths:
            clip = Footage(Path(path).name, corpus / path, 0.0, known=False, made=False)
            asked.append(Question(REAL_EDIT, clip, name, made=False))
    return asked


def set_rows(
    folder: Path, clips: Sequence[Footage], given: argparse.Namespace
) -> tuple[list[dict[str, Any]], list[Answer]]:
    """Each set's first half as the database, its other half asked; all that is said is wrong."""
    unknown = tuple(clip for clip in clips if not clip.known)
    made = folder / "impostors"
    made.mkdir()
    cache = cache_folder(given.seed)
    known, asked = [], []
    for kind in SETS:
        for number in range(OF_EACH_SET):
            path = impostor(kind, number, unknown, cache, given.seed)
            clip = Footage(f"{kind.name} {number}", path, 0.0, known=False, made=True)
            if number < OF_EACH_SET // 2:
                known.append(clip)
            else:
                asked.append(Question(kind.name, clip, None, made=False))
    database = made / "impostors.db"
    usable = [clip for clip in known if not clip.name.startswith("flat")]
    write_database(database, usable, given.interval, given.processes)
    setting = Setting(database, given.level, unknown, made, given.seed)
    said = list(answers(asked, setting, given.processes))
    rows = []
    for kind in SETS:
        own = [one for one in said if one.edit == kind.name]
        rows.append(
            {
                "set": kind.name,
                "queries": len(own),
                "MATCH": sum(one.status == "MATCH" for one in own),
                "POSSIBLE": sum(one.status == "POSSIBLE" for one in own),
                "false": kind.match_is_false,
            }
        )
    return rows, said


def measured(given: argparse.Namespace) -> dict[str, Any]:
    """The whole report, as it is written."""
    edits = given.edits.split(",") if given.edits else list(EDITS)
    about = machine("av", "pillow")
    clips = footage(given.seed, given.processes, given.known)
    known = [clip for clip in clips if clip.known]
    others = tuple(clip for clip in clips if not clip.known)
    cache = cache_folder(given.seed)
    with tempfile.TemporaryDirectory() as name:
        database = Path(name) / "videos.db"
        frames = write_database(database, known, given.interval, given.processes)
        print(f"{len(known)} references, {sum(frames)} frames", flush=True)
        setting = Setting(database, given.level, others, cache, given.seed)
        todo = questions(clips, edits)
        done: list[Answer] = []
        for one in answers(todo, setting, given.processes):
            done.append(one)
            if len(done) % 50 == 0 or len(done) == len(todo):
                print(f"{len(done)} of {len(todo)} queries", flush=True)
        rows, said = ([], []) if given.no_sets else set_rows(Path(name), clips, given)
    recall = recall_rows(done)
    false = false_rows(done)
    return {
        "machine": about,
        "seed": given.seed,
        "policy": {"level": given.level, "interval of the references, s": given.interval},
        "counts": {
            "references": len(known),
            "frames of the references": sum(frames),
            "queries": len(done),
            "queries of what is not known": sum(one.target is None for one in done),
        },
        "whole": whole(recall),
        "false matches": sum(row["status"] == "MATCH" for row in false),
        "false, POSSIBLE": sum(row["status"] != "MATCH" for row in false),
        "edits": recall,
        "sets": rows,
        "false": false,
        "false of the sets": false_rows(said),
        "missed": missed_rows(done),
    }


def main(arguments: Sequence[str] | None = None) -> None:
    given = options(arguments)
    report = measured(given)
    given.out.mkdir(parents=True, exist_ok=True)
    write(given.out / "video_retrieval.json", report)
    (given.out / "video_retrieval.md").write_text(markdown(report), encoding="utf-8")
    table("recall", report["edits"])
    table("over the edits of the target", [report["whole"]])
    table("impostors", report["sets"])
    table("false", report["false"])
    table("missed", report["missed"])


if __name__ == "__main__":
    main()
