"""Random histories: few digests, keys and hashes, so that media merge and separate."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from database.samples import digest, digests, pdq, photodna, record
from hypothesis import strategies as st

from hashmatch.database import Database, ExportFilter, SnapshotView
from hashmatch.database.exporting import consolidated_records
from hashmatch.types import Digests, HashRecord, Label, Sighting

SOURCES = ("hotline", "police", "INTERPOL ICSE")
NUMBERS = st.one_of(st.none(), st.integers(1, 3))
HASHES = st.lists(
    st.sampled_from([pdq(1), pdq(2, 10), pdq(3, None), photodna(1)]), max_size=2, unique=True
)
Act = Callable[[Database], object]


@st.composite
def records(draw: st.DrawFn) -> HashRecord:
    """One record: any digests of few, or none and hashes."""
    numbers = {name: draw(NUMBERS) for name in ("md5", "sha1", "sha256")}
    hashes = tuple(draw(HASHES))
    if not hashes and not any(numbers.values()):
        hashes = (pdq(4),)
    places = draw(st.lists(st.sampled_from("ab"), max_size=1))
    return record(
        draw(st.sampled_from("uvwxyz")),
        of=digests(**numbers),
        label=draw(st.sampled_from([Label.CSAM, Label.CGI, Label.NON_PERTINENT])),
        hashes=hashes,
        opinion={"baseline": draw(st.sampled_from([None, True, False]))},
        seen_at=tuple(Sighting(case=place, file_name="x.jpg") for place in places),
    )


@st.composite
def acts(draw: st.DrawFn) -> Act:
    """An import, a complete list or a withdrawal."""
    source = draw(st.sampled_from(SOURCES))
    kind = draw(st.sampled_from(["import", "import", "complete", "withdraw"]))
    if kind == "withdraw":
        key = draw(st.sampled_from("uvwxyz"))
        return lambda db: _withdraw(db, source, key)
    listed = draw(st.lists(records(), min_size=0 if kind == "complete" else 1, max_size=4))
    return lambda db: db.import_records(listed, source=source, complete=kind == "complete")


def _withdraw(db: Database, source: str, key: str) -> None:
    if source in db.stats().by_source:
        db.withdraw(source=source, record_key=key)


HISTORIES = st.lists(acts(), min_size=1, max_size=9)


def everything(view: SnapshotView) -> dict[str, Any]:
    """All that a view answers, as plain values; but which import confirmed a statement last."""
    ids = range(1, 60)
    by_digest = {}
    for name in ("md5", "sha1", "sha256"):
        for number in (1, 2, 3):
            found = view.media_by_digests(Digests(**{name: digest(name, number)}))
            by_digest[name, number] = [_plain(media) for media in found]
    return {
        "revision": view.revision,
        "live": [media_id for block in view.live_media(block=2) for media_id in block],
        "media": {media_id: _plain(media) for media_id, media in view.media(ids).items()},
        "hashes": {key: sorted(map(repr, found)) for key, found in view.hashes_of(ids).items()},
        "by_digest": by_digest,
        "by_hash": {
            hash_id: (hit.hash, hit.source, _plain(hit.media))
            for hash_id, hit in view.media_by_hash_ids(ids).items()
        },
        "export": [repr(found) for found in consolidated_records(view, ExportFilter())],
    }


def _plain(media: Any) -> str:
    opinions = tuple(replace(stored, last_snapshot_id=0) for stored in media.opinions)
    return repr(replace(media, opinions=opinions))
