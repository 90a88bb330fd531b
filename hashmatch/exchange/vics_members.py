"""One record as the members of a VICS media object, in the profile of the strictest reader.

``Category`` is an integer. No member is null. Directly in a record stand values and arrays, never
objects. Digests in upper case, PhotoDNA in base64, ``HashName`` before ``HashValue``. Models before
2.0 write sizes and flags as text, have no member for PhotoDNA, and name the object (``odata.id``).
Sources: how sepinf-inc/IPED reads such files; what the public writers of 1.3 write.

VICS has no place for INTERPOL's Baseline, which travels as a tag, nor for ICSE's number of
submissions and "file available", which are not written.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from typing import Any

from hashmatch.algorithms import get_algorithm
from hashmatch.errors import InputError
from hashmatch.exchange.base import Document
from hashmatch.exchange.json_text import is_json, to_json
from hashmatch.exchange.schemes import Scheme, Schemes, load_schemes, normal_code
from hashmatch.exchange.vics_context import make_context
from hashmatch.exchange.vics_keys import CASE_REFERENCES, KEPT, route
from hashmatch.exchange.vics_record import FLAGS
from hashmatch.exchange.vics_values import BASELINE_TAGS
from hashmatch.facts import NO_FACTS
from hashmatch.types import HashRecord, HashValue, Label, MediaKind

FORMATS = ("vics-1.3", "vics-2.0")
"""Those that are written."""
_REGION = re.compile(r"[A-Za-z0-9_-]{1,32}").fullmatch
_INTEGER = re.compile(r"-?[0-9]{1,9}").fullmatch
_OWN_MEMBERS = frozenset(name.casefold() for name in (*KEPT, "MediaID"))
_KIND_WORDS = {MediaKind.IMAGE: "image", MediaKind.VIDEO: "video", MediaKind.OTHER: "other"}
_BASELINE_WORDS = {answer: word for word, answer in BASELINE_TAGS.items()}
# Known software media has no code of its own in any scheme; "not relevant" is what it is.
_NEAREST = {Label.KNOWN_IGNORABLE: Label.NON_PERTINENT}


@dataclass(frozen=True, slots=True)
class MemberWriter:
    """Writes the members of media objects of one document. Made by ``member_writer``.

    Attributes:
        format: of ``FORMATS``.
        opening: the root's first member, up to the records' opening bracket.
        scheme: id of the category scheme that a reader will apply.
        categories: the scheme itself; None where a reader will know none.
        with_extra: whether members of ``HashRecord.extra`` are written.
        in_case: whether the document is a case.
    """

    format: str
    opening: str
    scheme: str
    categories: Scheme | None
    with_extra: bool
    in_case: bool

    @property
    def _texts(self) -> bool:
        return self.format != "vics-2.0"

    def refusal(self, record: HashRecord) -> str | None:
        """Why the document can't carry a record; None where it can."""
        if record.digests.md5 is None and record.digests.sha1 is None:
            return "no MD5 or SHA-1"
        label = record.opinion.label
        if self._category(record) is None and label is not Label.UNCATEGORIZED:
            return f"no code for {label} in {self.scheme}"
        return None

    def members(self, record: HashRecord) -> str:
        """JSON text of the members, without MediaID and without the braces around them."""
        digests, opinion = record.digests, record.opinion
        alternatives: list[dict[str, Any]] = []
        members: dict[str, Any] = {
            # Without a code there is no category: "uncategorized" in every scheme.
            "Category": self._category(record),
            "MD5": digests.md5 and digests.md5.upper(),
            "SHA1": digests.sha1 and digests.sha1.upper(),
        }
        if digests.sha256 is not None:
            alternatives.append({"HashName": "SHA256", "HashValue": digests.sha256.upper()})
        for item in sorted(record.hashes, key=_hash_order):
            if item.algorithm == "photodna" and not self._texts and "PhotoDNA" not in members:
                members["PhotoDNA"] = _hash_text(item)
            else:
                alternatives.append(_alternative(item))
        members["MediaSize"] = self._number(record.size)
        members["MimeType"] = record.mime or _KIND_WORDS.get(record.kind)
        for member, flag in FLAGS:
            members[member] = self._flag(getattr(opinion, flag))
        baseline = () if opinion.baseline is None else (_BASELINE_WORDS[opinion.baseline],)
        members["Series"] = _joined(opinion.series)
        members["Tags"] = _joined((*opinion.tags, *baseline))
        members["DateUpdated"] = opinion.updated_raw
        texts = {name: to_json(value) for name, value in members.items() if value is not None}
        others = self._extra(record, texts) if self.with_extra else []
        if alternatives or others:
            texts["AlternativeHashes"] = f"[{','.join([*map(to_json, alternatives), *others])}]"
        return ",".join(f"{to_json(name)}:{text}" for name, text in texts.items())

    def identity(self, record: HashRecord) -> str:
        """JSON text of the members before all others, with a comma behind; "" in model 2.0."""
        if not self._texts:
            return ""
        digest = (record.digests.md5 or record.digests.sha1 or "").upper()
        return f'"odata.id":{to_json(f"""Media("{digest}")""")},'

    def _category(self, record: HashRecord) -> int | None:
        opinion = record.opinion
        raw = opinion.raw_category
        if opinion.scheme == self.scheme and raw is not None:
            code = normal_code(raw)
            if _INTEGER(code):
                return int(code)
        if self.categories is None:
            return None
        found = self.categories.code_of(opinion.label, opinion.facts)
        if found is None and opinion.label in _NEAREST:
            found = self.categories.code_of(_NEAREST[opinion.label], NO_FACTS)
        return None if found is None else int(found)

    def _number(self, value: int | None) -> int | str | None:
        return str(value) if self._texts and value is not None else value

    def _flag(self, value: bool | None) -> bool | str | None:
        return str(value).lower() if self._texts and value is not None else value

    def _extra(self, record: HashRecord, texts: dict[str, str]) -> list[str]:
        """Add the other members to ``texts``; the result is the other alternative hashes."""
        others: list[str] = []
        for name, text in sorted(record.extra.items()):
            value = text.strip().replace("\n", " ").replace("\r", " ")
            if not is_json(value):
                value = to_json(text)
            if name == "AlternativeHashes":
                inside = value[1:-1].strip()
                if value.startswith("[") and inside:
                    others.append(inside)
            elif self.in_case and name.casefold() in CASE_REFERENCES:
                continue  # the case that is written says it
            elif name.casefold() not in _OWN_MEMBERS and route(name).kept and value != "null":
                texts[name] = f"[{value}]" if value.startswith("{") else value
        return others


