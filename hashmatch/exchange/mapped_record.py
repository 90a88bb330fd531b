"""One row or object of a mapped list to a record, by the rules of the mapping."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from hashmatch.exchange.base import ReadOptions
from hashmatch.exchange.fields import FieldReader
from hashmatch.exchange.hash_text import Hashes, read_hash_text
from hashmatch.exchange.json_feed import texts
from hashmatch.exchange.labels import LabelRules, worse
from hashmatch.exchange.mapping import (
    FACTS,
    FLAGS,
    OUR_WORDS,
    TEXT_LISTS,
    HashRule,
    ListMapping,
    Place,
)
from hashmatch.exchange.mapping_places import Get, getter
from hashmatch.exchange.schemes import NO_MEANING, Classifier, Scheme
from hashmatch.facts import Facts
from hashmatch.types import (
    DIGEST_BYTES,
    Digests,
    HashRecord,
    HashValue,
    Label,
    MediaKind,
    Opinion,
    Reject,
)

_DATE = "updated.iso"


def classifier_of(mapping: ListMapping, options: ReadOptions, format: str) -> Classifier:
    """The scheme that the caller forced, else the mapping's own, else the one that it names.

    Raises:
        InputError: the mapping names a scheme that is not there.
    """
    if options.scheme is None and mapping.codes is not None and mapping.scheme is not None:
        rules = options.schemes.labels
        codes = {c: label or rules.label(facts) for c, (label, facts) in mapping.codes.items()}
        facts = {code: facts for code, (_, facts) in mapping.codes.items() if facts}
        scheme = Scheme(mapping.scheme, mapping.title, codes, None, None, None, True, facts)
        return Classifier((scheme,))
    forced = options.scheme or mapping.scheme
    return options.schemes.classifier(format, mapping.title, forced)


class MappedRecords:
    """Makes records.

    Args:
        mapping: the rules.
        classifier: of the list's codes.
        labels: what facts are called.
        warnings: counts what was tolerated.
    """

    def __init__(
        self,
        mapping: ListMapping,
        classifier: Classifier,
        labels: LabelRules,
        warnings: Counter[str],
    ) -> None:
        self._mapping = mapping
        self._classifier = classifier
        self._labels = labels
        self._facts = [name for name in FACTS if name in {*mapping.fields, *mapping.constants}]
        self._warnings = warnings
        named = (*FLAGS, *TEXT_LISTS)
        self._stated = {n: value for n, value in mapping.constants.items() if n in named}
        self._flags = [name for name in FLAGS if name in mapping.fields]
        self._lists = [name for name in TEXT_LISTS if name in mapping.fields]

    def record(self, number: int, get: Get, extra: dict[str, str], raw: str) -> HashRecord | Reject:
        """The record, or why there is none."""
        fields = FieldReader(number)
        digests, hashes = self._hashes(fields, get)
        if not digests and not hashes:
            refused = fields.refuse_record("no usable hash")
            return Reject(number, None, refused.reason, refused.raw or raw, True)
        key = ":".join(filter(None, (_text(get(place)) for place in self._mapping.key)))
        if not key:
            known = digests.items()
            key = ":".join(known[-1]) if known else f"{hashes[0].algorithm}:{hashes[0].hex}"
        opinion = self._opinion(fields, get, extra)
        return HashRecord(
            record_key=key,
            position=number,
            digests=digests,
            opinion=opinion,
            kind=MediaKind(self._word("kind", fields, get) or MediaKind.UNKNOWN),
            mime=self._field("mime", get, fields.text),
            size=self._field("size", get, fields.whole_number),
            hashes=hashes,
            extra=extra,
            rejects=tuple(fields.rejects),
        )

    def _hashes(self, fields: FieldReader, get: Get) -> tuple[Digests, tuple[HashValue, ...]]:
        digests: dict[str, str] = {}
        hashes: list[HashValue] = []
        for rule in self._mapping.hashes:
            if rule.each is None:
                self._hash(fields, rule, get, digests, hashes)
                continue
            for at in _elements(rule.each, get):
                self._hash(fields, rule, at, digests, hashes)
        return Digests(**digests), tuple(hashes)

    def _hash(
        self,
        fields: FieldReader,
        rule: HashRule,
        get: Get,
        digests: dict[str, str],
        hashes: list[HashValue],
    ) -> None:
        name = rule.name
        text = fields.text(name, get(rule.value))
        if text is None or not text.strip():
            return
        kind = rule.type
        if rule.type_from is not None:
            word = _text(get(rule.type_from))
            kind = rule.types.get(word.lower())
            if kind is None:
                fields.refuse(".".join(rule.type_from), "hash type without a row in types", word)
                return
        if kind in DIGEST_BYTES:
            found, values = read_hash_text(fields, name, text, kind, encoding=rule.encoding)
        else:
            found, values = self._perceptual(fields, rule, get, text, kind)
        hashes.extend(value for value in values if value not in hashes)
        for algorithm, value in found.items():
            if digests.setdefault(algorithm, value) != value:
                fields.refuse(name, f"second {algorithm} of another value", text)

    def _perceptual(
        self, fields: FieldReader, rule: HashRule, get: Get, text: str, kind: str | None
    ) -> Hashes:
        quality = _number(fields, rule.quality, get)
        if quality is not None and quality > 100:
            fields.refuse(".".join(rule.quality or ()), "quality over 100", quality)
            quality = None
        return read_hash_text(
            fields,
            rule.name,
            text,
            kind,
            encoding=rule.encoding,
            quality=quality,
            frame=_number(fields, rule.frame, get),
            time_s=_seconds(fields, rule.time, get),
        )

    def _opinion(self, fields: FieldReader, get: Get, extra: dict[str, str]) -> Opinion:
        code = self._field("category", get, fields.text)
        verdict = self._classifier.classify(code)
        if not verdict.known:
            self._warnings[NO_MEANING] += 1
        stated: dict[str, Any] = dict(self._stated)
        for name in self._flags:
            stated[name] = self._flag(name, fields, get)
        for name in self._lists:
            stated[name] = self._parts(name, get)
        label, facts = verdict.label, verdict.facts
        said = {name: self._word(name, fields, get) for name in self._facts}
        if any(said.values()):
            facts = Facts.parse(facts.to_dict() | {n: word for n, word in said.items() if word})
            # A column says what is depicted, and the category what follows from it, or more.
            found = self._labels.label(facts)
            if code is None:
                label = found
            elif found is not Label.UNCATEGORIZED:
                label = worse(label, found)
        return Opinion(
            scheme=verdict.scheme,
            raw_category=code,
            label=label,
            facts=facts,
            submissions=self._field("submissions", get, fields.whole_number),
            updated_raw=self._updated(fields, get, extra),
            **stated,
        )

    def _field(self, name: str, get: Get, read: Callable[[str, Any], Any]) -> Any:
        """The field as the list has it, else the constant."""
        rule = self._mapping.fields.get(name)
        value = None if rule is None else read(".".join(rule.place), get(rule.place))
        return self._mapping.constants.get(name) if value is None else value

    def _flag(self, name: str, fields: FieldReader, get: Get) -> bool | None:
        rule = self._mapping.fields[name]
        if rule.values:
            word = _text(get(rule.place)).lower()
            if word in rule.values:
                return bool(rule.values[word])
        found: bool | None = self._field(name, get, fields.flag)
        return found

    def _parts(self, name: str, get: Get) -> tuple[str, ...]:
        rule = self._mapping.fields[name]
        always: tuple[str, ...] = self._mapping.constants.get(name, ())
        found = [
            part.strip()
            for text in texts(get(rule.place))
            for part in (text.split(rule.separator) if rule.separator else (text,))
        ]
        return tuple(dict.fromkeys(part for part in (*found, *always) if part))

    def _word(self, name: str, fields: FieldReader, get: Get) -> StrEnum | None:
        """One of our words for the kind of media or for a fact; None where nothing is stated."""
        rule = self._mapping.fields.get(name)
        constant: StrEnum | None = self._mapping.constants.get(name)
        word = "" if rule is None else _text(get(rule.place)).lower()
        if rule is None or not word:
            return constant
        ours = OUR_WORDS[name]
        found: StrEnum | None = rule.values.get(word)
        if found is None:
            # "image/jpeg" is an image.
            found = ours.get(word.partition("/")[0] if name == "kind" else word)
        if found is None:
            reason = "kind of media" if name == "kind" else f"{name} word"
            fields.refuse(".".join(rule.place), reason, word)
            return constant
        return found

    def _updated(self, fields: FieldReader, get: Get, extra: dict[str, str]) -> str | None:
        text: str | None = self._field("updated", get, fields.text)
        rule = self._mapping.fields.get("updated")
        if text is not None and rule is not None and rule.format is not None:
            try:
                extra[_DATE] = datetime.strptime(text.strip(), rule.format).isoformat()
            except ValueError:
                # A record is never refused for a date.
                self._warnings["date is not of the declared format"] += 1
        return text


def _elements(each: Place, get: Get) -> Iterator[Get]:
    value = get(each)
    for element in value if isinstance(value, list) else [value]:
        if element is not None:
            yield getter(element)


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value.strip()
    return str(value) if isinstance(value, (int, Decimal)) and not isinstance(value, bool) else ""


def _number(fields: FieldReader, place: Place | None, get: Get) -> int | None:
    return None if place is None else fields.whole_number(".".join(place), get(place))


def _seconds(fields: FieldReader, place: Place | None, get: Get) -> float | None:
    text = "" if place is None else _text(get(place))
    if not text:
        return None
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds < 1e9:
        fields.refuse(".".join(place or ()), "time in seconds", text)
        return None
    return seconds
