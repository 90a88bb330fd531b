"""Hypothesis strategies: parts of records that a VICS list carries without loss."""

from __future__ import annotations

import json

from hypothesis import strategies as st
from list_strategies import SCHEME, flags, hexes

from hashmatch.types import Digests, HashValue, MediaKind, Opinion


def values(algorithm: str, n_bytes: int) -> st.SearchStrategy[HashValue]:
    quality = st.none() | st.integers(0, 100) if algorithm == "pdq" else st.none()
    return st.builds(
        lambda text, q: HashValue.from_hex(algorithm, text, q), hexes(n_bytes), quality
    )


texts = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=12)
items = texts.map(str.strip).filter(bool).filter(lambda t: "interpol-baseline" not in t.lower())
item_tuples = st.lists(items, max_size=3, unique=True).map(tuple)
json_values = st.recursive(
    st.booleans() | st.integers() | texts,
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=6,
)
extras = st.dictionaries(
    # A name with OData's mark is an annotation of the document, which the reader leaves out.
    texts.map(lambda t: f"x{t}").filter(lambda name: "@odata." not in name.casefold()),
    json_values.map(lambda v: json.dumps(v, ensure_ascii=False, separators=(",", ":"))),
    max_size=3,
)
hash_tuples = st.lists(
    values("pdq", 32) | values("photodna", 144), max_size=4, unique_by=lambda h: h.value
).map(lambda hashes: tuple(sorted(hashes, key=lambda h: (h.algorithm, h.value))))
opinions = st.builds(
    lambda code, **rest: Opinion(SCHEME.id, code, SCHEME.codes[code], **rest),
    st.sampled_from(sorted(SCHEME.codes)),
    baseline=flags,
    victim_identified=flags,
    offender_identified=flags,
    distributed=flags,
    self_generated=flags,
    suspected=flags,
    precategorized=flags,
    series=item_tuples,
    tags=item_tuples,
    updated_raw=st.none() | texts,
)
digest_sets = st.builds(
    Digests, st.none() | hexes(16), st.none() | hexes(20), st.none() | hexes(32)
).filter(lambda d: d.md5 is not None or d.sha1 is not None)
kinds = st.sampled_from(
    [
        (MediaKind.UNKNOWN, None),
        (MediaKind.IMAGE, None),
        (MediaKind.VIDEO, None),
        (MediaKind.OTHER, None),
        (MediaKind.IMAGE, "image/jpeg"),
        (MediaKind.VIDEO, "video/mp4"),
        (MediaKind.OTHER, "application/pdf"),
        (MediaKind.UNKNOWN, "application/octet-stream"),
    ]
)
