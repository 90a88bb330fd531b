"""Reads vPDQ features: one file is one video, a record with a PDQ hash for every frame.

Three layouts: text, ``frame,quality,hash,timestamp`` a line (the C++ tools); a JSON array of texts
``hash,quality,timestamp`` (the Python package, whose three significant digits turn 123.456 s into
1.23e+02); a JSON object by frame number (its earlier versions). Source: facebook/ThreatExchange,
vpdq/cpp and python-threatexchange.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from typing import Any

from hashmatch.errors import ExchangeError
from hashmatch.exchange.base import ListInfo, ReadOptions
from hashmatch.exchange.fields import MAX_RAW, FieldReader
from hashmatch.exchange.icse_rows import read_lines
from hashmatch.exchange.json_items import JsonItems
from hashmatch.exchange.last_line import KnowsLast
from hashmatch.exchange.one_pass import Item, OnePassReader
from hashmatch.exchange.source import Source, shown
from hashmatch.exchange.vpdq_frames import MAX_FEATURES, read_feature
from hashmatch.types import Digests, HashRecord, HashValue, MediaKind, Opinion, Reject

TEXT = "vpdq-text"
JSON = "vpdq-json"
_LAYOUTS = {TEXT: "frame,quality,hash,timestamp", JSON: "vPDQ features as JSON"}
_BOM = b"\xef\xbb\xbf"
# The tools write three decimals. Without a fraction it could be a row of any table, of SHA-256.
_TEXT_LINE = re.compile(rb"\s*[0-9]{1,10},[0-9]{1,3},[0-9a-fA-F]{64},[0-9]+\.[0-9]+").match
_FLAT = re.compile(rb'\s*\[\s*"[0-9a-fA-F]{64},[0-9]{1,3},[0-9.eE+-]+"').match
_BY_FRAME = re.compile(
    rb'\s*\{\s*"[0-9]{1,10}"\s*:\s*\{[^{}]{0,200}"(?:hash|quality|timestamp)"\s*:'
).match


def looks_like_vpdq(head: bytes) -> bool:
    """Whether the first feature is in one of the three layouts."""
    return _layout(head) is not None


def _layout(head: bytes) -> str | None:
    text = head.removeprefix(_BOM)
    if _TEXT_LINE(text):
        return TEXT
    return JSON if _FLAT(text) or _BY_FRAME(text) else None


class VpdqReader(OnePassReader):
    """Reader of the features of one video, see ``hashmatch.exchange.base.Reader``.

    ``record_key`` is "vpdq:" and 32 hex digits that stand for the hashes in their order. A feature
    that is refused is a refused field of the record; positions are lines or feature numbers.

    Raises:
        ExchangeError: another layout; while iterating, over ``MAX_FEATURES`` features.
    """

    def __init__(self, source: Source, options: ReadOptions) -> None:
        head = source.head()
        layout = _layout(head)
        if layout is None:
            start = head.removeprefix(_BOM).lstrip()[:1]
            layout = JSON if start in (b"[", b"{") else TEXT
        if options.format in (TEXT, JSON) and options.format != layout:
            raise ExchangeError(f"{source.path}: expected {options.format}, got {shown(head)}")
        context = _LAYOUTS[layout]
        classifier = options.schemes.classifier(layout, context, options.scheme)
        info = ListInfo(layout, "hash-set", context, classifier.default_id)
        super().__init__(source, options, info)
        self._verdict = classifier.classify(None)

    def _items(self) -> Iterator[Item]:
        is_text = self.info.format == TEXT
        hashes: list[HashValue] = []
        rejects: list[Reject] = []
        features = _text_features if is_text else _json_features
        for found, refused in features(self._source, self.warnings):
            if found is not None:
                hashes.append(found)
            rejects += refused
            if len(hashes) + len(rejects) > MAX_FEATURES:
                raise ExchangeError(
                    f"{self._source.path}: expected up to {MAX_FEATURES} features, got more"
                )
        if not hashes:
            raw = "; ".join(f"{r.raw} ({r.reason})" for r in rejects[:4])
            yield Reject(1, None, "no usable hash", raw[:MAX_RAW], True)
            return
        yield HashRecord(
            record_key=f"vpdq:{_identity(hashes)}",
            position=1,
            digests=Digests(),
            opinion=Opinion(self._verdict.scheme, None, self._verdict.label),
            kind=MediaKind.VIDEO,
            hashes=tuple(hashes),
            rejects=tuple(rejects),
        )


Feature = tuple[HashValue | None, list[Reject]]


def _text_features(source: Source, warnings: Any) -> Iterator[Feature]:
    lines = KnowsLast(read_lines(source, warnings), source)
    expected = 0
    for line in lines:
        fields = FieldReader(line.number)
        cells = (line.text or "").split(",")
        # The beginning of a time is another time.
        decimals = len(cells[-1].partition(".")[2])
        is_whole = len(cells) >= 4 and cells[3] != "" and decimals >= expected
        lines.require(is_whole, line.number, line.text)
        expected = decimals
        if line.text is None or len(cells) < 4:
            reason = "line too long" if line.text is None else "fewer than four cells"
            yield None, [Reject(line.number, None, reason, (line.text or "")[:MAX_RAW], False)]
            continue
        # The tools' own reader takes four cells and looks at no further ones.
        if len(cells) > 4:
            warnings["more cells than a feature has"] += 1
        frame, quality, value, time = cells[:4]
        found = read_feature(fields, value=value, quality=quality, time=time, frame=frame)
        yield found, fields.rejects


def _json_features(source: Source, warnings: Any) -> Iterator[Feature]:
    items = JsonItems(source, arrays=((),), maps=((),))
    for item in items:
        fields = FieldReader(item.number)
        value = item.value
        if item.name is not None and isinstance(value, dict):
            found = read_feature(
                fields,
                value=value.get("hash"),
                quality=value.get("quality"),
                time=value.get("timestamp"),
                frame=item.name,
            )
            yield found, fields.rejects
        elif item.name is None and isinstance(value, str) and value.count(",") == 2:
            text, quality, time = value.split(",")
            yield read_feature(fields, value=text, quality=quality, time=time), fields.rejects
        else:
            raw = item.refusal or repr(value)
            yield None, [Reject(item.number, None, "no feature", raw[:MAX_RAW], False)]


def _identity(hashes: Iterable[HashValue]) -> str:
    digest = hashlib.sha256()
    for item in hashes:
        digest.update(item.value)
    return digest.hexdigest()[:32]
