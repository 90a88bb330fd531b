"""Reads and writes TMK+PDQF fingerprints: one file is one video.

The level-1 feature (the pure average, 256 float32 as they stand in the file) is the record's hash;
``extra["tmk"]`` holds the whole file in base64, from which the writer makes the same bytes again.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from os import PathLike

from hashmatch.errors import ExchangeError
from hashmatch.exchange.base import ListInfo, ReadOptions
from hashmatch.exchange.fields import FieldReader
from hashmatch.exchange.one_pass import Item, OnePassReader
from hashmatch.exchange.one_video import OneVideoWriter
from hashmatch.exchange.source import Source
from hashmatch.exchange.tmk_file import HEADER, MAX_BYTES, PROJECT, TmkFile, measure, parse_tmk
from hashmatch.types import Digests, HashRecord, MediaKind, Opinion

FORMAT = "tmk"
WHOLE = "tmk"
"""Member of ``HashRecord.extra`` with the file in base64."""


def looks_like_tmk(head: bytes) -> bool:
    """A file of the TMK project, of whatever kind."""
    return head.startswith(PROJECT)


class TmkReader(OnePassReader):
    """Reader of one ``.tmk`` file, see ``hashmatch.exchange.base.Reader``.

    ``record_key`` is "tmk:" and the first 32 hex digits of the SHA-256 of the file.

    Raises:
        ExchangeError: the header is no feature vector's, or does not fit the file's size. Nothing
            is allocated for the sizes that it claims.
    """

    def __init__(self, source: Source, options: ReadOptions) -> None:
        name = str(source.path)
        head = source.read(HEADER.size)
        source.rewind()
        # Only unpacking tells how long a packed file is; it is bounded, and stops at the limit.
        packed = source.packing is not None
        size = len(source.read(MAX_BYTES + 1)) if packed else source.total_bytes
        n_periods, n_fourier = measure(head, size, name)
        source.rewind()
        context = f"TMK1 FVEC PDQF, {n_periods} periods, {n_fourier} Fourier coefficients"
        classifier = options.schemes.classifier(FORMAT, context, options.scheme)
        info = ListInfo(FORMAT, "hash-set", context, classifier.default_id)
        super().__init__(source, options, info)
        self._verdict = classifier.classify(None)

    def _items(self) -> Iterator[Item]:
        data = self._source.read(MAX_BYTES + 1)
        tmk = parse_tmk(data, str(self._source.path))
        fields = FieldReader(1)
        value = fields.perceptual("pure average feature", "tmk", tmk.average.hex())
        if value is None:
            yield fields.refuse_record("no usable hash")
            return
        yield HashRecord(
            record_key=f"tmk:{hashlib.sha256(data).hexdigest()[:32]}",
            position=1,
            digests=Digests(),
            opinion=Opinion(self._verdict.scheme, None, self._verdict.label),
            kind=MediaKind.VIDEO,
            hashes=(value,),
            extra={WHOLE: base64.b64encode(data).decode()},
        )


class TmkWriter(OneVideoWriter):
    """Writes the fingerprint of one video, byte for byte as it was read.

    A record without a whole fingerprint is counted in ``ledger`` as rejected.
    """

    def __init__(self, path: str | PathLike[str], *, overwrite: bool = False) -> None:
        super().__init__(path, "a TMK fingerprint", overwrite=overwrite)

    def _encode(self, record: HashRecord) -> tuple[bytes, str | None] | str:
        found = fingerprint_of(record)
        return found if isinstance(found, str) else (found.to_bytes(), None)


def fingerprint_of(record: HashRecord) -> TmkFile | str:
    """The record's whole fingerprint, or why it has none."""
    features = [item.value for item in record.hashes if item.algorithm == "tmk"]
    text = record.extra.get(WHOLE)
    if text is None:
        return "level-1 feature only" if features else "no TMK fingerprint"
    try:
        tmk = parse_tmk(base64.b64decode(text, validate=True), "extra member 'tmk'")
    except (ValueError, ExchangeError):
        return "TMK fingerprint damaged"
    return tmk if features == [tmk.average] else "TMK fingerprint is not its hash's"
