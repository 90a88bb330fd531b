"""Asks a national database about the contents of an exhibit, while a scan meets them."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from functools import cached_property

from hashmatch.database import Database
from hashmatch.fingerprinting import Fingerprint
from hashmatch.matching import Calibration, Checker
from hashmatch.scan import Recipe
from hashmatch.store import read_meta
from hashmatch.triage.verdict_codec import verdict_bytes

SCHEMA = "hashmatch.verdict/1"


class DatabaseJudge:
    """What a scan asks of each content (``hashmatch.scan.Judge``); from any thread.

    The key names all that an answer depends on beside the content, and neither path, server nor
    account: the same database at another place has the same answers.

    Args:
        db: the checker's database.
        checker: its answers are kept.
        calibration: the one that the checker was made with; None: the packaged one.

    Raises:
        DatabaseError: the database can't be read.
    """

    def __init__(
        self, db: Database, checker: Checker, *, calibration: Calibration | None = None
    ) -> None:
        self._checker = checker
        self._calibration = calibration or Calibration.default()
        with db.store.reading() as connection:
            self.database_id = read_meta(connection, "database_id")
        self.revision = db.revision
        # To add or remove a known set need not be a new revision.
        self._known_sets = [[known.name, known.added_at] for known in db.known_sets()]

    @cached_property
    def key(self) -> str:
        """Canonical JSON: database, revision, known sets, digests of policy and calibration."""
        calibration = self._calibration.to_toml().encode()
        plain = {
            "schema": SCHEMA,
            "database": self.database_id,
            "revision": self.revision,
            "known_sets": self._known_sets,
            "policy": self._checker.policy.digest,
            "calibration": hashlib.sha256(calibration).hexdigest(),
        }
        return json.dumps(plain, sort_keys=True, separators=(",", ":"))

    def __call__(self, fingerprint: Fingerprint) -> bytes:
        """The verdict on a content, for ``read_verdict``.

        Raises:
            DatabaseError: the database can't be read, or its audit log not written.
        """
        return verdict_bytes(self._checker.check_fingerprint(fingerprint))


def recipe_for(checker: Checker, recipe: Recipe | None = None) -> Recipe:
    """What a scan has to compute so that its verdicts are those of ``Checker.check``.

    Args:
        recipe: what is wanted besides; the default one if None.

    Raises:
        DatabaseError: the database can't be read.
    """
    base = recipe or Recipe()
    pictures = dict.fromkeys((*base.algorithms, *checker.algorithms))
    compared = checker.video_algorithms
    videos = dict.fromkeys((*base.video_algorithms, *compared))
    return dataclasses.replace(
        base,
        algorithms=tuple(pictures),
        video_algorithms=tuple(videos),
        views=max(base.views, checker.views, key=_VIEWS.index),
        interval_s=checker.policy.video.interval_s if compared else base.interval_s,
    )


_VIEWS = ("none", "trims", "all")
