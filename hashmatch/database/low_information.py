"""The database's face for hashes that are kept and never matched: which, whose, and why."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from hashmatch.database.opened import OpenedStore
from hashmatch.store import decode_text, stream

_BLOCK = 5_000
_HASHES = """
SELECT hash.id, opinion.media_id, source.name, opinion.record_key, hash.algorithm, hash.value,
    hash.quality, hash.reason
FROM hash JOIN opinion ON opinion.id = hash.opinion_id JOIN source ON source.id = opinion.source_id
WHERE NOT hash.matchable AND opinion.withdrawn_revision IS NULL
ORDER BY hash.id"""


@dataclass(frozen=True, slots=True)
class LowInformationHash:
    """One hash of an active statement that no check is compared with.

    Attributes:
        hash_id, media_id: of the database.
        source, record_key: of the statement.
        algorithm: a name in ``hashmatch.algorithms.ALGORITHMS``.
        hex: the value.
        quality: 0..100, or None where it is not stated.
        reason: "constant value", "low quality", "bit weight" or "low entropy".
    """

    hash_id: int
    media_id: int
    source: str
    record_key: str
    algorithm: str
    hex: str
    quality: int | None
    reason: str

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        return {
            "hash_id": self.hash_id,
            "media_id": self.media_id,
            "source": self.source,
            "record_key": self.record_key,
            "algorithm": self.algorithm,
            "hex": self.hex,
            "quality": self.quality,
            "reason": self.reason,
        }


class LowInformation(OpenedStore):
    """Lists what is kept and never matched; part of ``Database``."""

    def low_information_hashes(self) -> Iterator[LowInformationHash]:
        """All of them at one revision, by id; streamed.

        Hashes that too many media have near them are ``crowded_hashes``.

        Raises:
            DatabaseError: the database can't be read.
        """
        with self._store.reading() as connection:
            for rows in stream(connection, _HASHES, block=_BLOCK):
                for number, media_id, source, key, algorithm, value, quality, reason in rows:
                    yield LowInformationHash(
                        hash_id=number,
                        media_id=media_id,
                        source=decode_text(source),
                        record_key=decode_text(key),
                        algorithm=algorithm,
                        hex=bytes(value).hex(),
                        quality=quality,
                        reason=reason,
                    )
