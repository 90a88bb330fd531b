"""A known video that shares some frames with a query, looked at whole, at the wide radius: every
frame of one with every frame of the other.

Lists have a frame a second, and what moves fast is another picture a quarter of a second later:
within the plain radius only few frames of a copy meet one of a list. At the wide radius, which is
a picture's too where nothing is nearer, most do.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from hashmatch.index import HammingIndex
from hashmatch.matching.judging import own_radii
from hashmatch.matching.policy import MatchPolicy
from hashmatch.matching.video_near import FramesNear
from hashmatch.matching.video_question import VideoQuestion
from hashmatch.matching.video_stored import StoredVideo
from hashmatch.matching.widening import wide_radius

MOST_WIDENED = 20
"""Known videos of one check that are looked at so, those that share most frames."""
MOST_PAIRS = 10_000_000
"""Of frames of one known video: those of an hour, one a second, with ten minutes of a query. Larger
ones are lists of every frame, which have the nearest one anyway."""
_MOST_TURNS = 2


def widened_video(
    video: StoredVideo, question: VideoQuestion, policy: MatchPolicy
) -> StoredVideo | None:
    """The video with all pairs within the wide radius, in the forms of the query that were near to
    it; None where there are too many."""
    places, stored = question.compared, np.flatnonzero(video.informative)
    forms = _forms(video.near)
    n_pairs = len(forms) * len(places) * len(stored)
    if not n_pairs or n_pairs > MOST_PAIRS:
        return None
    queries = np.ascontiguousarray(question.hashes[places][:, forms].reshape(-1, 32))
    index = HammingIndex(bits=256)
    index.add(video.frames.values[stored], np.arange(len(stored)))
    found = index.range_search(queries, wide_radius(policy))
    rows = np.repeat(np.arange(len(queries)), np.diff(found.offsets))
    radii = own_radii(policy, video.frames.values[stored])
    distances = found.distances.astype(np.int64)
    near = replace(
        video.near,
        frames=places[rows // len(forms)],
        variants=forms[rows % len(forms)],
        hash_ids=video.frames.hash_ids[stored[found.ids]],
        distances=distances,
        confident=distances <= radii[found.ids],
        n_comparisons=n_pairs,
        gates=(),
        registered=False,
        placed={},
    )
    return replace(video, near=near, places=stored[found.ids])


def _forms(near: FramesNear) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """The forms of the query that most frames are near in."""
    forms, counts = np.unique(near.variants, return_counts=True)
    return np.sort(forms[np.lexsort((forms, -counts))][:_MOST_TURNS])
