"""Files of one family, from its seed: the same whichever process makes them."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from PIL import Image

from benchmarks.exhibit_broken import broken, other
from benchmarks.exhibit_edits import Made, cropped, framed, near, original, turned
from benchmarks.exhibit_names import path_of
from benchmarks.exhibit_pictures import picture
from benchmarks.exhibit_plan import Family
from benchmarks.exhibit_scenes import burst, chain, template
from benchmarks.exhibit_truth import TruthFile
from hashmatch.hashing import pdq

_LINKED = 0.25
"""Of exact copies: other names of the same file."""


@dataclass(frozen=True)
class MadeFile:
    """``content`` is None of another name of the family's first file."""

    path: bytes
    content: bytes | None
    truth: TruthFile


@dataclass(frozen=True)
class Listed:
    """What a list says of an original: its digests and PDQ."""

    family: str
    label: str
    md5: str
    sha1: str
    size: int
    pdq: bytes
    quality: int


def family_name(family: Family) -> str:
    return f"{family.kind}-{family.number:07d}"


def made_files(family: Family, seed: int) -> tuple[list[MadeFile], Listed | None]:
    """All files, the original first if it is there, and what a list says of it."""
    rng = np.random.default_rng((seed, 2, family.number))
    if family.kind in ("broken", "other"):
        return [_no_picture(family, rng)], None
    if family.kind in ("burst", "chain", "template"):
        return list(_scene(family, rng)), None
    image = picture(rng)
    first = original(image, rng)
    content = first.encoded()
    name = family_name(family)
    listed = _listed(family, content) if family.label else None
    files = []
    if not family.missing:
        truth = TruthFile("", name, "original", first.words, label=family.label)
        files.append(_file(family, 0, first.ending, content, truth, rng))
    files += _copies(family, _decoded(content), first.ending, content, rng)
    return files, listed


def _copies(
    family: Family, shown: Image.Image, ending: str, content: bytes, rng: np.random.Generator
) -> Iterator[MadeFile]:
    member, name = 1, family_name(family)
    for place in range(family.exact):
        link = rng.random() < _LINKED and not (family.plain or (family.missing and place == 0))
        role = "link" if link else "exact"
        truth = TruthFile("", name, role, label=family.label)
        yield _file(family, member, ending, None if link else content, truth, rng)
        member += 1
    counts = {near: family.near, turned: family.turned, cropped: family.cropped}
    for edit, count in {**counts, framed: family.framed}.items():
        for _ in range(count):
            made = edit(shown, rng)
            truth = TruthFile("", name, edit.__name__, made.words, label=family.label)
            yield _file(family, member, made.ending, made.encoded(), truth, rng)
            member += 1


def _scene(family: Family, rng: np.random.Generator) -> Iterator[MadeFile]:
    scene = family_name(family)
    made: Iterator[tuple[int, Made]]
    if family.kind == "burst":
        made = burst(family.steps, rng)
    else:
        make = chain if family.kind == "chain" else template
        made = enumerate(make(family.steps, rng))
    seen = set()
    for member, (step, one) in enumerate(made):
        role = "near" if step in seen else "original"
        seen.add(step)
        truth = TruthFile("", f"{scene}/{step}", role, one.words, scene, step)
        yield _file(family, member, one.ending, one.encoded(), truth, rng)


def _no_picture(family: Family, rng: np.random.Generator) -> MadeFile:
    words, ending, outcome, content = (broken if family.kind == "broken" else other)(rng)
    shows = family_name(family) if outcome == "done" else ""
    truth = TruthFile("", shows, "original" if shows else family.kind, words, outcome=outcome)
    return _file(family, 0, ending, content, truth, rng)


def _file(
    family: Family,
    member: int,
    ending: str,
    content: bytes | None,
    truth: TruthFile,
    rng: np.random.Generator,
) -> MadeFile:
    path = path_of(family.number, member, ending, rng, plain=family.plain)
    named = replace(truth, path=path.decode("utf-8", "surrogateescape"))
    return MadeFile(path, content, named)


def _decoded(content: bytes) -> Image.Image:
    with Image.open(io.BytesIO(content)) as opened:
        return opened.convert("RGB")


def _listed(family: Family, content: bytes) -> Listed:
    value, quality = pdq(np.asarray(_decoded(content)))
    return Listed(
        family_name(family),
        family.label,
        hashlib.md5(content, usedforsecurity=False).hexdigest(),
        hashlib.sha1(content, usedforsecurity=False).hexdigest(),
        len(content),
        value.tobytes(),
        quality,
    )
