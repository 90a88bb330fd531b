"""What a medium is, from its first bytes; its name is never asked.

Source: the formats' own specifications (magic numbers); ISO/IEC 14496-12 for ``ftyp`` brands.
"""

from __future__ import annotations

from dataclasses import dataclass

from hashmatch.decode.sniff_streams import sniff_stream
from hashmatch.types import MediaKind

SNIFF_BYTES = 512
"""How many bytes from the start ``sniff`` looks at."""


@dataclass(frozen=True, slots=True)
class MediaType:
    """Kind and MIME type; ``mime`` is None where the bytes are of no type known here."""

    kind: MediaKind
    mime: str | None


UNKNOWN_TYPE = MediaType(MediaKind.UNKNOWN, None)

_IMAGE_PREFIXES: tuple[tuple[bytes, str], ...] = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"II+\x00\x08\x00\x00\x00", "image/tiff"),  # BigTIFF
    (b"MM\x00+\x00\x08\x00\x00", "image/tiff"),
    (b"8BPS", "image/vnd.adobe.photoshop"),
    (b"\x00\x00\x01\x00", "image/vnd.microsoft.icon"),
    (b"\x00\x00\x00\x0cjP  \r\n\x87\n", "image/jp2"),
    (b"\xff\x0a", "image/jxl"),
    (b"\x00\x00\x00\x0cJXL \r\n\x87\n", "image/jxl"),
)

_VIDEO_PREFIXES: tuple[tuple[bytes, str], ...] = (
    (b"\x1aE\xdf\xa3", "video/x-matroska"),
    (b"FLV\x01", "video/x-flv"),
    (b"\x00\x00\x01\xba", "video/mpeg"),
    (b"\x00\x00\x01\xb3", "video/mpeg"),
    (b"0&\xb2u\x8ef\xcf\x11", "video/x-ms-asf"),
    (b"\x06\x0e\x2b\x34\x02\x05\x01\x01\x0d\x01\x02", "application/mxf"),
    (b".RMF\x00", "application/vnd.rn-realmedia"),
    (b"\x1f\x07\x00", "video/x-dv"),
    (b"DKIF\x00\x00", "video/x-ivf"),
    (b"YUV4MPEG2 ", "video/x-yuv4mpeg"),
    (b"nut/multimedia container\x00", "video/x-nut"),
)

_IMAGE_BRANDS = {
    b"avif": "image/avif",
    b"avis": "image/avif",
    b"heic": "image/heic",
    b"heix": "image/heic",
    b"hevc": "image/heic",
    b"heim": "image/heic",
    b"heis": "image/heic",
    b"mif1": "image/heif",
    b"msf1": "image/heif",
}


_BRANDS_UNTIL = 64

_BMP_HEADER_SIZES = (12, 16, 40, 52, 56, 64, 108, 124)


def sniff(head: bytes) -> MediaType:
    """The media type of a file from its first ``SNIFF_BYTES`` bytes."""
    for prefix, mime in _IMAGE_PREFIXES:
        if head.startswith(prefix):
            return MediaType(MediaKind.IMAGE, mime)
    # "BM" alone is how many a text begins.
    if head[:2] == b"BM" and int.from_bytes(head[14:18], "little") in _BMP_HEADER_SIZES:
        return MediaType(MediaKind.IMAGE, "image/bmp")
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return MediaType(MediaKind.IMAGE, "image/webp")
    if head[:4] == b"RIFF" and head[8:12] == b"AVI ":
        return MediaType(MediaKind.VIDEO, "video/x-msvideo")
    if head[4:8] == b"ftyp":
        return _iso_base_media(head[:_BRANDS_UNTIL])
    if head[4:8] in (b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"):
        return MediaType(MediaKind.VIDEO, "video/quicktime")
    for prefix, mime in _VIDEO_PREFIXES:
        if head.startswith(prefix):
            return MediaType(MediaKind.VIDEO, mime)
    stream = sniff_stream(head)
    return UNKNOWN_TYPE if stream is None else MediaType(*stream)


def _iso_base_media(head: bytes) -> MediaType:
    major = head[8:12]
    compatible = [head[at : at + 4] for at in range(16, len(head) - 3, 4)]
    for brand in (major, *compatible):
        # A specific compatible brand says more than the generic mif1 that may stand first.
        if brand in _IMAGE_BRANDS and brand not in (b"mif1", b"msf1"):
            return MediaType(MediaKind.IMAGE, _IMAGE_BRANDS[brand])
        if major not in (b"mif1", b"msf1"):
            break
    if major in _IMAGE_BRANDS:
        return MediaType(MediaKind.IMAGE, _IMAGE_BRANDS[major])
    if major[:3] in (b"3gp", b"3g2"):
        return MediaType(MediaKind.VIDEO, "video/3gpp")
    if major == b"qt  ":
        return MediaType(MediaKind.VIDEO, "video/quicktime")
    return MediaType(MediaKind.VIDEO, "video/mp4")
