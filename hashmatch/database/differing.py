"""Two revisions side by side: which statements and media differ, as a stream."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, select

from hashmatch.database.changes import Change, ChangeKind, DiffCounts
from hashmatch.database.differing_media import changed_media
from hashmatch.database.past import PLACE_THEN, PastView, require_revision
from hashmatch.database.rows import digests_of, flag, label_of
from hashmatch.errors import InputError
from hashmatch.store import decode_text, read_revision, stream
from hashmatch.store.schema import revision_log, source

_BLOCK = 1_000

_STATEMENT = f"""
SELECT {PLACE_THEN}, stated_md5, stated_sha1, stated_sha256, source.name, record_key, label,
    baseline, opinion.first_revision, withdrawn_revision, withdrawn_reason
FROM opinion JOIN source ON source.id = opinion.source_id"""  # noqa: S608 - made of constants here
# Rows of one revision have consecutive ids, and later ones larger ids.
_ADDED_ROWS = """opinion.id >= ? AND opinion.id < ?
    AND opinion.first_revision > ? AND opinion.first_revision <= ?"""
_WITHDRAWN_ROWS = """opinion.withdrawn_revision IS NOT NULL
    AND opinion.withdrawn_revision > ? AND opinion.withdrawn_revision <= ?"""
_ADDED = f"""{_STATEMENT}
WHERE {_ADDED_ROWS} AND (withdrawn_revision IS NULL OR withdrawn_revision > ?)"""
_WITHDRAWN = f"""{_STATEMENT}
WHERE {_WITHDRAWN_ROWS} AND opinion.first_revision <= ?"""
_OF_SOURCE = " AND opinion.source_id = ?"
# Whatever moved since is met at both of its places; those that did not differ show nothing.
_TOUCHED = f"""
SELECT media_id FROM (
    SELECT media_id FROM opinion WHERE {_ADDED_ROWS}
    UNION SELECT media_id FROM opinion WHERE {_WITHDRAWN_ROWS}
    UNION SELECT media_id FROM opinion_history WHERE until_revision > ?
    UNION SELECT opinion.media_id
        FROM opinion_history JOIN opinion ON opinion.id = opinion_history.opinion_id
        WHERE opinion_history.until_revision > ?
) AS touched ORDER BY media_id"""  # noqa: S608 - made of constants here


class RevisionDiff:
    """The differences between two revisions: iterate once; ``counts`` grow meanwhile.

    Lives as long as the ``with db.diff(...)`` block.

    Args:
        earlier, later: revisions that the database can answer for, in this order.
        source: only what this source says, and media as its statements alone show them.

    Raises:
        InputError: a revision is not known, or they are in the wrong order, or there is no such
            source.
    """

    def __init__(
        self, connection: Connection, earlier: int, later: int, *, source: str | None = None
    ) -> None:
        newest = read_revision(connection)
        require_revision("from_revision", earlier, connection, newest=newest)
        require_revision("to_revision", later, connection, newest=newest)
        if earlier > later:
            raise InputError(
                f"from_revision: expected at most to_revision, which is {later}, got {earlier}; "
                "differences are told in the order in which they came about"
            )
        self.earlier, self.later, self.source = earlier, later, source
        self.counts = DiffCounts()
        self._connection = connection
        self._source_id = None if source is None else _source_id(connection, source)
        self._ids = (_first_id_after(connection, earlier), _first_id_after(connection, later))

    def __iter__(self) -> Iterator[Change]:
        """Statements that were added, statements that were withdrawn, media by id."""
        for change in self._changes():
            self.counts.add(change)
            yield change

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready: the revisions and the counts of what was met so far."""
        return {
            "from": self.earlier,
            "to": self.later,
            "source": self.source,
            **self.counts.to_dict(),
        }

    def _changes(self) -> Iterator[Change]:
        if self.earlier == self.later:
            return
        window = (self.earlier, self.later)
        added = (*self._ids, *window)
        yield from self._statements(
            ChangeKind.ADDED, _ADDED, "opinion.id", (self.later, *added, self.later)
        )
        yield from self._statements(
            ChangeKind.WITHDRAWN,
            _WITHDRAWN,
            "opinion.withdrawn_revision, opinion.id",
            (self.earlier, *window, self.earlier),
        )
        one, other = (PastView(self._connection, revision) for revision in window)
        touched = (*added, *window, self.earlier, self.earlier)
        for rows in stream(self._connection, _TOUCHED, touched, block=_BLOCK):
            ids = [int(row[0]) for row in rows]
            yield from changed_media(one, other, ids, source_id=self._source_id)

    def _statements(
        self, what: ChangeKind, sql: str, order: str, parameters: tuple[int, ...]
    ) -> Iterator[Change]:
        if self._source_id is not None:
            sql, parameters = sql + _OF_SOURCE, (*parameters, self._source_id)
        for rows in stream(self._connection, f"{sql}\nORDER BY {order}", parameters, block=_BLOCK):
            for row in rows:
                yield _statement(what, row)


def _statement(what: ChangeKind, row: tuple[Any, ...]) -> Change:
    media_id, md5, sha1, sha256, name, key, label, baseline, came, went, reason = row
    gone = what is ChangeKind.WITHDRAWN
    return Change(
        what=what,
        media_id=media_id,
        digests=digests_of((md5, sha1, sha256)),
        source=decode_text(name),
        record_key=decode_text(key),
        label=label_of(label),
        baseline=flag(baseline),
        revision=went if gone else came,
        reason=reason if gone else None,
    )


def _source_id(connection: Connection, name: str) -> int:
    found = connection.scalar(select(source.c.id).where(source.c.name == name))
    if found is None:
        known = sorted(connection.scalars(select(source.c.name)))
        raise InputError(f"source: expected one of {known}, got {name!r}")
    return int(found)


def _first_id_after(connection: Connection, revision: int) -> int:
    """The lowest id that a statement of a later revision can have."""
    found = connection.scalar(
        select(revision_log.c.first_opinion_id)
        .where(revision_log.c.revision > revision)
        .order_by(revision_log.c.revision)
        .limit(1)
    )
    return _MAX_ID if found is None else int(found)


_MAX_ID = 2**63 - 1
