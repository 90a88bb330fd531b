"""What an import's statements contradict, counted when all of them are placed.

Nothing is decided here: the most severe opinion counts (``views``), and media that disagree about a
digest stay apart (``identity``). The counts tell people that something is to be looked at.
"""

from __future__ import annotations

from sqlalchemy import Connection

from hashmatch.database.superseding import STATED_NOW
from hashmatch.database.views import ILLEGAL
from hashmatch.store import run
from hashmatch.types import Label

_MD5_CONFLICTS = """
SELECT count(DISTINCT stated_md5) FROM opinion
WHERE id >= ? AND stated_md5 IS NOT NULL AND (
    SELECT count(*) FROM (
        SELECT 1 FROM media
        WHERE media.md5 = opinion.stated_md5 AND media.retired_revision IS NULL LIMIT 2) AS found
) = 2"""

# The index "opinion_known" answers this: the condition must stay word for word that of the schema.
_KNOWN = f"label = '{Label.KNOWN_IGNORABLE.value}' AND withdrawn_revision IS NULL"
_ANY_KNOWN = f"SELECT EXISTS (SELECT 1 FROM opinion WHERE {_KNOWN})"  # noqa: S608 - made of constants here
_ILLEGAL = ", ".join(repr(label.value) for label in sorted(ILLEGAL))
_BOTH = f"""
EXISTS (SELECT 1 FROM opinion AS known WHERE known.media_id = mine.media_id
    AND {_KNOWN})
AND EXISTS (
    SELECT 1 FROM opinion AS grave
    WHERE grave.media_id = mine.media_id AND grave.withdrawn_revision IS NULL
        AND (grave.label IN ({_ILLEGAL}) OR grave.baseline)
)"""  # noqa: S608 - made of constants here
_OF_STATED = f"""
SELECT count(DISTINCT mine.media_id) FROM ({STATED_NOW}) AS stated CROSS JOIN opinion AS mine
WHERE mine.id = stated.id AND mine.withdrawn_revision IS NULL AND {_BOTH}"""  # noqa: S608 - made of constants here


def count_md5_conflicts(connection: Connection, *, first_opinion_id: int) -> int:
    """MD5 values of added statements under which more than one media stands."""
    return int(run(connection, _MD5_CONFLICTS, (first_opinion_id,)).scalar_one())


def count_known_conflicts(connection: Connection, *, first_opinion_id: int) -> int:
    """Media that the import states something of, known software to one and illegal to another.

    Args:
        first_opinion_id: all statements that the import added have this id or a larger one; those
            that it confirmed are in the import's ``KeyBook``, which must still be open.
    """
    if not run(connection, _ANY_KNOWN).scalar_one():
        return 0
    return int(run(connection, _OF_STATED, (first_opinion_id,)).scalar_one())
