"""Reads the hash export of INTERPOL's ICSE database: one delimited line a medium.

Source: the export of 2022 as public forensic software reads it (sepinf-inc/IPED, issue 1136 and
its importer). Its known defects are expected here: an extra empty cell at the end of every row,
digests with a digit too many, three vocabularies for yes and no.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Self

from hashmatch.errors import ExchangeError
from hashmatch.exchange.base import ListInfo, ReadOptions
from hashmatch.exchange.fields import MAX_RAW, FieldReader
from hashmatch.exchange.icse_header import Header, parse_header, separator_line
from hashmatch.exchange.icse_rows import Line, Row, RowSplitter, read_lines
from hashmatch.exchange.source import Source
from hashmatch.types import Digests, HashRecord, MediaKind, Opinion, Reject

FORMAT = "icse-csv"
_OPAQUE = ("ZZ40", "Lace", "Investigation name", "Agency")
_CODES = {True: "yes", False: "no"}
_KINDS = {"image": MediaKind.IMAGE, "video": MediaKind.VIDEO}


class IcseReader:
    """Reader of an ICSE table, see ``hashmatch.exchange.base.Reader``.

    ``record_key`` is the Image ID, else the strongest digest ("sha1:…"). ZZ40 and Lace are
    proprietary and kept as they stand, with every unknown column, in ``extra``.

    Raises:
        ExchangeError: there is no header line with a hash column.
        InputError: the forced scheme is unknown.
    """

    def __init__(self, source: Source, options: ReadOptions) -> None:
        self._source = source
        self.warnings: Counter[str] = Counter()
        self.total_bytes = source.total_bytes
        self._lines = read_lines(source, self.warnings)
        self._header = _read_header(source, self._lines)
        context = self._header.text
        self._classifier = options.schemes.classifier(FORMAT, context, options.scheme)
        self.info = ListInfo(FORMAT, "table", context, self._classifier.default_id)

    @property
    def bytes_read(self) -> int:
        return self._source.bytes_read

    def __iter__(self) -> Iterator[HashRecord | Reject]:
        self._source.begin_pass()
        header = self._header
        repeated = [cell.casefold() for cell in header.cells]
        rows = RowSplitter(self._lines, header.delimiter, len(header.cells), self.warnings)
        for row in rows:
            if row.cells is None:
                yield Reject(row.number, None, row.reason, row.text[:MAX_RAW], True)
            elif [cell.strip().casefold() for cell in row.cells] == repeated:
                self.warnings["repeated header line"] += 1
            elif not any(map(str.strip, row.cells)):
                self.warnings["empty row"] += 1
            else:
                yield self._record(row, row.cells)

    def _record(self, row: Row, cells: list[str]) -> HashRecord | Reject:
        columns = self._header.columns
        fields = FieldReader(row.number)

        def cell(name: str) -> str:
            return cells[columns[name]].strip() if name in columns else ""

        digests = Digests(
            md5=fields.digest("MD5", "md5", cell("MD5")),
            sha1=fields.digest("SHA1", "sha1", cell("SHA1")),
        )
        photodna = fields.perceptual("PhotoDNA", "photodna", cell("PhotoDNA"))
        if not digests and photodna is None:
            rejected = fields.refuse_record("no usable hash")
            return Reject(row.number, None, rejected.reason, row.text[:MAX_RAW], True)
        key = cell("Image ID")
        if not key:
            known = digests.items()
            name, value = known[-1] if known else ("photodna", photodna.hex if photodna else "")
            key = f"{name}:{value}"
        kind = cell("Media Type").lower()
        extra = {name: cell(name) for name in _OPAQUE if cell(name)}
        extra.update(
            (name, cells[index].strip())
            for index, name in self._header.others.items()
            if cells[index].strip()
        )
        return HashRecord(
            record_key=key,
            position=row.number,
            digests=digests,
            opinion=self._opinion(fields, cell),
            kind=_KINDS.get(kind, MediaKind.OTHER if kind else MediaKind.UNKNOWN),
            hashes=() if photodna is None else (photodna,),
            extra=extra,
            rejects=tuple(fields.rejects),
        )

    def _opinion(self, fields: FieldReader, cell: Callable[[str], str]) -> Opinion:
        def flag(name: str) -> bool | None:
            return fields.flag(name, cell(name))

        baseline = flag("Baseline")
        verdict = self._classifier.classify(None if baseline is None else _CODES[baseline])
        series = cell("Series name")
        return Opinion(
            scheme=verdict.scheme,
            raw_category=cell("Baseline") or None,
            label=verdict.label,
            baseline=baseline,
            victim_identified=flag("Victim identified"),
            offender_identified=flag("Offender identified"),
            distributed=flag("Is distributed"),
            file_available=flag("File Available"),
            submissions=fields.whole_number("Number of submissions", cell("Number of submissions")),
            series=(series,) if series else (),
        )

    def close(self) -> None:
        self._source.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def _read_header(source: Source, lines: Iterator[Line]) -> Header:
    delimiter = None
    for line in lines:
        if line.text is None:
            break
        declared = separator_line(line.text)
        if declared is not None and delimiter is None:
            delimiter = declared
            continue
        header = parse_header(line.text, delimiter)
        if not header.has_hash:
            raise ExchangeError(
                f"{source.path}: expected a header line with MD5, SHA1 or PhotoDNA, "
                f"got {line.text[:MAX_RAW]!r}"
            )
        return header
    raise ExchangeError(f"{source.path}: expected a header line, got none")
