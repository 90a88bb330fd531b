"""Whether a video file is cut short, by what its container says of its own length.

Source: ISO/IEC 14496-12 (sample tables, as FFmpeg indexes them), RFC 8794 and 9559 (EBML, segment),
RIFF (AVI), the ASF specification section 3.2 (file properties).
"""

from __future__ import annotations

from hashmatch.decode.video_container import Opened

_SLACK = 16
"""Bytes by which writers are wrong about padding and about what a length includes."""

_SEGMENT = b"\x18\x53\x80\x67"
_ASF_PROPERTIES = bytes.fromhex("a1dcab8c47a9cf118ee400c00c205365")


def missing_bytes(opened: Opened, head: bytes, size: int | None) -> int:
    """How many bytes are not there that the file's own structure speaks of; 0: none that it says.

    Args:
        head: the first bytes of the file.
        size: of the file; None where it is not known.
    """
    if size is None:
        return 0
    name = opened.container.format.name
    if name == "mov":
        says = _last_sample(opened)
    elif name == "matroska":
        says = _segment_end(head)
    elif name == "avi":
        says = int.from_bytes(head[4:8], "little") + 8
    elif name == "asf":
        says = _asf_size(head)
    else:
        return 0
    return says - size if says > size + _SLACK else 0


def _last_sample(opened: Opened) -> int:
    entries = opened.stream.index_entries
    if not len(entries):
        return 0
    last = entries[len(entries) - 1]
    return int(last.pos) + int(last.size)


def _segment_end(head: bytes) -> int:
    """Where the segment ends; 0 where its size is left open, as in live recordings."""
    at = head.find(_SEGMENT)
    if at < 0 or at + 12 > len(head):
        return 0
    first = head[at + 4]
    length = 9 - first.bit_length()
    if length > 8:
        return 0
    bits = 7 * length
    value = int.from_bytes(head[at + 4 : at + 4 + length], "big") & ((1 << bits) - 1)
    return 0 if value == (1 << bits) - 1 else at + 4 + length + value


def _asf_size(head: bytes) -> int:
    at = head.find(_ASF_PROPERTIES)
    return 0 if at < 0 else int.from_bytes(head[at + 40 : at + 48], "little")
