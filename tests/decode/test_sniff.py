"""Types are told by content; names are never asked."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pictures import encoded, photograph

from hashmatch.decode import SNIFF_BYTES, UNKNOWN_TYPE, sniff
from hashmatch.types import MediaKind

PICTURES = {
    "JPEG": "image/jpeg",
    "PNG": "image/png",
    "GIF": "image/gif",
    "WEBP": "image/webp",
    "TIFF": "image/tiff",
    "BMP": "image/bmp",
    "AVIF": "image/avif",
    "JPEG2000": "image/jp2",
    "ICO": "image/vnd.microsoft.icon",
}


@pytest.mark.parametrize(("format", "mime"), PICTURES.items())
def test_pictures_as_pillow_writes_them(format: str, mime: str) -> None:
    found = sniff(encoded(photograph(1, 64, 64), format)[:SNIFF_BYTES])
    assert (found.kind, found.mime) == (MediaKind.IMAGE, mime)


@pytest.mark.parametrize(
    ("head", "kind", "mime"),
    [
        (b"\0\0\0\x20ftypisom\0\0\2\0isomiso2mp41", MediaKind.VIDEO, "video/mp4"),
        (b"\0\0\0\x14ftypqt  \0\0\0\0qt  ", MediaKind.VIDEO, "video/quicktime"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", MediaKind.IMAGE, "image/heic"),
        (b"\0\0\0\x1cftypmif1\0\0\0\0mif1heicmiaf", MediaKind.IMAGE, "image/heic"),
        (b"\0\0\0\x1cftypmif1\0\0\0\0mif1avifmiaf", MediaKind.IMAGE, "image/avif"),
        (b"\0\0\0\x14ftypmif1\0\0\0\0mif1", MediaKind.IMAGE, "image/heif"),
        (b"\x1aE\xdf\xa3\x01\0\0\0", MediaKind.VIDEO, "video/x-matroska"),
        (b"RIFF\0\0\0\0AVI LIST", MediaKind.VIDEO, "video/x-msvideo"),
        (b"8BPS\0\x01", MediaKind.IMAGE, "image/vnd.adobe.photoshop"),
        (b"\0\0\1\xba\x44", MediaKind.VIDEO, "video/mpeg"),
        (b"\xff\x0a\0", MediaKind.IMAGE, "image/jxl"),
    ],
)
def test_other_media(head: bytes, kind: MediaKind, mime: str) -> None:
    assert (sniff(head).kind, sniff(head).mime) == (kind, mime)


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"\0",
        b"hello text",
        b"BM",
        b"BMW's catalogue of 1987, all models",
        b"\x89PNG",
        b"%PDF-1.7",
        b"<svg xmlns",
    ],
)
def test_what_is_no_known_medium(head: bytes) -> None:
    assert sniff(head) == UNKNOWN_TYPE


@given(st.binary(max_size=SNIFF_BYTES))
def test_any_bytes_have_an_answer(head: bytes) -> None:
    found = sniff(head)
    assert (found.kind is MediaKind.UNKNOWN) == (found.mime is None)
