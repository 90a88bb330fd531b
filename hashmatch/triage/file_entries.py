"""Items of a catalogue as a report tells them."""

from __future__ import annotations

from hashmatch.report import FileEntry, TriageClass
from hashmatch.scan import CatalogueItem
from hashmatch.types import Label, MediaKind


def file_entry(item: CatalogueItem, triage: TriageClass, decided: Label | None) -> FileEntry:
    """One item, of a class, with the label that an examiner gave it."""
    decision = None if decided is None else decided.value
    content = item.content
    if content is None:
        return FileEntry(item.name, triage, size=item.size, decision=decision)
    return FileEntry(
        path=item.name,
        triage=triage,
        size=content.size,
        digests=content.digests,
        kind=MediaKind(content.kind),
        mime=content.mime,
        width=content.width,
        height=content.height,
        duration_ms=content.duration_ms,
        decision=decision,
    )
