"""Hypothesis strategies: records as a reader of any list could give them out."""

from __future__ import annotations

import json

from hypothesis import strategies as st

from hashmatch.exchange import load_schemes
from hashmatch.facts import NO_FACTS, Act, Age, Facts, Nature, Sex
from hashmatch.types import (
    NOTHING,
    Deletion,
    Digests,
    HashRecord,
    HashValue,
    Label,
    MediaKind,
    Opinion,
    Reject,
    Sighting,
)

SCHEME = load_schemes().get("vics-us-current")


def hexes(n_bytes: int) -> st.SearchStrategy[str]:
    # A middle byte apart from 00 and ff, and no digest of the empty input.
    half = n_bytes // 2
    return st.binary(min_size=n_bytes, max_size=n_bytes).map(
        lambda b: (b[:half] + b"\x5a" + b[half + 1 :]).hex()
    )


texts = st.text(st.characters(codec="utf-8"), min_size=1, max_size=12)
any_texts = st.text(max_size=12)
"""With lone surrogates, too."""
flags = st.none() | st.booleans()
qualities = st.none() | st.integers(0, 100)
whole_numbers = st.none() | st.integers(1, 2**63 - 1)

digest_sets = st.builds(
    Digests, st.none() | hexes(16), st.none() | hexes(20), st.none() | hexes(32)
)
pdq_hashes = st.builds(
    lambda text, quality: HashValue.from_hex("pdq", text, quality), hexes(32), qualities
)
frame_hashes = st.builds(
    lambda text, quality, frame, time: HashValue(
        "pdq", bytes.fromhex(text), quality, frame=frame, time_s=time
    ),
    hexes(32),
    st.integers(0, 100),
    st.integers(0, 10**6),
    st.floats(0, 10**6).map(lambda t: round(t, 3)),
)
dna_hashes = st.builds(lambda text: HashValue.from_hex("photodna", text), hexes(144))

all_facts = st.builds(
    Facts,
    st.none() | st.sampled_from(list(Nature)),
    st.none() | st.sampled_from(list(Age)),
    st.none() | st.sampled_from(list(Sex)),
    st.none() | st.sampled_from(list(Act)),
)

opinions = st.one_of(
    st.builds(
        lambda code, **rest: Opinion(SCHEME.id, code, SCHEME.codes[code], **rest),
        st.sampled_from(sorted(SCHEME.codes)),
        baseline=flags,
        victim_identified=flags,
        offender_identified=flags,
        distributed=flags,
        self_generated=flags,
        suspected=flags,
        precategorized=flags,
        file_available=flags,
        submissions=st.none() | st.integers(0, 2**63 - 1),
        series=st.lists(texts, max_size=2).map(tuple),
        tags=st.lists(texts, max_size=2).map(tuple),
        updated_raw=st.none() | texts,
        facts=st.just(NO_FACTS) | all_facts,
    ),
    st.builds(Opinion, st.just("own"), st.none() | any_texts, st.sampled_from(list(Label))),
)
kinds = st.sampled_from(list(MediaKind))
mimes = st.sampled_from([None, "image/jpeg", "video/mp4", "application/pdf"])
extras = st.dictionaries(
    any_texts.map(lambda text: f"x{text}"),
    any_texts | texts.map(json.dumps) | st.sampled_from(["=1+1", "@x", '{"a":[1]}', "a,b;c\td"]),
    max_size=3,
)
place_texts = st.none() | any_texts.filter(bool)
places = st.builds(
    Sighting,
    *([place_texts] * 7),
    st.just(NOTHING)
    | st.dictionaries(any_texts.map(lambda text: f"x{text}"), any_texts, max_size=2),
)
rejects = st.builds(
    Reject, st.integers(1, 10**9), st.none() | any_texts, any_texts, any_texts, st.just(False)
)


@st.composite
def records(draw: st.DrawFn) -> HashRecord:
    digests = draw(digest_sets)
    hashes = draw(
        st.lists(pdq_hashes | dna_hashes, max_size=3) | st.lists(frame_hashes, max_size=4)
    )
    if not digests and not hashes:
        hashes = [draw(pdq_hashes)]
    return HashRecord(
        record_key=draw(any_texts.filter(bool)),
        position=draw(st.integers(1, 10**6)),
        digests=digests,
        opinion=draw(opinions),
        kind=draw(kinds),
        mime=draw(mimes),
        size=draw(whole_numbers),
        hashes=tuple(hashes),
        extra=draw(extras),
        rejects=tuple(draw(st.lists(rejects, max_size=2))),
        seen_at=tuple(draw(st.just([]) | st.lists(places, max_size=2))),
    )


def deletions() -> st.SearchStrategy[Deletion]:
    return st.builds(Deletion, any_texts.filter(bool), st.integers(1, 10**9), any_texts, any_texts)
