"""Tables that need no mapping: their header says which column holds hashes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from list_files import MD5_A, MD5_B, SHA1_A, SHA256_A

from hashmatch.errors import ExchangeError, UnknownFormatError
from hashmatch.types import Digests, Label

PDQ = "0109111921293139414951596169717981899199a1a9b1b9c1c9d1d9e1e9f1f9"


@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
@pytest.mark.parametrize("name", ["MD5", "md5sum", "MD5 Hash", "hash_md5", '"md5"', " Md5 "])
def test_names_of_columns(read: Any, delimiter: str, name: str) -> None:
    text = delimiter.join(("id", name)) + "\n" + delimiter.join(("7", MD5_A.upper())) + "\n"
    found = read(text)
    assert found.info.format == "hash-csv"
    assert found.records[0].digests == Digests(md5=MD5_A)
    assert found.records[0].extra == {"id": "7"}
    assert found.records[0].record_key == f"md5:{MD5_A}"


def test_what_is_kept(read: Any, golden: Path) -> None:
    found = read(golden / "plain/table.csv")
    first, second = found.records
    assert first.digests == Digests(md5=MD5_A, sha1=SHA1_A)
    assert first.extra == {"Remark": "kept"}
    assert first.opinion.raw_category == "1"
    assert first.opinion.label is Label.UNCATEGORIZED
    assert [r.reason for r in second.rejects] == ["md5 damaged by a spreadsheet"]
    assert found.warnings["dropped File name"] == 1
    forced = read(golden / "plain/table.csv", scheme="vics-us-current")
    assert forced.records[0].opinion.label is Label.CSAM


def test_a_column_that_says_only_hash(read: Any) -> None:
    assert read(f"hash,x\n{MD5_A},1\n{SHA1_A},1\n").records[1].digests == Digests(sha1=SHA1_A)
    for value in (SHA256_A, PDQ):
        with pytest.raises(ExchangeError, match=r"SHA-256 or PDQ: say which .*--hash-type"):
            read(f"hash,x\n{value},1\n")
    assert read(f"hash,x\n{PDQ},1\n", hash_type="pdq").records[0].hashes[0].hex == PDQ
    assert read(f"sha256,x\n{SHA256_A},1\n").records[0].digests == Digests(sha256=SHA256_A)
    assert read(f"pdq,x\n{PDQ},1\n").records[0].hashes[0].hex == PDQ


@pytest.mark.parametrize(
    "text",
    [
        f"name,value\n{MD5_A},1\n",
        f"md5,x\nhello,1\n{MD5_A},2\n",
        "md5,x\n",
        "md5,x\n1.23E+30,1\n",
        f"{MD5_A},1\n{MD5_B},2\n",
    ],
)
def test_what_is_none(read: Any, text: str) -> None:
    with pytest.raises(UnknownFormatError):
        read(text)


def test_told_to_read_what_is_none(read: Any) -> None:
    with pytest.raises(ExchangeError, match="any other table can be described by a mapping"):
        read("name,value\na,1\n", format="hash-csv")
