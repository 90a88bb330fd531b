"""Which media nobody in question had said anything about at an earlier revision."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping

from hashmatch.database.past import PastView
from hashmatch.database.reading import SnapshotView
from hashmatch.database.views import MediaView
from hashmatch.errors import InputError


class NewSince:
    """Tells media that are new since a revision from those that were known at it.

    A media was known if one of its statements was active then, whichever media that belonged to;
    or if one then shared a digest with it (without digests: its set of hashes), contradicted none,
    and is no other media of its own now: what a source said, withdrew and said again is not new.

    Args:
        view: the revision that is asked.
        since: the earlier revision.
        sources: those whose opinions count; None: all.

    Raises:
        InputError: ``since`` is later than the view's revision, or the database can't answer it.
    """

    def __init__(self, view: SnapshotView, since: int, sources: Collection[str] | None) -> None:
        self._now = view
        self._then = PastView(view.connection, since, name="only_new_since")
        self._sources = sources
        if since > view.revision:
            raise InputError(
                f"only_new_since: expected at most the exported revision, which is "
                f"{view.revision}, got {since}"
            )

    def of(self, media: Mapping[int, MediaView]) -> set[int]:
        """The ids of those that are new."""
        new = {media_id for media_id, found in media.items() if not self._stated_then(found)}
        if not new:
            return new
        candidates = self._candidates({media_id: media[media_id] for media_id in new})
        ids = {other for found in candidates.values() for other in found}
        then, now = self._then.media(ids), self._now.media(ids)
        for media_id, found in candidates.items():
            if any(
                (other == media_id or not (other in now and now[other].opinions))
                and not then[other].digests.contradicts(media[media_id].digests)
                and self._has_opinion(then[other])
                for other in found
            ):
                new.discard(media_id)
        return new

    def _stated_then(self, media: MediaView) -> bool:
        since = self._then.revision
        return any(s.first_revision <= since and self._counts(s.source) for s in media.opinions)

    def _has_opinion(self, media: MediaView) -> bool:
        return any(self._counts(stored.source) for stored in media.opinions)

    def _counts(self, source: str) -> bool:
        return self._sources is None or source in self._sources

    def _candidates(self, media: Mapping[int, MediaView]) -> dict[int, set[int]]:
        """Media of then that share a digest with each of these, or the key of their hashes."""
        owners: dict[str, dict[bytes, list[int]]] = defaultdict(lambda: defaultdict(list))
        for media_id, found in media.items():
            pairs = found.digests.items()
            if found.exact_key is not None:
                pairs = [("exact_key", found.exact_key)]
            for name, text in pairs:
                owners[name][bytes.fromhex(text)].append(media_id)
        candidates: dict[int, set[int]] = defaultdict(set)
        for name, by_value in owners.items():
            for value, other in self._then.holders(name, by_value):
                for media_id in by_value[value]:
                    candidates[media_id].add(other)
        return candidates
