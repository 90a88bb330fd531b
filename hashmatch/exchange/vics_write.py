"""Writer of VICS hash sets and cases, models 1.3 and 2.0; ``vics_members`` has a record's profile.

A hash set never says where a medium was found. A case does; it is one object, with its media in
the array ``Media``. The root holds the context, then ``value``, and nothing else. One record a
line. UTF-8 without a byte order mark.
"""

from __future__ import annotations

from os import PathLike

from hashmatch.errors import InputError
from hashmatch.exchange.atomic import AtomicFile
from hashmatch.exchange.file_writer import FileWriter
from hashmatch.exchange.schemes import Schemes
from hashmatch.exchange.vics_case import VicsCase, case_members, place_members
from hashmatch.exchange.vics_members import member_writer
from hashmatch.exchange.vics_order import SortKey, sort_key
from hashmatch.ledger import Ledger
from hashmatch.types import HashRecord


class VicsWriter(FileWriter):
    """Writes records that come in the order of ``sort_key``; see the module for the profile.

    Args:
        path: where the file appears, mode 0600, when the ``with`` block ends without an error.
        format: "vics-2.0" or "vics-1.3".
        region: the context's region; it decides which category scheme a reader applies. Models
            before 2.0 have none.
        schemes: tables that replace the built-in ones.
        overwrite: whether an existing file may be replaced.
        extra: whether members of ``HashRecord.extra`` are written.
        case: the case, or its number, for a document of one case; None for a hash set.

    Raises:
        InputError: the region has a character that no region has; the case has no number.
        ExchangeError: the file exists or can't be written.

    A record that VICS can't carry (no MD5 and no SHA-1; a label without a code in the scheme that
    a reader will apply) is counted in ``ledger`` as rejected, with the reason.
    """

    def __init__(
        self,
        path: str | PathLike[str],
        *,
        format: str = "vics-2.0",
        region: str = "Default",
        schemes: Schemes | None = None,
        overwrite: bool = False,
        extra: bool = True,
        case: VicsCase | str | None = None,
    ) -> None:
        self._case = VicsCase(case) if isinstance(case, str) else case
        self._writer = member_writer(
            format,
            "hash-set" if self._case is None else "case",
            region=region,
            schemes=schemes,
            extra=extra,
        )
        self.ledger = Ledger()
        self._last: SortKey | None = None
        self._same_key: list[tuple[str, str]] = []
        self._written = self._places = 0
        self._file = AtomicFile(path, overwrite=overwrite)
        opening = self._writer.opening
        if self._case is not None:
            opening += f'\n{{{case_members(self._case, format)},"Media":['
        self._write(opening)

    def write(self, record: HashRecord) -> None:
        """Add one record.

        Raises:
            InputError: it comes after one with a larger ``sort_key``.
        """
        key = sort_key(record)
        if self._last is not None and key < self._last:
            raise InputError(
                f"records: expected them in the order of sort_key, got {key} after {self._last}"
            )
        if key != self._last:
            self._flush()
            self._last = key
        refusal = self._writer.refusal(record)
        if refusal is not None:
            self.ledger.add_rejected(refusal)
            return
        members, note = self._writer.members(record), None
        if self._case is not None:
            places, count = place_members(record)
            members += places
            self._places += count
        elif record.seen_at:
            note = "a hash set has no room for places"
        self._same_key.append((members, self._writer.identity(record)))
        self.ledger.add_done(note=note)

    def _flush(self) -> None:
        """Write the records of one key, in the order of their text: input order must not show."""
        for members, identity in sorted(self._same_key):
            self._written += 1
            comma = "," if self._written > 1 else ""
            self._write(f'{comma}\n{{{identity}"MediaID":{self._written},{members}}}')
        self._same_key.clear()

    def _write(self, text: str) -> None:
        # A lone surrogate has no UTF-8 form, and some readers refuse the whole file for one.
        self._file.write(text.encode("utf-8", "replace"))

    def _finish(self) -> None:
        self._flush()
        if self._case is not None:
            self._write(f'\n],"TotalMediaFiles":{self._places}}}')
        self._write("\n]}\n")
