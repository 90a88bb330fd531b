"""Writer of VICS cases: media that were found, with the places where they lay.

One case a file. Its media stand one a line, in the order of ``sort_key``, each once for all places
of the same bytes. Who worked on it is never written, nor are image bytes.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from os import PathLike
from types import TracebackType
from typing import Any, Self

from hashmatch._version import __version__
from hashmatch.errors import InputError
from hashmatch.exchange.atomic import AtomicFile
from hashmatch.exchange.json_text import to_json
from hashmatch.exchange.schemes import Schemes
from hashmatch.exchange.vics_members import member_writer
from hashmatch.exchange.vics_order import SortKey, sort_key
from hashmatch.ledger import Ledger
from hashmatch.types import HashRecord

_OWN_ID = uuid.UUID("6f1c7a52-5f0e-4d3e-9a55-6a3c2d8f4b10")


@dataclass(frozen=True, slots=True)
class VicsCase:
    """What the document says of the case.

    Attributes:
        number: the exhibit or reference.
        organization: who it is of; "" to leave it out.
        id: GUID; by default one that follows from the number.
        metadata: free (name, value) pairs.
    """

    number: str
    organization: str = ""
    id: uuid.UUID | None = None
    metadata: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class FoundFile:
    """One place where a medium's bytes lay.

    Attributes:
        path: with its name, as the exhibit has it; "/" between folders.
        created, written, accessed: ISO 8601 texts; None where not known.
    """

    path: str
    created: str | None = None
    written: str | None = None
    accessed: str | None = None


class VicsCaseWriter:
    """Writes the media of one case; see the module.

    Args:
        path: where the file appears, mode 0600, when the ``with`` block ends without an error.
        case: what is said of the case.
        format, region, schemes, overwrite, extra: as for ``VicsWriter``.

    Raises:
        InputError: the case has no number, the region a wrong character.
        ExchangeError: the file exists or can't be written.
    """

    def __init__(
        self,
        path: str | PathLike[str],
        case: VicsCase,
        *,
        format: str = "vics-2.0",
        region: str = "Default",
        schemes: Schemes | None = None,
        overwrite: bool = False,
        extra: bool = False,
    ) -> None:
        if not isinstance(case.number, str) or not case.number.strip():
            raise InputError(f"case: expected a number, got {case.number!r}")
        self._writer = member_writer(format, "case", region=region, schemes=schemes, extra=extra)
        self.ledger = Ledger()
        self._last: SortKey | None = None
        self._media = self._files = 0
        self._file = AtomicFile(path, overwrite=overwrite)
        self._write(f'{self._writer.opening}\n{{{_case_members(case, format)},"Media":[')

    def write(self, record: HashRecord, files: Iterable[FoundFile] = ()) -> None:
        """Add one medium with all its places.

        Raises:
            InputError: it does not come after the last one in the order of ``sort_key``: every
                medium is there once.
        """
        key = sort_key(record)
        if self._last is not None and key <= self._last:
            raise InputError(
                "records: expected each medium once, in the order of sort_key, "
                f"got {key} after {self._last}"
            )
        self._last = key
        refusal = self._writer.refusal(record)
        if refusal is not None:
            self.ledger.add_rejected(refusal)
            return
        found = sorted(set(files), key=lambda file: tuple(map(str, _file_order(file))))
        places = ",".join(to_json(_place(file, record)) for file in found)
        self._media += 1
        self._files += len(found)
        self._write(
            f"{',' if self._media > 1 else ''}\n"
            f'{{{self._writer.identity(record)}"MediaID":{self._media},'
            f'{self._writer.members(record)},"MediaFiles":[{places}]}}'
        )
        self.ledger.add_done()

    def _write(self, text: str) -> None:
        self._file.write(text.encode("utf-8", "replace"))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is not None:
            self._file.discard()
            return
        try:
            self._write(f'\n],"TotalMediaFiles":{self._files}}}\n]}}\n')
        except BaseException:
            self._file.discard()
            raise
        self._file.commit()


def _case_members(case: VicsCase, format: str) -> str:
    id = f"{{{case.id or uuid.uuid5(_OWN_ID, case.number)}}}".upper()
    members: dict[str, Any] = {}
    if format != "vics-2.0":
        members["odata.id"] = f'Case("{id}")'
    members |= {"CaseID": id, "CaseNumber": case.number}
    if case.organization:
        members["ContactOrganization"] = case.organization
    members |= {"SourceApplicationName": "hashmatch", "SourceApplicationVersion": __version__}
    if case.metadata:
        members["CaseMetadata"] = [
            {"CaseID": id, "PropertyName": name, "PropertyValue": value}
            for name, value in case.metadata
        ]
    return to_json(members)[1:-1]


def _file_order(file: FoundFile) -> tuple[str | None, ...]:
    return file.path, file.created, file.written, file.accessed


def _place(file: FoundFile, record: HashRecord) -> dict[str, str]:
    # A backslash is a character of a name where "/" parts folders, and no separator.
    path = file.path.replace("/", "\\")
    members = {
        "MD5": (record.digests.md5 or "").upper() or None,
        "FileName": path.rpartition("\\")[2],
        "FilePath": path,
        "Created": file.created,
        "Written": file.written,
        "Accessed": file.accessed,
    }
    return {name: value for name, value in members.items() if value is not None}
