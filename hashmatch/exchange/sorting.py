"""Records of any list in the order that writers ask for, in bounded memory: an external sort.

Up to a weight of ``MAX_WEIGHT`` records are sorted where they are. Beyond it sorted runs go to
unnamed temporary files, as lines of our own JSONL, and are merged; nothing is left of them.
"""

from __future__ import annotations

import heapq
import json
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from typing import IO, Any

from hashmatch.errors import InputError
from hashmatch.exchange.jsonl_codec import decode_item, encode_item
from hashmatch.exchange.source import foreign_errors
from hashmatch.exchange.vics_order import SortKey, sort_key
from hashmatch.types import HashRecord

MAX_WEIGHT = 128 << 20
"""Bytes of records that are held at once, estimated from above: the memory that a sort takes,
however long the list is."""
MAX_RUNS = 64
"""Files that are merged at once; more are merged to one first."""
_BASE, _PER_VALUE, _PER_TEXT = 2_500, 400, 180
_DOING = "can't sort the list in a temporary file"

_Keyed = tuple[SortKey, int, str]
"""Sort key, number in the order of coming, line."""


def sorted_records(
    records: Iterable[HashRecord], *, max_weight: int = MAX_WEIGHT
) -> Iterator[HashRecord]:
    """The records in the order of ``sort_key``; those of one key in the order in which they came.

    Raises:
        ExchangeError: the folder for temporary files (``TMPDIR``) is full or can't be written.
        InputError: a record has a digest or hash that no reader gives out, such as all zeros.
    """
    with ExitStack() as files:
        runs: list[IO[str]] = []
        held: list[HashRecord] = []
        weight = done = 0
        for record in records:
            held.append(record)
            weight += _weight(record)
            if weight > max_weight:
                runs.append(_spill(_keyed(held, done), files))
                done += len(held)
                held, weight = [], 0
                if len(runs) == MAX_RUNS:
                    runs = [_merged(runs, files)]
        held.sort(key=sort_key)
        if not runs:
            yield from held
            return
        for _, _, line in heapq.merge(*map(_read, runs), _keyed(held, done)):
            yield _decoded(line)


def _keyed(records: list[HashRecord], before: int) -> Iterator[_Keyed]:
    """Sorted; ``before`` records came before these."""
    numbered = [(sort_key(record), number) for number, record in enumerate(records)]
    numbered.sort()
    for key, number in numbered:
        yield key, before + number, encode_item(records[number])


def _spill(keyed: Iterable[_Keyed], files: ExitStack) -> IO[str]:
    with foreign_errors(_DOING):
        file: IO[str] = tempfile.TemporaryFile(  # noqa: SIM115 - closed by ``files``
            "w+", encoding="ascii", newline="\n", buffering=1 << 16
        )
        files.enter_context(file)
        for key, number, line in keyed:
            file.write(f"{json.dumps([*key, number])}\n{line}\n")
        file.flush()
    return file


def _merged(runs: list[IO[str]], files: ExitStack) -> IO[str]:
    merged = _spill(heapq.merge(*map(_read, runs)), files)
    for run in runs:
        run.close()
    return merged


def _read(file: IO[str]) -> Iterator[_Keyed]:
    with foreign_errors(_DOING):
        file.seek(0)
        while head := file.readline():
            md5, sha1, sha256, record_key, number = json.loads(head)
            yield (md5, sha1, sha256, record_key), number, file.readline().rstrip("\n")


def _decoded(line: str) -> HashRecord:
    members: dict[str, Any] = json.loads(line)
    item = decode_item(members, 1, None, Counter())
    # Decoding refuses what no reader gives out. A record of other origin must not change silently.
    if not isinstance(item, HashRecord) or len(item.rejects) != len(members.get("rejects", ())):
        raise InputError(f"records: expected values that a list may carry, got {line:.300}")
    return item


def _weight(record: HashRecord) -> int:
    """More bytes than the record takes in memory."""
    texts = [*record.opinion.series, *record.opinion.tags, record.opinion.raw_category or ""]
    texts += [*record.extra, *record.extra.values()]
    texts += [reject.raw for reject in record.rejects]
    return (
        _BASE
        + _PER_TEXT * len(texts)
        + 4 * sum(map(len, texts))
        + sum(_PER_VALUE + len(item.value) for item in record.hashes)
    )
