"""The common row of an ICSE table, read in one go: a long list is made of little else.

What this gives is what ``IcseReader`` would give field by field; where anything about a row is not
as expected, there is no answer here, and the reader takes the row the long way.
"""

from __future__ import annotations

import binascii
from operator import itemgetter
from typing import Any

from hashmatch.exchange.drafts import (
    DigestsDraft,
    HashRecordDraft,
    HashValueDraft,
    OpinionDraft,
    seal,
)
from hashmatch.exchange.fields import HEX_DIGEST, INT64_DIGITS, is_worthless
from hashmatch.exchange.icse_header import COLUMNS, OPAQUE, Header
from hashmatch.types import NOTHING, Digests, HashRecord, HashValue, MediaKind, Opinion

FLAGS = ("Baseline", "Is distributed", "Victim identified", "Offender identified", "File Available")
"""Columns with words for yes and no."""

_NAMES = tuple(name for name in COLUMNS if name not in OPAQUE)
_MD5, _SHA1 = HEX_DIGEST["md5"], HEX_DIGEST["sha1"]
_PHOTODNA_DIGITS = 288
_KINDS = {"Image": MediaKind.IMAGE, "Video": MediaKind.VIDEO, "": MediaKind.UNKNOWN}
_MAX_SAID = 4096


class PlainRows:
    """Reads rows of one table.

    Args:
        header: the table's.
    """

    def __init__(self, header: Header) -> None:
        # A table that lacks a column goes the long way.
        whole = all(name in header.columns for name in _NAMES)
        self._cells = itemgetter(*map(header.columns.__getitem__, _NAMES)) if whole else None
        self._other = [(header.columns[name], name) for name in OPAQUE if name in header.columns]
        self._other.extend(header.others.items())
        self._said: dict[tuple[str, ...], tuple[Any, ...]] = {}

    def learn(self, words: tuple[str, ...], opinion: Opinion) -> None:
        """Remember what the words in the columns of ``FLAGS`` mean, of which none was refused."""
        if len(self._said) >= _MAX_SAID:
            self._said.clear()
        self._said[words] = (
            *(opinion.scheme, opinion.label, opinion.baseline, opinion.victim_identified),
            *(opinion.offender_identified, opinion.distributed, opinion.file_available),
            opinion.facts,
        )

    def record(self, number: int, cells: list[str]) -> HashRecord | None:
        """The record, or None for a row that has to be read the long way.

        Args:
            number: the row's line.
            cells: as many as the header has.
        """
        if self._cells is None:
            return None
        (
            md5,
            sha1,
            photodna,
            key,
            distributed,
            victim,
            offender,
            series,
            count,
            available,
            kind,
            baseline,
        ) = self._cells(cells)
        said = self._said.get((baseline, distributed, victim, offender, available))
        key = key.strip()
        if (
            said is None
            or kind not in _KINDS
            or not key
            or not _MD5(md5)
            or not _SHA1(sha1)
            or not (count == "" or (count.isdigit() and count.isascii()))
            or len(count) >= INT64_DIGITS
        ):
            return None
        md5, sha1 = md5.lower(), sha1.lower()
        if is_worthless(md5) or is_worthless(sha1):
            return None
        hashes: tuple[HashValue, ...] = ()
        if photodna:
            try:
                value = binascii.unhexlify(photodna)
            except ValueError:
                return None
            if len(photodna) != _PHOTODNA_DIGITS or value[0] in (0x00, 0xFF):
                return None
            hashes = (seal(HashValueDraft("photodna", value), HashValue),)
        extra: dict[str, str] = {}
        for index, name in self._other:
            cell = cells[index].strip()
            if cell:
                extra[name] = cell
        series = series.strip()
        (
            scheme,
            label,
            is_baseline,
            is_victim,
            is_offender,
            is_distributed,
            is_available,
            facts,
        ) = said
        opinion = OpinionDraft(
            scheme,
            baseline or None,
            label,
            is_baseline,
            is_victim,
            is_offender,
            is_distributed,
            None,
            None,
            None,
            is_available,
            int(count) if count else None,
            (series,) if series else (),
            (),
            None,
            facts,
        )
        record = HashRecordDraft(
            key,
            number,
            seal(DigestsDraft(md5, sha1), Digests),
            seal(opinion, Opinion),
            _KINDS[kind],
            None,
            None,
            hashes,
            extra or NOTHING,
        )
        return seal(record, HashRecord)
