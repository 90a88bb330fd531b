"""Every writer, reader and golden file: random records, random damage, nothing invented."""

from __future__ import annotations

import base64
import gzip
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from golden_lists import GOLDEN_LISTS
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from list_strategies import deletions, records

from hashmatch.algorithms import get_algorithm
from hashmatch.errors import ExchangeError, HashmatchError
from hashmatch.exchange import open_reader, sort_key, write_list
from hashmatch.exchange.formats import FAMILIES
from hashmatch.exchange.jsonl_write import JsonlWriter
from hashmatch.types import Deletion, HashRecord, Reject

WRITTEN = sorted(name for family in FAMILIES for name in family.writers)
READ = {name for family in FAMILIES for name in family.formats}
FORMATS = [name for family in FAMILIES for name in family.formats]

Item = HashRecord | Reject | Deletion
Facts = set[tuple[str, str]]


def facts(items: list[Item]) -> Facts:
    """Every digest and perceptual hash."""
    return {
        fact
        for item in items
        if isinstance(item, HashRecord)
        for fact in (*item.digests.items(), *((h.algorithm, h.hex) for h in item.hashes))
    }


def read_until_error(path: Path, **options: Any) -> tuple[list[Item], str]:
    items: list[Item] = []
    try:
        with open_reader(path, **options) as reader:
            for item in reader:
                items.append(item)  # noqa: PERF402 - keeps the items before the error
    except HashmatchError as error:
        return items, str(error)
    return items, ""


SLOW = settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@pytest.mark.parametrize("format", WRITTEN)
@given(given_records=st.lists(records(), max_size=6))
@SLOW
def test_random_records_through_every_writer(
    tmp_path_factory: pytest.TempPathFactory, format: str, given_records: list[HashRecord]
) -> None:
    """Each record is accounted for; what is read back was given; same records, same bytes."""
    folder = tmp_path_factory.mktemp("trip")
    ordered = sorted(given_records, key=sort_key)
    try:
        ledger = write_list(ordered, folder / "one", format=format)
    except ExchangeError as problem:
        message = str(problem)
        ledger = None
    if ledger is None:
        assert "got none" in message  # a file of one video, and no record is one
        assert not (folder / "one").exists()
        return
    assert ledger.seen == len(ordered)
    assert sum(n for (outcome, _), n in ledger.reasons.items() if outcome == "rejected") == (
        ledger.rejected
    )
    given_records.reverse()
    if format != "jsonl":  # keeps the order that it is given
        write_list(sorted(given_records, key=sort_key), folder / "two", format=format)
        assert (folder / "two").read_bytes() == (folder / "one").read_bytes()
    if format not in READ or not ledger.done:
        return
    found, error = read_until_error(folder / "one", format=format)
    assert error == ""
    assert not [item for item in found if isinstance(item, Reject)]
    assert facts(found) <= facts(list(ordered))
    assert found


@given(st.lists(records() | deletions(), max_size=8))
@SLOW
def test_our_own_format_is_the_identity(
    tmp_path_factory: pytest.TempPathFactory, given_items: list[HashRecord | Deletion]
) -> None:
    path = tmp_path_factory.mktemp("trip") / "list"
    with JsonlWriter(path) as writer:
        for item in given_items:
            writer.write(item)
    found, error = read_until_error(path)
    assert (found, error) == (given_items, "")


@pytest.mark.parametrize("row", [pytest.param(row, id=row.path) for row in GOLDEN_LISTS])
def test_our_own_format_loses_nothing_of_any_reader(row: Any, tmp_path: Path, read: Any) -> None:
    original = read(row.file, **row.options)
    kept = [item for item in original.items if not isinstance(item, Reject)]
    with JsonlWriter(tmp_path / "list", origin=original.info) as writer:
        for item in kept:
            writer.write(item)
    found = read(tmp_path / "list")
    assert found.items == kept
    assert dict(found.info.facts).items() >= dict(original.info.facts).items()
    assert replace(found.info, format="", facts={}) == replace(original.info, format="", facts={})


