"""What is in a list, counted record by record: for an analyst before an import, and for a
conversion to see what its target did not take.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from operator import attrgetter
from typing import Any

from hashmatch.closing import Closing
from hashmatch.exchange.list_dates import DateKind, read_date
from hashmatch.exchange.tallies import KeyTally, NamedCounts
from hashmatch.types import Deletion, HashRecord, Label, MediaKind, Opinion, Reject

WhyNotMatchable = Callable[[str, bytes, int | None], str | None]
"""(algorithm, value, quality) to the reason why the database never matches it, or None."""

EXAMPLES = 3
"""Rejects of one reason that are kept as examples."""

_FLAGS = ("baseline", *Opinion.FLAGS)
_flags_of = attrgetter(*_FLAGS)
_MAX_CATEGORIES = 500
_MAX_SHAPES = 500
_SHORT = 64
"""Characters of a text that may be kept to count it; a hostile list has longer ones."""


def fields_of(record: HashRecord) -> Iterator[str]:
    """Names of what the record states, each once."""
    yield from dict(record.digests.items())
    opinion = record.opinion
    for name in (*_FLAGS, "submissions"):
        if getattr(opinion, name) is not None:
            yield name
    for name, value in (
        ("category", opinion.raw_category),
        ("series", opinion.series),
        ("tags", opinion.tags),
        ("updated", opinion.updated_raw),
        ("mime", record.mime),
        ("size", record.size),
    ):
        if value is not None and value != ():
            yield name
    if record.kind is not MediaKind.UNKNOWN:
        yield "kind"
    if record.seen_at:
        yield "places"
    for name in opinion.facts.to_dict() if opinion.facts else ():
        yield f"fact: {name}"
    for algorithm in sorted({item.algorithm for item in record.hashes}):
        yield f"hash: {algorithm}"
    for name in record.extra:
        yield f"other: {name}"


_read_date = lru_cache(maxsize=1024)(read_date)
"""Lists are written in runs: the same date text stands in thousands of records."""


@dataclass(slots=True)
class HashSurvey:
    """Perceptual hashes of one algorithm.

    Attributes:
        values: how many.
        with_quality: those that state a quality.
        with_time: those that belong to a frame or a moment of a video.
        low_information: those that are never matched, by reason.
    """

    values: int = 0
    with_quality: int = 0
    with_time: int = 0
    low_information: Counter[str] = field(default_factory=Counter)

    def to_dict(self) -> dict[str, Any]:
        return {
            "values": self.values,
            "with_quality": self.with_quality,
            "with_time": self.with_time,
            "low_information": dict(sorted(self.low_information.items())),
        }


@dataclass(slots=True)
class DateSurvey:
    """Date texts: the days between which they lie, and how many say how much."""

    first: date | None = None
    last: date | None = None
    kinds: Counter[str] = field(default_factory=Counter)

    def add(self, text: str) -> None:
        found = _read_date(text) if len(text) <= _SHORT else read_date(text)
        self.kinds[found.kind.value] += 1
        if found.day is not None:
            self.first = found.day if self.first is None else min(self.first, found.day)
            self.last = found.day if self.last is None else max(self.last, found.day)

    def to_dict(self) -> dict[str, Any]:
        return {
            "first": None if self.first is None else self.first.isoformat(),
            "last": None if self.last is None else self.last.isoformat(),
            **{kind.value.replace(" ", "_"): self.kinds[kind.value] for kind in DateKind},
        }


class RejectSurvey:
    """What a reader refused, by reason, with the first examples of each."""

    MAX_REASONS = 200

    def __init__(self) -> None:
        self.records = 0
        self.fields = 0
        self.reasons = NamedCounts()
        self.record_reasons = NamedCounts()
        self.examples: dict[str, list[Reject]] = {}

    def add(self, reject: Reject) -> None:
        if reject.whole_record:
            self.records += 1
            self.record_reasons.add(reject.reason)
        else:
            self.fields += 1
        self.reasons.add(reject.reason)
        if reject.reason not in self.examples and len(self.examples) >= self.MAX_REASONS:
            return
        kept = self.examples.setdefault(reject.reason, [])
        if len(kept) < EXAMPLES:
            kept.append(reject)

    def to_list(self) -> list[dict[str, Any]]:
        """JSON-ready, the most frequent reason first."""
        return [
            {
                "reason": reason,
                "count": count,
                "examples": [
                    {"position": r.position, "field": r.field, "raw": r.raw}
                    for r in self.examples.get(reason, ())
                ],
            }
            for reason, count in sorted(self.reasons.items(), key=lambda pair: (-pair[1], pair[0]))
        ]


class ListSurvey(Closing):
    """Counts the items of one list. A context manager: it may hold temporary files.

    Args:
        why_not_matchable: tells hashes of low information; None where nobody asks.
        repeats: whether repeated keys and media are counted.
    """

    def __init__(
        self, why_not_matchable: WhyNotMatchable | None = None, *, repeats: bool = True
    ) -> None:
        self._why_not = why_not_matchable
        self.records = 0
        self.deletions = 0
        self.deletion_reasons = NamedCounts()
        self.rejects = RejectSurvey()
        self._shapes: Counter[tuple[str, ...]] = Counter()
        self._odd_fields = NamedCounts()
        self.kinds: Counter[str] = Counter()
        self.mimes = NamedCounts()
        self.labels: Counter[Label] = Counter()
        self.categories: Counter[tuple[str, str | None, Label]] = Counter()
        self.more_categories = 0
        self._flags: Counter[tuple[bool | None, ...]] = Counter()
        self.hashes: dict[str, HashSurvey] = {}
        self.dates = DateSurvey()
        self._files = ExitStack()
        self._repeats = _Repeats(self._files) if repeats else None

    def add(self, item: HashRecord | Reject | Deletion) -> None:
        if isinstance(item, Reject):
            self.rejects.add(item)
        elif isinstance(item, Deletion):
            self.deletions += 1
            self.deletion_reasons.add(item.reason)
        else:
            self._add_record(item)

    def _add_record(self, record: HashRecord) -> None:
        self.records += 1
        # Most records of a list state the same fields: counting them together is much faster.
        shape = tuple(fields_of(record))
        if shape in self._shapes or (
            len(self._shapes) < _MAX_SHAPES and sum(map(len, shape)) <= 20 * _SHORT
        ):
            self._shapes[shape] += 1
        else:
            for name in shape:
                self._odd_fields.add(name)
        self.kinds[record.kind.value] += 1
        if record.mime is not None:
            self.mimes.add(record.mime)
        opinion = record.opinion
        self.labels[opinion.label] += 1
        category = (opinion.scheme, opinion.raw_category, opinion.label)
        if category in self.categories or (
            len(self.categories) < _MAX_CATEGORIES and len(category[1] or "") <= _SHORT
        ):
            self.categories[category] += 1
        else:
            self.more_categories += 1
        self._flags[_flags_of(opinion)] += 1
        if opinion.updated_raw is not None:
            self.dates.add(opinion.updated_raw)
        for item in record.hashes:
            counts = self.hashes.setdefault(item.algorithm, HashSurvey())
            counts.values += 1
            counts.with_quality += item.quality is not None
            counts.with_time += item.frame is not None or item.time_s is not None
            why = self._why_not and self._why_not(item.algorithm, item.value, item.quality)
            if why is not None:
                counts.low_information[why] += 1
        for reject in record.rejects:
            self.rejects.add(reject)
        if self._repeats is not None:
            self._repeats.add(record)

    def schemes(self) -> frozenset[str]:
        """Ids of the schemes that categories belong to."""
        return frozenset(scheme for scheme, _, _ in self.categories)

    def fields(self) -> NamedCounts:
        """How many records state a field; names as ``fields_of`` gives them."""
        counts = NamedCounts()
        for shape, count in self._shapes.items():
            for name in shape:
                counts.add(name, count)
        for name, count in self._odd_fields.items():
            counts.add(name, count)
        return counts

    def flags(self) -> dict[str, Counter[bool]]:
        """Of each flag and of Baseline, how many records say yes and how many no."""
        counts = {name: Counter[bool]() for name in _FLAGS}
        for combination, count in self._flags.items():
            for name, value in zip(_FLAGS, combination, strict=True):
                if value is not None:
                    counts[name][value] += count
        return counts

    def repeats(self) -> dict[str, int]:
        """Records whose key, whose digests came before; MD5 values that stand for two files."""
        return {} if self._repeats is None else self._repeats.to_dict()

    def close(self) -> None:
        """Remove the temporary files."""
        self._files.close()


class _Repeats:
    def __init__(self, files: ExitStack) -> None:
        self.keys, self.media, self.md5, self.pairs = (
            files.enter_context(KeyTally()) for _ in range(4)
        )

    def add(self, record: HashRecord) -> None:
        digests = record.digests
        self.keys.add(record.record_key)
        if digests:
            self.media.add((digests.md5, digests.sha1, digests.sha256))
        if digests.md5 is not None and digests.sha1 is not None:
            self.md5.add(digests.md5)
            self.pairs.add((digests.md5, digests.sha1))

    def to_dict(self) -> dict[str, int]:
        return {
            "record_keys": self.keys.added - self.keys.distinct(),
            "digests": self.media.added - self.media.distinct(),
            "md5_with_another_sha1": self.pairs.distinct() - self.md5.distinct(),
        }
