"""The videos of the retrieval benchmark: put into a database, asked for through the checker."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import hashmatch as hm
from benchmarks.accuracy_processes import in_processes
from benchmarks.video_edits import EDITS, Shown, edited
from benchmarks.video_footage import Footage
from hashmatch.fingerprinting import VideoFingerprint, examine_video, video_record


@dataclass(frozen=True)
class Question:
    """One query: an edit of footage, or a file as it is (``edit`` is then only its name).

    Attributes:
        target: what it shows, as the database names it; None: nothing that is known.
        shown: where; empty where that is not known beforehand.
    """

    edit: str
    clip: Footage
    target: str | None
    shown: tuple[Shown, ...] = ()
    made: bool = True


@dataclass(frozen=True)
class Segment:
    """Milliseconds of the query and of the stored video."""

    query_from: int
    query_to: int
    stored_from: int | None
    stored_to: int | None
    speed: float


@dataclass(frozen=True)
class Found:
    name: str
    status: str
    kind: str
    reason: str | None
    percent: tuple[float, float]
    segments: tuple[Segment, ...]
    registered: bool


@dataclass(frozen=True)
class Answer:
    """What came of one query.

    Attributes:
        seconds: of the whole check, decoding included; ``search_s`` from the fingerprint on.
    """

    edit: str
    clip: str
    target: str | None
    shown: tuple[Shown, ...]
    status: str
    reason: str | None
    found: tuple[Found, ...]
    seconds: float
    search_s: float
    n_frames: int


@dataclass(frozen=True)
class Setting:
    """What a worker process needs."""

    database: Path
    level: str
    others: tuple[Footage, ...]
    folder: Path
    seed: int


def fingerprinted(clip: Footage, interval_s: float) -> VideoFingerprint:
    """Of a reference, as a list would have it.

    Raises:
        SystemExit: it has no hash.
    """
    made = examine_video(clip.path, interval_s=interval_s)
    if not len(made.frames):
        raise SystemExit(f"{clip.path}: {made.status}, {made.reason}")
    return made


def write_database(
    path: Path, clips: Sequence[Footage], interval_s: float, processes: int
) -> list[int]:
    """A new national database with every clip as a record; how many frames each has."""
    work = partial(fingerprinted, interval_s=interval_s)
    made = list(in_processes(work, clips, processes))
    opinion = hm.Opinion(scheme="vics-us-current", raw_category="1", label=hm.Label.CSAM)

    def records() -> Iterator[hm.HashRecord]:
        for position, (clip, one) in enumerate(zip(clips, made, strict=True), start=1):
            yield replace(
                video_record(one),
                record_key=clip.name,
                position=position,
                opinion=opinion,
                digests=hm.Digests(),  # copies are to be found by what they show
            )

    with hm.open_database(path, create=True) as db:
        db.import_records(records(), source="Benchmark", complete=True)
        db.publish_index()
    return [len(one.frames) for one in made]


class _Asker:
    def __init__(self, setting: Setting) -> None:
        self.setting = setting
        self._database = hm.open_database(setting.database, read_only=True)
        self.policy = hm.MatchPolicy(level=hm.Level(setting.level))
        self._checker = hm.Checker(self._database, policy=self.policy, audit=False)

    def ask(self, question: Question) -> Answer:
        path, shown = question.clip.path, question.shown
        if question.made:
            setting = self.setting
            edit = EDITS[question.edit]
            path, shown = edited(edit, question.clip, setting.others, setting.folder, setting.seed)
        start = time.perf_counter()
        result = self._checker.check(path)
        seconds = time.perf_counter() - start
        fingerprint = result.fingerprint
        return Answer(
            edit=question.edit,
            clip=question.clip.name,
            target=question.target,
            shown=shown if question.target else (),
            status=result.status.value,
            reason=result.reason,
            found=tuple(_found(match) for match in result.matches),
            seconds=seconds,
            search_s=(result.cost_ms or 0.0) / 1000,
            n_frames=len(fingerprint.frames) if isinstance(fingerprint, VideoFingerprint) else 0,
        )


def _found(match: hm.Match) -> Found:
    told = match.video
    segments = () if told is None else told.segments
    return Found(
        name=match.opinions[0].record_key,
        status=match.status.value,
        kind=match.kind.value,
        reason=match.reason,
        percent=(0.0, 0.0) if told is None else (told.query_percent, told.stored_percent),
        segments=tuple(
            Segment(s.query_from_ms, s.query_to_ms, s.stored_from_ms, s.stored_to_ms, s.speed)
            for s in segments
        ),
        registered=told is not None and told.registered,
    )


_ASKERS: list[_Asker] = []


def _prepare(setting: Setting) -> None:
    _ASKERS.clear()
    _ASKERS.append(_Asker(setting))


def _answer(question: Question) -> Answer:
    return _ASKERS[0].ask(question)


def answers(asked: Sequence[Question], setting: Setting, processes: int) -> Iterator[Answer]:
    """Answers in the order of the questions."""
    yield from in_processes(_answer, asked, processes, partial(_prepare, setting))
