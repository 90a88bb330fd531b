"""Mends JPEG files that viewers show and libjpeg refuses; used only after a decode has failed.

Metadata goes, stray markers go, a missing end is put there. What a decoder needs stays: the JFIF
and Adobe markers tell the colour space.

Source: ITU-T T.81 annex B.
"""

from __future__ import annotations

import re

EOI, SOS = 0xD9, 0xDA
_RESTARTS = range(0xD0, 0xD8)
_APP1 = 0xE1
_KEPT_APPS = (0xE0, 0xEE)  # JFIF, Adobe
_WHOLE_APP = 16  # bytes of the shorter of the two, with its marker
_DROPPED = (*(code for code in range(0xE0, 0xF0) if code not in _KEPT_APPS), 0xFE)
_KNOWN = frozenset((*range(0xC0, 0xD0), *range(0xDA, 0xF0), 0xFE))
_END_MARKER = b"\xff\xd9"
_MARKER_IN_SCAN = re.compile(rb"\xff+([^\x00\xff])", re.DOTALL)


def mend_jpeg(data: bytes) -> tuple[bytes, bool]:
    """The file's picture without what a decoder stumbles over, and whether its end was missing."""
    parts = [data[:2]]
    at = 2
    ended = False
    while at < len(data):
        at = data.find(b"\xff", at)
        if at < 0 or at + 1 >= len(data):
            break
        code = data[at + 1]
        if code == 0xFF:
            at += 1
        elif code == EOI:
            ended = True
            break
        elif code not in _KNOWN:
            at += 2  # a stray marker, or bytes that belong to nothing
        else:
            length = int.from_bytes(data[at + 2 : at + 4], "big")
            end = at + 2 + max(length, 2)
            broken = code in _KEPT_APPS and end - at < _WHOLE_APP
            if code not in _DROPPED and not broken:
                parts.append(data[at:end])
            at = end
            if code == SOS:
                scan, at = _scan(data, at)
                parts.append(scan)
    return b"".join((*parts, _END_MARKER)), not ended


def exif_block(data: bytes) -> bytes:
    """The first EXIF block of a JPEG file; empty if there is none before the scan."""
    at = 2
    while (at := data.find(b"\xff", at)) >= 0 and at + 4 <= len(data):
        code = data[at + 1]
        if code in (SOS, EOI):
            break
        if code not in _KNOWN:
            at += 1 if code == 0xFF else 2
            continue
        end = at + 2 + max(int.from_bytes(data[at + 2 : at + 4], "big"), 2)
        if code == _APP1 and data[at + 4 : at + 9] == b"Exif\0":
            return data[at + 4 : end]
        at = end
    return b""


def _scan(data: bytes, start: int) -> tuple[bytes, int]:
    """Entropy-coded data from ``start`` without stray markers, and where the next segment is."""
    parts = []
    at = start
    for found in _MARKER_IN_SCAN.finditer(data, start):
        code = found[1][0]
        if code in _RESTARTS:
            continue
        if code == EOI or code in _KNOWN:
            parts.append(data[at : found.start()])
            return b"".join(parts), found.end() - 2
        parts.append(data[at : found.start()])
        at = found.end()
    parts.append(data[at:])
    return b"".join(parts), len(data)
