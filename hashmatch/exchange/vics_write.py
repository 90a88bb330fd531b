"""Writer of VICS 2.0 hash sets, in the profile that the strictest public reader needs.

The root holds the context, then ``value``, and nothing else. One record a line. ``Category`` is an
integer and always there. No member is null. Directly in a record stand values and arrays, never
objects. Digests in upper case, PhotoDNA in base64, ``HashName`` before ``HashValue``. UTF-8
without a byte order mark. Source: how sepinf-inc/IPED reads such files.

VICS has no place for INTERPOL's Baseline, which travels as a tag, nor for ICSE's number of
submissions and "file available", which are not written.
"""

from __future__ import annotations

import base64
import re
from os import PathLike
from types import TracebackType
from typing import Any, Self

from hashmatch.algorithms import get_algorithm
from hashmatch.errors import InputError
from hashmatch.exchange.atomic import AtomicFile
from hashmatch.exchange.json_text import is_json, to_json
from hashmatch.exchange.schemes import Scheme, Schemes, load_schemes, normal_code
from hashmatch.exchange.vics_context import make_context
from hashmatch.exchange.vics_keys import KEPT, route
from hashmatch.exchange.vics_order import SortKey, sort_key
from hashmatch.exchange.vics_record import BASELINE_TAGS, FLAGS
from hashmatch.ledger import Ledger
from hashmatch.types import HashRecord, HashValue, Label, MediaKind

FORMAT = "vics-2.0"
_REGION = re.compile(r"[A-Za-z0-9_-]{1,32}").fullmatch
_INTEGER = re.compile(r"-?[0-9]{1,9}").fullmatch
_OWN_MEMBERS = frozenset(name.casefold() for name in (*KEPT, "MediaID"))
_KIND_WORDS = {MediaKind.IMAGE: "image", MediaKind.VIDEO: "video", MediaKind.OTHER: "other"}
_BASELINE_WORDS = {answer: word for word, answer in BASELINE_TAGS.items()}
# Known software media has no code of its own in any scheme; "not relevant" is what it is.
_NEAREST = {Label.KNOWN_IGNORABLE: Label.NON_PERTINENT}


class VicsWriter:
    """Writes records that come in the order of ``sort_key``; see the module for the profile.

    Args:
        path: where the file appears, mode 0600, when the ``with`` block ends without an error.
        region: the context's region; it decides which category scheme a reader applies.
        schemes: tables that replace the built-in ones.
        overwrite: whether an existing file may be replaced.
        extra: whether members of ``HashRecord.extra`` are written.

    Raises:
        InputError: the region has a character that no region has.
        ExchangeError: the file exists or can't be written.

    A record that VICS can't carry (no MD5 and no SHA-1; a label without a code in the region's
    scheme) is counted in ``ledger`` as rejected, with the reason.
    """

    def __init__(
        self,
        path: str | PathLike[str],
        *,
        region: str = "Default",
        schemes: Schemes | None = None,
        overwrite: bool = False,
        extra: bool = True,
    ) -> None:
        if not isinstance(region, str) or not _REGION(region):
            raise InputError(f"region: expected letters, digits, dashes, got {region!r}")
        tables = load_schemes() if schemes is None else schemes
        context = make_context(region)
        self._scheme = tables.classifier(FORMAT, context).default_id
        self._codes = _codes(next((s for s in tables if s.id == self._scheme), None))
        self._with_extra = extra
        self.ledger = Ledger()
        self._last: SortKey | None = None
        self._same_key: list[str] = []
        self._written = 0
        self._file = AtomicFile(path, overwrite=overwrite)
        self._file.write(f'{{"@odata.context":{to_json(context)},"value":['.encode())

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
        if record.digests.md5 is None and record.digests.sha1 is None:
            self.ledger.add_rejected("no MD5 or SHA-1")
            return
        category = self._category(record)
        if category is None:
            self.ledger.add_rejected(f"no code for {record.opinion.label} in {self._scheme}")
            return
        self._same_key.append(self._members(record, category))
        self.ledger.add_done()

    def _flush(self) -> None:
        """Write the records of one key, in the order of their text: input order must not show."""
        for members in sorted(self._same_key):
            self._written += 1
            line = f'{"," if self._written > 1 else ""}\n{{"MediaID":{self._written},{members}}}'
            # A lone surrogate has no UTF-8 form, and some readers refuse the whole file for one.
            self._file.write(line.encode("utf-8", "replace"))
        self._same_key.clear()

    def _category(self, record: HashRecord) -> int | None:
        opinion = record.opinion
        raw = opinion.raw_category
        if opinion.scheme == self._scheme and raw is not None:
            code = normal_code(raw)
            if _INTEGER(code):
                return int(code)
        return self._codes.get(opinion.label, self._codes.get(_NEAREST.get(opinion.label)))

    def _members(self, record: HashRecord, category: int) -> str:
        digests, opinion = record.digests, record.opinion
        alternatives: list[dict[str, Any]] = []
        members: dict[str, Any] = {
            "Category": category,
            "MD5": digests.md5 and digests.md5.upper(),
            "SHA1": digests.sha1 and digests.sha1.upper(),
        }
        if digests.sha256 is not None:
            alternatives.append({"HashName": "SHA256", "HashValue": digests.sha256.upper()})
        for item in sorted(record.hashes, key=_hash_order):
            if item.algorithm == "photodna" and "PhotoDNA" not in members:
                members["PhotoDNA"] = _hash_text(item)
            else:
                alternatives.append(_alternative(item))
        members["MediaSize"] = record.size
        members["MimeType"] = record.mime or _KIND_WORDS.get(record.kind)
        for member, flag in FLAGS:
            members[member] = getattr(opinion, flag)
        baseline = () if opinion.baseline is None else (_BASELINE_WORDS[opinion.baseline],)
        members["Series"] = _joined(opinion.series)
        members["Tags"] = _joined((*opinion.tags, *baseline))
        members["DateUpdated"] = opinion.updated_raw
        texts = {name: to_json(value) for name, value in members.items() if value is not None}
        others = self._extra(record, texts) if self._with_extra else []
        if alternatives or others:
            texts["AlternativeHashes"] = f"[{','.join([*map(to_json, alternatives), *others])}]"
        return ",".join(f"{to_json(name)}:{text}" for name, text in texts.items())

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
            elif name.casefold() not in _OWN_MEMBERS and route(name).kept and value != "null":
                texts[name] = f"[{value}]" if value.startswith("{") else value
        return others

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
            self._flush()
            self._file.write(b"\n]}\n")
        except BaseException:
            self._file.discard()
            raise
        self._file.commit()


def _codes(scheme: Scheme | None) -> dict[Label | None, int]:
    """Label to the smallest code that means it."""
    codes: dict[Label | None, int] = {}
    for code in sorted(int(c) for c in (scheme.codes if scheme else ()) if _INTEGER(c)):
        codes.setdefault(scheme.codes[str(code)] if scheme else None, code)
    return codes


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
