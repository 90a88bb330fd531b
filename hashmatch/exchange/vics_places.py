"""The places where a case's medium was found: ``MediaFiles``, or names in the medium itself."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hashmatch.exchange.fields import FieldReader
from hashmatch.exchange.json_lenient import Pairs
from hashmatch.exchange.json_text import to_json
from hashmatch.exchange.vics_keys import CASE_REFERENCES, FILES_KEY, route
from hashmatch.exchange.vics_walk import TOO_LARGE_TEXT, Members
from hashmatch.types import NOTHING, Sighting

PLACE_KINDS = frozenset(("MediaFiles", "file path", "file name"))
"""Kinds of members (``vics_keys.DROPPED``) that say where a medium was found."""
EXPORTED_AS = "RelativeFilePath"
"""Name in ``Sighting.extra`` of the path, next to the list, of the medium's own bytes."""

_TEXTS = {
    "filename": "file_name",
    "name": "file_name",
    "filepath": "file_path",
    "fullpath": "file_path",
    "created": "created_raw",
    "written": "written_raw",
    "accessed": "accessed_raw",
}
_IN_MEDIUM = frozenset(("filename", "name", "filepath", "fullpath"))


def read_places(members: Members, references: Pairs, fields: FieldReader) -> tuple[Sighting, ...]:
    """Every place, in the order of the list.

    Args:
        members: of the medium.
        references: of its case.
        fields: of its record; takes what is refused.
    """
    known = {key.casefold(): value for key, value in references}
    # A GUID stands with and without braces, in either case.
    case = _text(known.get("casenumber")) or _text(known.get("caseid")).strip("{}").lower()
    pairs = members if isinstance(members, tuple) else tuple(members.items())
    found: list[Sighting] = []
    named: dict[str, str] = {}
    exported = ""
    for key, value in pairs:
        folded = key.casefold()
        if folded == FILES_KEY:
            found += _files(value, case, fields)
        elif folded == EXPORTED_AS.casefold():
            exported = exported or _text(value)
        elif folded in _IN_MEDIUM and _text(value):
            named.setdefault(_TEXTS[folded], _text(value))
    extra = {EXPORTED_AS: exported} if exported else NOTHING
    if not found:
        return (Sighting(case or None, **named, extra=extra),) if named or exported else ()
    if exported:
        found[0] = replace(found[0], extra={**found[0].extra, **extra})
    return tuple(found)


def _files(value: Any, case: str, fields: FieldReader) -> list[Sighting]:
    if value is None or value == "":
        return []
    if value == TOO_LARGE_TEXT:
        fields.refuse("MediaFiles", "too large", "")
        return []
    if not isinstance(value, list):
        fields.refuse("MediaFiles", "expected an array", value)
        return []
    found: list[Sighting] = []
    for element in value:
        if isinstance(element, (tuple, dict)):
            found.append(_place(element, case))
        else:
            fields.refuse("MediaFiles", "expected an object", element)
    return found


def _place(members: Members, case: str) -> Sighting:
    texts: dict[str, str] = {}
    extra: dict[str, str] = {}
    parents: dict[str, str] = {}
    pairs = members if isinstance(members, tuple) else tuple(members.items())
    for key, value in pairs:
        folded = key.casefold()
        text = _text(value)
        if folded in _TEXTS and text:
            texts[_TEXTS[folded]] = text
        elif folded in ("parentfilepath", "parentfilename") and text:
            parents[folded] = text
        elif folded == "md5" or folded in CASE_REFERENCES or value is None or value == "":
            continue  # the medium's own
        elif route(key).kept:
            extra[key] = to_json(value)
    parent = _joined(parents.get("parentfilepath", ""), parents.get("parentfilename", ""))
    return Sighting(case or None, **texts, parent_path=parent, extra=extra or NOTHING)


def _joined(path: str, name: str) -> str | None:
    """The parent's path with its name, which writers put at its end or leave out."""
    if not name or path.endswith(name):
        return path or None
    if not path:
        return name
    separator = "" if path.endswith(("/", "\\")) else "/" if "/" in path else "\\"
    return f"{path}{separator}{name}"


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
