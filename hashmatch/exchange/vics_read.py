"""Reader of VICS hash sets and cases, models 1.0 to 1.3 and 2.0."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from hashmatch.closing import Closing
from hashmatch.errors import ExchangeError
from hashmatch.exchange.base import INCOMPLETE, ListInfo, ReadOptions
from hashmatch.exchange.json_window import read_chunks
from hashmatch.exchange.source import Source
from hashmatch.exchange.vics_context import implied_context, parse_context
from hashmatch.exchange.vics_document import RECORDS_KEY, VicsDocument
from hashmatch.exchange.vics_head import read_head
from hashmatch.exchange.vics_record import RecordBuilder
from hashmatch.exchange.vics_walk import REST_OF_CASE, Members, Refusal
from hashmatch.types import HashRecord, Reject

NOT_UNDER_VALUE = "records are not in an array under 'value'"


class VicsReader(Closing):
    """Reader of one VICS document, see ``hashmatch.exchange.base.Reader``.

    Positions are 1-based record numbers. ``record_key`` is "md5:<hex>", without an MD5
    "sha1:<hex>", "sha256:<hex>" or the first perceptual hash as "pdq:<hex>". Image bytes,
    contacts, file names and paths, Exif and metadata are never kept; ``warnings`` counts them.

    Raises:
        ExchangeError: no array of records, or the head of the document is broken.
        InputError: the forced scheme is unknown.
    """

    def __init__(self, source: Source, options: ReadOptions) -> None:
        self._source = source
        self.warnings: Counter[str] = Counter()
        self.total_bytes = source.total_bytes
        source.rewind()
        name = str(source.path)
        head = read_head(read_chunks(source), name)
        if head.place is None:
            raise head.error or ExchangeError(
                f"{name}: expected an object with a 'value' array, got none"
            )
        source.rewind()
        self._salvage = options.salvage
        self._place = head.place
        if head.place != RECORDS_KEY:
            self.warnings[NOT_UNDER_VALUE] += 1
        context = head.context or ""
        said = parse_context(context)
        forced = options.format if options.format != "vics" else None
        format = forced or said.format
        if forced is not None and said.version is not None and said.format != forced:
            self.warnings["context contradicts the forced format"] += 1
        if not context:
            self.warnings["no context"] += 1
        elif said.format == "vics":
            self.warnings["context of an unknown model"] += 1
        document = head.records_are or said.document or "hash-set"
        if said.document not in (None, document):
            self.warnings["context contradicts the records"] += 1
        self._classifier = options.schemes.classifier(
            format, context or implied_context(format), options.scheme
        )
        self.info = ListInfo(format, document, context, self._classifier.default_id)

    @property
    def bytes_read(self) -> int:
        return self._source.bytes_read

    def __iter__(self) -> Iterator[HashRecord | Reject]:
        self._source.begin_pass()
        build = RecordBuilder(self._classifier, self.warnings).build
        document = VicsDocument(
            read_chunks(self._source),
            str(self._source.path),
            self._place,
            self.warnings,
            salvage=self._salvage,
        )
        position = 1
        media = places = 0
        for members in document.records():
            if isinstance(members, Refusal):
                yield Reject(position, None, members.reason, members.raw, True)
            else:
                record = build(members, position, document.around)
                if record is None:
                    if document.around is REST_OF_CASE:
                        self._compare_total(members, media, places)
                        media = places = 0
                    continue
                media += 1
                places += len(record.seen_at) if isinstance(record, HashRecord) else 0
                yield record
            position += 1
        if document.incomplete is not None:
            self.info.facts[INCOMPLETE] = document.incomplete

    def _compare_total(self, members: Members, media: int, places: int) -> None:
        """Writers count media, or places; a total that is neither is only told."""
        pairs = members.items() if isinstance(members, dict) else members
        total = next((v for k, v in pairs if k.casefold() == "totalmediafiles"), None)
        if total not in (None, "") and str(total) not in (str(media), str(places)):
            self.warnings["total in the case disagrees with its media"] += 1

    def close(self) -> None:
        self._source.close()