def member_writer(
    format: str, document: Document, *, region: str, schemes: Schemes | None, extra: bool
) -> MemberWriter:
    """See ``MemberWriter``.

    Raises:
        InputError: ``format`` is none that is written, or the region has a character that no
            region has.
    """
    if format not in FORMATS:
        raise InputError(f"format: expected one of {', '.join(FORMATS)}, got {format!r}")
    if not isinstance(region, str) or not _REGION(region):
        raise InputError(f"region: expected letters, digits, dashes, got {region!r}")
    tables = load_schemes() if schemes is None else schemes
    context = make_context(format, document, region)
    scheme = tables.classifier(format, context).default_id
    key = "@odata.context" if format == "vics-2.0" else "odata.metadata"
    return MemberWriter(
        format=format,
        opening=f'{{"{key}":{to_json(context)},"value":[',
        scheme=scheme,
        categories=next((s for s in tables if s.id == scheme), None),
        with_extra=extra,
        in_case=document == "case",
    )


def _hash_order(item: HashValue) -> tuple[str, bytes, int]:
    return item.algorithm, item.value, -1 if item.quality is None else item.quality


def _hash_text(item: HashValue) -> str:
    return base64.b64encode(item.value).decode() if item.algorithm == "photodna" else item.hex


def _alternative(item: HashValue) -> dict[str, Any]:
    element: dict[str, Any] = {
        "HashName": get_algorithm(item.algorithm).vics_name,
        "HashValue": _hash_text(item),
    }
    if item.quality is not None:
        element["Quality"] = item.quality
    return element


def _joined(items: tuple[str, ...]) -> str | list[str] | None:
    """Comma-separated as tools expect it; an array where an item has a comma itself."""
    if not items:
        return None
    return list(items) if any("," in item for item in items) else ",".join(items)
