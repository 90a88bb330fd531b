"""Paths of an exhibit's files: those of phones and people, and now and then one that is odd."""

from __future__ import annotations

import numpy as np

_FOLDERS = (
    b"DCIM/{:03d}APPLE",
    b"Users/ann/Pictures/{:03d}",
    b"Users/ann/Downloads/{:03d}",
    b"Android/media/com.example.chat/Images/{:03d}",
    "Fotos Gräf/{:03d}".encode(),
    b"backup/old disk/{:03d}",
)
_STEMS = (b"IMG_", b"DSC", b"received_", b"Screenshot_", b"photo-", b"WA")

A_FOLDER_HAS = 300
"""Files, about."""

ODD_SHARE = 0.004
_LONGEST = 255


def path_of(
    number: int, member: int, ending: str, rng: np.random.Generator, *, plain: bool = False
) -> bytes:
    """Relative, with folders; no other family and member has it.

    Args:
        ending: without the dot.
        plain: never an odd one.
    """
    parent = _FOLDERS[int(rng.integers(len(_FOLDERS)))].replace(
        b"{:03d}", b"%03d" % (number // A_FOLDER_HAS)
    )
    unique = b"%07d_%02d" % (number, member)
    suffix = b"." + ending.encode()
    if rng.random() < ODD_SHARE and not plain:
        odd = _ODD[int(rng.integers(len(_ODD)))]
        name = odd.replace(b"#", unique)
        if name.startswith(b"long"):
            name = name.ljust(_LONGEST - len(suffix), b"x")
        return parent + b"/" + name + suffix
    return parent + b"/" + _STEMS[int(rng.integers(len(_STEMS)))] + unique + suffix


_ODD = (
    b"not utf-8 \xe4\xff #",
    b"line\nbreak #",
    b"-rf #",
    b"$(touch x) `id` #",
    b"\"quotes\" 'and' more #",
    b"<script>alert(1)</script> #".replace(b"/", b"\xe2\x88\x95"),
    "right to left \u202egpj.# \u05d0\u05d1".encode(),
    b"=HYPERLINK(1) #",
    b"tab\tand\rreturn #",
    b"..  dots # ",
    "\U0001f4f7 # e\u0301".encode(),
    b"long #",
    b"%s %00 #",
)
