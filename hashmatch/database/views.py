"""What the database says of one medium, as a reader sees it; consolidated when asked, not stored.

Consolidation: the label is the most severe of the active opinions. Opinions are ordered by
severity, then source, record key and content, so nothing depends on the order of imports.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from hashmatch.types import NOTHING, Digests, HashValue, Label, MediaKind, Opinion

BENIGN = frozenset((Label.NON_PERTINENT, Label.KNOWN_IGNORABLE))
"""Labels that contradict a Baseline of yes."""
ILLEGAL = frozenset((Label.CSAM, Label.EXPLOITIVE, Label.CGI))
"""Labels that no known software file can have; ``uncategorized`` and ``comparison`` say neither."""


@dataclass(frozen=True, slots=True)
class StoredOpinion:
    """One active statement.

    Attributes:
        source: name of who says it.
        record_key: the source's own key of the entry.
        opinion: what is said.
        kind, mime, size: of the medium, as this record states them.
        digests: as this record states them.
        extra: fields without a place of their own, kept for the round trip.
        file_name: of the list that first made the statement; None where it was no file.
        snapshot_id: the import that first brought it.
        last_snapshot_id: the latest import that confirmed it.
        first_revision: the database revision that it came with.
        imported_at: when, UTC.
        content: digest of all that the record states, hex.
    """

    source: str
    record_key: str
    opinion: Opinion
    kind: MediaKind
    mime: str | None
    size: int | None
    digests: Digests
    extra: Mapping[str, str]
    file_name: str | None
    snapshot_id: int
    last_snapshot_id: int
    first_revision: int
    imported_at: datetime
    content: str

    @property
    def order(self) -> tuple[int, str, str, str]:
        """Most severe first, then a fixed order."""
        return (-self.opinion.label.severity, self.source, self.record_key, self.content)


@dataclass(frozen=True, slots=True)
class MediaView:
    """One distinct file and everything that is said about it.

    Attributes:
        media_id: stable; another one only after the media was merged into an older one.
        digests: the union of what the active statements state; they do not contradict.
        opinions: the active ones, most severe first.
        exact_key: identity of a media without digests, hex; else None.
    """

    media_id: int
    digests: Digests
    opinions: tuple[StoredOpinion, ...]
    exact_key: str | None = field(default=None)

    @property
    def label(self) -> Label | None:
        """The most severe label; None where there is no opinion."""
        return self.opinions[0].opinion.label if self.opinions else None

    @property
    def baseline(self) -> bool | None:
        """True if any opinion says so, else False if any says no, else None."""
        stated = {stored.opinion.baseline for stored in self.opinions}
        return True if True in stated else False if False in stated else None

    @property
    def conflict(self) -> bool:
        """Whether opinions of *different* sources disagree.

        They do if one source gives a label and another one a different label, both other than
        ``uncategorized``, or if one says Baseline yes and another one has a benign label.
        ``statistics`` counts by the same rule in SQL.
        """
        labelled = [s for s in self.opinions if s.opinion.label is not Label.UNCATEGORIZED]
        if len({s.source for s in labelled}) > 1 and len({s.opinion.label for s in labelled}) > 1:
            return True
        grave = {s.source for s in self.opinions if s.opinion.baseline is True}
        benign = {s.source for s in self.opinions if s.opinion.label in BENIGN}
        return bool(grave) and bool(benign) and len(grave | benign) > 1

    @property
    def sources(self) -> tuple[str, ...]:
        """Names of the sources that have an opinion, sorted."""
        return tuple(sorted({stored.source for stored in self.opinions}))

    @property
    def kind(self) -> MediaKind:
        """As the first opinion that knows it states it."""
        known = (s.kind for s in self.opinions if s.kind is not MediaKind.UNKNOWN)
        return next(known, MediaKind.UNKNOWN)

    @property
    def mime(self) -> str | None:
        """As the first opinion that knows it states it."""
        return next((s.mime for s in self.opinions if s.mime is not None), None)

    @property
    def size(self) -> int | None:
        """Bytes, as the first opinion that knows it states it."""
        return next((s.size for s in self.opinions if s.size is not None), None)


@dataclass(frozen=True, slots=True)
class HashHit:
    """What an id of a search result stands for.

    Attributes:
        hash: the stored hash.
        media: the media that it belongs to, with all opinions.
        source: who asserts the hash.
    """

    hash: HashValue
    media: MediaView
    source: str


def merge_extra(opinions: Iterable[StoredOpinion]) -> Mapping[str, str]:
    """Extra fields of all opinions; of one name, the first (most severe) opinion's."""
    merged: dict[str, str] = {}
    for stored in opinions:
        for name, text in stored.extra.items():
            merged.setdefault(name, text)
    return merged or NOTHING
