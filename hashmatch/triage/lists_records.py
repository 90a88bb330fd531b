"""Files of an exhibit as entries of a hash list: one for each content, with all its places."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import groupby

import numpy as np

from hashmatch.exchange import sort_key, sorted_records
from hashmatch.exchange.json_text import to_json
from hashmatch.exchange.schemes import UNMAPPED
from hashmatch.ledger import Ledger
from hashmatch.report import MatchEntry, TriageClass
from hashmatch.report.text import unicode_text
from hashmatch.scan import CatalogueContent
from hashmatch.triage.classed import ClassedFile
from hashmatch.triage.lists_places import RootNames, sighting_of
from hashmatch.types import NOTHING, HashRecord, HashValue, Label, MediaKind, Opinion

SOURCES = "PrecategorizationSource"
"""Member that says whose opinion a category is."""
COMMENTS = "Comments"
FRAMES_LEFT_OUT = "hashes of a video's frames left out"

_RANKS = {triage: rank for rank, triage in enumerate(TriageClass, start=1)}
_RELIABLE = frozenset(("OK", "TRUNCATED"))
"""Contents whose perceptual hash says enough to be matched."""


@dataclass(slots=True)
class Records:
    """Makes entries of files. The files are read once for each call of ``of``.

    Attributes:
        classes: only files of these; None for all.
        tags: put on every entry.
        roots: what roots are called; None: entries say nothing of places, as lists that are
            passed on must not.
        frames: whether entries of videos have the hashes of their frames.
        n_files: files that the entries are of.
        counted: what could not become an entry, and what was left out of one.
    """

    classes: frozenset[TriageClass] | None = None
    tags: tuple[str, ...] = ()
    roots: RootNames | None = None
    frames: bool = False
    n_files: int = 0
    counted: Ledger = field(default_factory=Ledger)

    def of(self, files: Iterable[ClassedFile]) -> Iterator[HashRecord]:
        """Entries in the order of ``sort_key``, whatever the order of the files is.

        Files of one content may be of several classes (one to look at, and its copies): its entry
        is of the gravest.
        """
        groups = groupby(sorted_records(self._each(files)), key=sort_key)
        for number, (_, same) in enumerate(groups, start=1):
            yield _merged(list(same), number)

    def _each(self, files: Iterable[ClassedFile]) -> Iterator[HashRecord]:
        for file in files:
            if self.classes is not None and file.triage not in self.classes:
                continue
            content = file.item.content
            if content is None:
                self.counted.add_rejected(f"content not known: {file.item.status}")
            elif content.size == 0:
                self.counted.add_rejected("empty file")
            else:
                self.n_files += 1
                yield self._record(file, content)

    def _record(self, file: ClassedFile, content: CatalogueContent) -> HashRecord:
        has_frames = bool(content.frame_hashes)
        if has_frames and not self.frames:
            self.counted.reasons["done", FRAMES_LEFT_OUT] += 1
        said = _said_of(file)
        extra = {}
        if said is not None and said.opinions:
            extra[SOURCES] = to_json(_sources(said))
        if self.roots is not None:
            comment = _comment(file, said, self.roots)
            if comment:
                extra[COMMENTS] = to_json(comment)
        return HashRecord(
            record_key=f"sha256:{content.digests.sha256}",
            position=_RANKS[file.triage],
            digests=content.digests,
            opinion=_opinion(file, said, (f"triage:{file.triage.value}", *self.tags)),
            kind=MediaKind(content.kind),
            mime=content.mime,
            size=content.size,
            hashes=_frame_hashes(content) if has_frames and self.frames else _hashes(content),
            extra=extra or NOTHING,
            seen_at=() if self.roots is None else (sighting_of(file.item, self.roots),),
        )


def _merged(same: list[HashRecord], number: int) -> HashRecord:
    if len(same) == 1:
        return replace(same[0], position=number)
    gravest = min(same, key=lambda r: (r.position, sorted(r.extra.items()), repr(r.opinion)))
    places = tuple(place for one in same for place in one.seen_at)
    return replace(gravest, position=number, seen_at=places)


def _said_of(file: ClassedFile) -> MatchEntry | None:
    """The gravest match, where it is what puts the file into its class, or may be."""
    if file.verdict is None or not file.verdict.matches:
        return None
    return file.verdict.matches[0]


def _opinion(file: ClassedFile, said: MatchEntry | None, tags: tuple[str, ...]) -> Opinion:
    """A list's label for what is known, an examiner's for what is decided; else no category."""
    if said is not None and (file.triage.known or file.triage is TriageClass.IGNORABLE):
        label = Label(said.label) if said.label is not None else Label.UNCATEGORIZED
        own = next((o for o in said.opinions if o.label == label.value), None)
        return Opinion(
            scheme=UNMAPPED if own is None else own.scheme,
            raw_category=None if own is None else own.raw_category,
            label=label,
            baseline=said.baseline,
            # Of a near copy the entry is of other bytes: a person has not seen these yet.
            precategorized=said.kind == "digest",
            series=tuple(sorted({name for o in said.opinions for name in o.series})),
            tags=tags,
        )
    is_ignorable = file.triage is TriageClass.IGNORABLE
    unstated = Label.KNOWN_IGNORABLE if is_ignorable else Label.UNCATEGORIZED
    return Opinion(UNMAPPED, None, file.decided or unstated, tags=tags)


def _comment(file: ClassedFile, said: MatchEntry | None, roots: RootNames) -> str:
    parts: list[str] = []
    if said is not None and (file.triage.known or file.triage is TriageClass.POSSIBLE):
        parts.append(f"{said.status.value}: {said.how}")
        if said.reason:
            parts.append(said.reason)
        if said.conflict:
            parts.append("sources disagree")
    # Of what is known the match says it; why a file is decided names who decided it.
    if file.why and not file.triage.known and file.triage is not TriageClass.DECIDED:
        parts.insert(0, roots.within(file.why))
    return unicode_text("; ".join(parts))


def _sources(said: MatchEntry) -> str:
    names = sorted({opinion.source for opinion in said.opinions})
    # Readers take a backslash here for a path that an old writer put in by mistake.
    return unicode_text("; ".join(names)).replace("\\", "/")


def _hashes(content: CatalogueContent) -> tuple[HashValue, ...]:
    if content.pdq is None or content.status not in _RELIABLE:
        return ()
    return (HashValue("pdq", content.pdq, content.quality),)


def _frame_hashes(content: CatalogueContent) -> tuple[HashValue, ...]:
    hashes = content.frame_hashes or b""
    times = np.frombuffer(content.frame_times_ms or b"", "<i8").tolist()
    values = (hashes[at : at + 32] for at in range(0, len(hashes), 32))
    return tuple(
        HashValue("pdq", value, time_s=time / 1000)
        for value, time in zip(values, times, strict=True)
    )
