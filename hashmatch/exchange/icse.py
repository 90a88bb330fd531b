"""Reads the hash export of INTERPOL's ICSE database: one delimited line a medium.

Source: the export of 2022 as public forensic software reads it (sepinf-inc/IPED, issue 1136 and
its importer). Its known defects are expected here: an extra empty cell at the end of every row,
digests with a digit too many, three vocabularies for yes and no.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace

from hashmatch.errors import ExchangeError
from hashmatch.exchange.base import ListInfo, ReadOptions
from hashmatch.exchange.fields import MAX_RAW, FieldReader
from hashmatch.exchange.icse_header import (
    FORMULA,
    OPAQUE,
    Header,
    parse_header,
    separator_line,
)
from hashmatch.exchange.icse_plain import FLAGS, PlainRows
from hashmatch.exchange.icse_rows import Line, Row, RowSplitter, read_lines
from hashmatch.exchange.last_line import KnowsLast
from hashmatch.exchange.one_pass import OnePassReader
from hashmatch.exchange.source import Source
from hashmatch.types import Digests, HashRecord, MediaKind, Opinion, Reject

FORMAT = "icse-csv"
_FLAG_COLUMNS = frozenset(name.casefold() for name in FLAGS)
_WHOLE_WORDS = frozenset(("yes", "no", "true", "false"))
_CODES = {True: "yes", False: "no"}
_KINDS = {"image": MediaKind.IMAGE, "video": MediaKind.VIDEO}


class IcseReader(OnePassReader):
    """Reader of an ICSE table, see ``hashmatch.exchange.base.Reader``.

    ``record_key`` is the Image ID, else the strongest digest ("sha1:…"). ZZ40 and Lace are
    proprietary and kept as they stand, with every unknown column, in ``extra``.

    Raises:
        ExchangeError: there is no header line with a hash column.
        InputError: the forced scheme is unknown.
    """

    def __init__(self, source: Source, options: ReadOptions) -> None:
        warnings: Counter[str] = Counter()
        self._lines = read_lines(source, warnings)
        self._header = _read_header(source, self._lines)
        context = self._header.text
        self._plain = PlainRows(self._header)
        self._classifier = options.schemes.classifier(FORMAT, context, options.scheme)
        info = ListInfo(FORMAT, "table", context, self._classifier.default_id)
        super().__init__(source, options, info)
        self.warnings = warnings

    def _items(self) -> Iterator[HashRecord | Reject]:
        header = self._header
        plain = self._plain.record
        splitter = RowSplitter(self._lines, header.delimiter, len(header.cells), self.warnings)
        rows = KnowsLast(splitter, self._source)
        number = 0
        for row in rows:
            number, cells, text, reason = row
            if rows.unfinished:
                whole = splitter.is_whole(row) and (splitter.has_more(row) or self._ends_whole(row))
                rows.require(whole, number, text)
            if cells is None:
                yield Reject(number, None, reason, text[:MAX_RAW], True)
                continue
            # An apostrophe may be one that keeps a spreadsheet from running the cell.
            record = plain(number, cells) if "'" not in text else None
            if record is not None:
                yield record
                continue
            cells = [_unprotected(cell.strip()) for cell in cells]
            if header.is_repeated(cells):
                self.warnings["repeated header line"] += 1
            elif not any(cells):
                self.warnings["empty row"] += 1
            else:
                yield self._record(row, cells)
        if not number and not self._source.ends_line:
            raise ExchangeError(f"{self._source.path}: cut short: expected rows, got half a header")

    def _ends_whole(self, row: Row) -> bool:
        """Whether the last cell can't be the beginning of another word: "Y" may be half a "Yes"."""
        name = self._header.cells[-1].casefold()
        if name not in _FLAG_COLUMNS:
            return True
        return row.cells is not None and row.cells[-1].strip().casefold() in _WHOLE_WORDS

    def _record(self, row: Row, cells: list[str]) -> HashRecord | Reject:
        columns = self._header.columns
        fields = FieldReader(row.number)

        def cell(name: str) -> str:
            return cells[columns[name]] if name in columns else ""

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
        extra = {name: cell(name) for name in OPAQUE if cell(name)}
        extra.update(
            (name, cells[index]) for index, name in self._header.others.items() if cells[index]
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
        before = len(fields.rejects)
        words = tuple(map(cell, FLAGS))
        baseline, distributed, victim_identified, offender_identified, file_available = (
            fields.flag(name, word) for name, word in zip(FLAGS, words, strict=True)
        )
        verdict = self._classifier.classify(None if baseline is None else _CODES[baseline])
        series = cell("Series name")
        opinion = Opinion(
            scheme=verdict.scheme,
            raw_category=cell("Baseline") or None,
            label=verdict.label,
            facts=verdict.facts,
            baseline=baseline,
            victim_identified=victim_identified,
            offender_identified=offender_identified,
            distributed=distributed,
            file_available=file_available,
            series=(series,) if series else (),
        )
        if len(fields.rejects) == before:
            self._plain.learn(words, opinion)
        submissions = fields.whole_number("Number of submissions", cell("Number of submissions"))
        return replace(opinion, submissions=submissions)


def _unprotected(cell: str) -> str:
    """A cell without the apostrophe that keeps a spreadsheet from running it."""
    return cell[1:] if cell[:1] == "'" and FORMULA(cell) is not None else cell


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
