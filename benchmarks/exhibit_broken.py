"""Files of an exhibit that are no sound pictures, with what a ledger has to say of each."""

from __future__ import annotations

import io
import zlib

import numpy as np
from PIL import Image

from benchmarks.exhibit_pictures import picture

_Found = tuple[str, str, str, bytes]


def broken(rng: np.random.Generator) -> _Found:
    """(what it is, its ending, outcome, content); the outcome empty where a cut decides."""
    kind = int(rng.integers(8))
    if kind == 0:
        return "empty", "jpg", "rejected", b""
    if kind == 1:
        return "garbage named jpg", "jpg", "", rng.bytes(int(rng.integers(40, 4000)))
    if kind == 2:
        size = int(rng.integers(8, 200))
        return "plain colour", "png", "low information", _plain(size, rng)
    if kind == 3:
        return (
            "text named png",
            "png",
            "",
            b"This is not a picture. %d\n" % int(rng.integers(10**9)),
        )
    content = _jpeg(rng)
    if kind == 4:
        return "cut in the header", "jpg", "failed", content[: int(rng.integers(3, 20))]
    if kind == 5:
        return "cut", "jpg", "", content[: int(len(content) * rng.uniform(0.3, 0.9))]
    if kind == 6:
        damaged = bytearray(content)
        for place in rng.integers(len(content) // 2, len(content), 12).tolist():
            damaged[place] ^= 0x5A
        return "damaged", "jpg", "", bytes(damaged)
    return "jpeg named txt", "txt", "done", content


def other(rng: np.random.Generator) -> _Found:
    """What a disk has beside pictures."""
    number = int(rng.integers(1 << 40))
    kind = int(rng.integers(4))
    if kind == 0:
        return "text", "txt", "rejected", b"Notes of a day, number %d.\n" % number * 20
    if kind == 1:
        return "table", "csv", "rejected", b"a,b,c\n" + b"%d,2,3\n" % number * 50
    if kind == 2:
        return "compressed", "z", "rejected", zlib.compress(rng.bytes(600))
    return "web page", "html", "rejected", b"<!doctype html><title>%d</title>" % number


def _jpeg(rng: np.random.Generator) -> bytes:
    stream = io.BytesIO()
    picture(rng).save(stream, "JPEG", quality=85)
    return stream.getvalue()


def _plain(size: int, rng: np.random.Generator) -> bytes:
    stream = io.BytesIO()
    colour = tuple(rng.integers(0, 256, 3).tolist())
    Image.new("RGB", (size, size), colour).save(stream, "PNG")
    return stream.getvalue()