class Damage:
    """A random change of a file that may hit anything."""

    def __init__(self, draw: Any) -> None:
        where = st.floats(0, 1, exclude_max=True)
        self.flips = draw(st.lists(st.tuples(where, st.integers(0, 255)), max_size=4))
        self.copied = draw(st.none() | st.tuples(where, where, where))
        self.cut = draw(st.none() | where)

    def __call__(self, data: bytes) -> bytes:
        changed = bytearray(data)
        for where, byte in self.flips:
            changed[int(where * len(changed))] = byte
        if self.copied is not None:
            start, length, target = (int(share * len(changed)) for share in self.copied)
            changed[target:target] = changed[start : start + length]
        if self.cut is not None:
            del changed[int(self.cut * len(changed)) :]
        return bytes(changed)


damages = st.composite(lambda draw: Damage(draw))()


@pytest.mark.parametrize("row", [pytest.param(row, id=row.path) for row in GOLDEN_LISTS])
@given(damage=damages)
@SLOW
def test_random_corruption(
    tmp_path_factory: pytest.TempPathFactory, row: Any, damage: Damage
) -> None:
    """Rejects or a typed error; a digest that comes out stands in the file, or is not given."""
    data = damage(row.file.read_bytes())
    path = tmp_path_factory.getbasetemp() / "corrupt"
    path.write_bytes(data)
    texts = list(readings(data))
    for more in ({}, {"format": row.format}, {"salvage": True}):
        options = {**row.options, **more}
        items, error = read_until_error(path, **options)
        assert error == "" or str(path) in error or "expected" in error
        for item in items:
            if isinstance(item, Reject):
                assert item.reason
            elif isinstance(item, HashRecord):
                check_record(item, texts)


def readings(data: bytes) -> Iterator[str]:
    """The file as text: as it is, unpacked, and as hex for the formats that hold bytes."""
    unpacked = [data]
    try:
        unpacked.append(gzip.decompress(data))
    except (OSError, EOFError):
        pass
    except Exception:  # noqa: BLE001 - zlib's own, of a damaged stream
        unpacked.append(b"")
    for each in unpacked:
        text = each.replace(b"\0", b"").decode("latin-1")
        yield text.lower().replace("-", "").replace(":", "")
        yield text
        yield each.hex()


def check_record(record: HashRecord, texts: list[str]) -> None:
    assert record.digests or record.hashes
    for algorithm, digest in record.digests.items():
        assert any(form in text for form in forms(digest) for text in texts), (algorithm, digest)
    for item in record.hashes:
        assert len(item.value) == get_algorithm(item.algorithm).n_bytes
        assert any(form in text for form in forms(item.hex) for text in texts), item


def forms(digest: str) -> tuple[str, ...]:
    """As hex, base64 and base32: lists carry all three.

    Of the last two without the last character where it has spare bits: they mean nothing, and a
    damage that only changes them changes no value.
    """
    data = bytes.fromhex(digest)
    base64_text, base32_text = base64.b64encode(data).decode(), base64.b32encode(data).decode()
    return (
        digest,
        _without_spare_bits(base64_text),
        _without_spare_bits(base32_text),
        _without_spare_bits(base32_text).lower(),
    )


def _without_spare_bits(text: str) -> str:
    return text.rstrip("=")[:-1] if text.endswith("=") else text


@pytest.mark.parametrize("format", FORMATS)
@given(data=st.binary(max_size=300))
@SLOW
def test_random_bytes_as_every_format(
    tmp_path_factory: pytest.TempPathFactory, format: str, data: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "noise"
    path.write_bytes(data)
    items, error = read_until_error(path, format=format)
    for item in items:
        if isinstance(item, HashRecord):
            check_record(item, list(readings(data)))
    assert error or items or format
