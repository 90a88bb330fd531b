"""What a checker asks for a video: the same lookups, at one revision, as for pictures.

Digests settle it, then plain frames, then the few that are registered; each step is made only where
the ones before it settle nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from hashmatch.database import (
    Database,
    HashesAt,
    HashLookup,
    LookupMaker,
    SnapshotView,
    TmkAt,
    TmkLookup,
)
from hashmatch.matching.base import CheckedBase, Found, State
from hashmatch.matching.calibration import Calibration
from hashmatch.matching.policy import Level, MatchPolicy
from hashmatch.matching.question import Question
from hashmatch.matching.result import CheckStatus, Match
from hashmatch.matching.search import match_digests, one_per_media
from hashmatch.matching.thresholds import PDQ
from hashmatch.matching.video_matches import match_frames
from hashmatch.matching.video_near import FramesNear, plain_near, registered_near
from hashmatch.matching.video_question import VideoQuestion
from hashmatch.matching.video_tmk import TMK, match_tmk, query_features, with_tmk


@dataclass(frozen=True, slots=True)
class _Near:
    """What is near by hashes alone, at one revision."""

    revision: int
    plain: FramesNear
    registered: FramesNear | None


class VideoBase(CheckedBase):
    """``CheckedBase`` for videos too. Usable from several threads."""

    def __init__(
        self,
        db: Database,
        policy: MatchPolicy,
        calibration: Calibration | None = None,
        hash_lookup: LookupMaker = HashLookup,
    ) -> None:
        super().__init__(db, policy, calibration, hash_lookup)
        self._tmk = TmkLookup(db)

    def video_algorithms(self) -> tuple[str, ...]:
        """What to compute of a video: PDQ of its frames, and TMK+PDQF, for which every frame has
        to be decoded, where the database has whole fingerprints to compare with."""
        if self._policy.level is Level.DIGEST:
            return ()
        if self._tmk.state.revision != self._db.revision:
            self._tmk.catch_up()
        return (PDQ, TMK) if len(self._tmk.state) else (PDQ,)

    def _catch_up_all(self, view: SnapshotView) -> None:
        super()._catch_up_all(view)
        self._tmk.catch_up(view)

    def answer_video(self, question: VideoQuestion, beside: Question) -> Found:
        """The answer at the database's newest revision.

        Args:
            beside: what was stated of the video: hashes of other tools are compared too.

        Raises:
            DatabaseError: the database can't be read.
        """
        found = self._answered(question)
        return _joined(found, self.answer(beside)) if beside.variants else found

    def _answered(self, question: VideoQuestion) -> Found:
        asked, near = question.lookups, None
        revision = self._db.revision
        state = self._held(asked, revision)
        if state is not None and question.tmk is None:
            near = self._video_near(state, question, revision)
            known = state.known.problems or state.known.names_of(question.digests)
            nothing = not len(near.plain) and not (near.registered and len(near.registered))
            if nothing and not known and not state.stated.may_hold(question.digests):
                return _found(state, near, question, revision)
        while True:
            with self._db.snapshot() as view:
                state = self._at(view, asked)
                if state is None:
                    continue  # another thread has gone further: ask a newer state
                tmk = None
                if question.tmk is not None:
                    self._tmk.catch_up(view)
                    tmk = self._tmk.state
                    if tmk.revision != view.revision:
                        continue
                if near is None or near.revision != view.revision:
                    near = self._video_near(state, question, view.revision)
                return self._read_video(view, state, near, question, tmk)

    def _video_near(self, state: State, question: VideoQuestion, revision: int) -> _Near:
        """Registration at once only where no plain frame is near: what they settle, rows say."""
        plain = plain_near(_hashes(state), question, self._policy)
        registered = None
        if not len(plain) and not state.stated.may_hold(question.digests):
            registered = registered_near(_hashes(state), question, self._policy)
        return _Near(revision, plain, registered)

    def _read_video(
        self,
        view: SnapshotView,
        state: State,
        near: _Near,
        question: VideoQuestion,
        tmk: TmkAt | None,
    ) -> Found:
        by_digest: list[Match] = []
        if state.stated.may_hold(question.digests):
            by_digest = match_digests(view, question.digests, self._policy)
        hashes = _hashes(state)
        gates: list[str] = []
        by_frames: list[Match] = []
        n_comparisons = 0
        if hashes is not None:
            plain = match_frames(view, hashes, near.plain, question, self._policy)
            by_frames, n_comparisons = plain.matches, plain.n_comparisons
            gates += plain.gates
        by_tmk: list[Match] = []
        features = query_features(question.tmk)
        if tmk is not None and features is not None:
            by_tmk, left_out = match_tmk(view, tmk, features, self._policy)
            gates += left_out
        settled = any(m.status is not CheckStatus.POSSIBLE for m in by_digest) or any(
            not m.doubtful for m in (*by_frames, *by_tmk)
        )
        if hashes is not None and question.views and not settled:
            made = near.registered or registered_near(hashes, question, self._policy)
            near = replace(near, registered=made)
            found = match_frames(view, hashes, made, question, self._policy)
            gates += found.gates
            n_comparisons += found.n_comparisons
            by_frames = _better(by_frames, found.matches)
        matches = one_per_media(by_digest, with_tmk(by_frames, by_tmk))
        answer = _found(state, near, question, view.revision, tuple(matches), tuple(gates))
        return replace(answer, n_comparisons=answer.n_comparisons + n_comparisons)


def _joined(video: Found, stated: Found) -> Found:
    """Both answers, one match for each media: a confident one, else that by frames."""
    made = {match.media.media_id: match for match in video.matches}
    for match in stated.matches:
        other = made.get(match.media.media_id)
        if other is None or (other.doubtful and not match.doubtful):
            made[match.media.media_id] = match
    return replace(
        video,
        matches=tuple(sorted(made.values(), key=lambda one: one.doubtful)),
        n_variants=video.n_variants + stated.n_variants,
        n_entries=max(video.n_entries, stated.n_entries),
        n_comparisons=video.n_comparisons + stated.n_comparisons,
        gates=tuple(dict.fromkeys((*video.gates, *stated.gates))),
    )


def _hashes(state: State) -> HashesAt | None:
    held = state.entries.get(PDQ)
    return held if isinstance(held, HashesAt) else None


def _better(plain: list[Match], registered: list[Match]) -> list[Match]:
    """One match for each media: by plain frames unless registered ones are surer."""
    made = {match.media.media_id: match for match in plain}
    for match in registered:
        other = made.get(match.media.media_id)
        if other is None or (other.doubtful and not match.doubtful):
            made[match.media.media_id] = match
    return sorted(made.values(), key=lambda one: one.doubtful)


def _found(
    state: State,
    near: _Near,
    question: VideoQuestion,
    revision: int,
    matches: tuple[Match, ...] = (),
    gates: tuple[str, ...] = (),
) -> Found:
    parts = [near.plain, *([near.registered] if near.registered else [])]
    crowd = near.plain.n_excluded
    left_out = (f"{crowd} crowded hashes were not compared",) if crowd else ()
    return Found(
        revision=revision,
        matches=matches,
        known_sets=state.known.names_of(question.digests),
        problems=state.known.problems if question.digests else (),
        n_variants=sum(part.n_variants for part in parts),
        n_entries=near.plain.n_entries,
        n_excluded=crowd,
        n_comparisons=sum(part.n_comparisons for part in parts),
        gates=(*left_out, *(gate for part in parts for gate in part.gates), *gates),
    )
