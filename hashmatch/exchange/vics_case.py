"""What a VICS case says besides its media: the case itself, and where each medium was found.

Who worked on it is never written.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from hashmatch._version import __version__
from hashmatch.errors import InputError
from hashmatch.exchange.json_text import is_json, to_json
from hashmatch.exchange.vics_keys import route
from hashmatch.exchange.vics_places import EXPORTED_AS
from hashmatch.types import HashRecord, Sighting

_OWN_ID = uuid.UUID("6f1c7a52-5f0e-4d3e-9a55-6a3c2d8f4b10")
_PLACE_MEMBERS = frozenset(
    ("md5", "filename", "filepath", "created", "written", "accessed", "parentfilepath")
)


@dataclass(frozen=True, slots=True)
class VicsCase:
    """One case.

    Attributes:
        number: the exhibit or reference.
        organization: whose it is; "" to leave it out.
        id: GUID; by default one that follows from the number.
        metadata: free (name, value) pairs.

    Raises:
        InputError: there is no number.
    """

    number: str
    organization: str = ""
    id: uuid.UUID | None = None
    metadata: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        if not isinstance(self.number, str) or not self.number.strip():
            raise InputError(f"case: expected a number, got {self.number!r}")


def case_members(case: VicsCase, format: str) -> str:
    """JSON text of the members before ``Media``, without the brace."""
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


def place_members(record: HashRecord) -> tuple[str, int]:
    """JSON text of the members that say where a medium was found, and the number of places.

    Each place once, sorted: the order in which places were found must not show.
    """
    exported = [place.extra[EXPORTED_AS] for place in record.seen_at if EXPORTED_AS in place.extra]
    places = sorted({_place(place, record.digests.md5) for place in record.seen_at})
    text = f',"MediaFiles":[{",".join(places)}]'
    if exported:
        text = f',"{EXPORTED_AS}":{to_json(min(exported))}{text}'
    return text, len(places)


def _place(place: Sighting, md5: str | None) -> str:
    members: dict[str, str | None] = {
        "MD5": None if md5 is None else md5.upper(),
        "FileName": place.file_name or (_name(place.file_path) if place.file_path else None),
        "FilePath": place.file_path,
        "Created": place.created_raw,
        "Written": place.written_raw,
        "Accessed": place.accessed_raw,
        "ParentFilePath": place.parent_path,
    }
    texts = {name: to_json(value) for name, value in members.items() if value is not None}
    for name, text in sorted(place.extra.items()):
        own = name == EXPORTED_AS or name.casefold() in _PLACE_MEMBERS
        if not own and route(name).kept:
            texts[name] = text if is_json(text) else to_json(text)
    return "{" + ",".join(f"{to_json(name)}:{text}" for name, text in texts.items()) + "}"


def _name(path: str) -> str:
    return path.replace("\\", "/").rpartition("/")[2]
