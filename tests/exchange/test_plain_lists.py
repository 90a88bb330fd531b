"""Plain lists, checksum files, X-Ways text: what a line is, is not, and has to be declared."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from list_files import (
    EMPTY_MD5,
    EMPTY_SHA1,
    EMPTY_SHA256,
    MD5_A,
    MD5_B,
    SHA1_A,
    SHA1_B,
    SHA256_A,
    SHA256_B,
)

from hashmatch.errors import ExchangeError, InputError, UnknownFormatError
from hashmatch.exchange.hash_text import HASH_TYPES, UNDECLARED, looks_damaged, type_of
from hashmatch.exchange.list_sample import sample_list
from hashmatch.types import Digests, HashValue, Label

PDQ = "0109111921293139414951596169717981899199a1a9b1b9c1c9d1d9e1e9f1f9"
DNA = bytes(range(144))


def b64(hexadecimal: str) -> str:
    return base64.b64encode(bytes.fromhex(hexadecimal)).decode()


def b32(hexadecimal: str) -> str:
    return base64.b32encode(bytes.fromhex(hexadecimal)).decode()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (MD5_A, "md5"),
        (MD5_A.upper(), "md5"),
        (f"0x{MD5_A}", "md5"),
        (f" {MD5_A} ", "md5"),
        ("-".join(MD5_A[n : n + 2] for n in range(0, 32, 2)), "md5"),
        (b64(MD5_A), "md5"),
        (SHA1_A, "sha1"),
        (b32(SHA1_A), "sha1"),
        (b32(SHA1_A).lower(), "sha1"),
        (b64(SHA1_A), "sha1"),
        (SHA256_A, UNDECLARED),
        (b64(SHA256_A), UNDECLARED),
        ("ab" * 64, "sha512"),
        (DNA.hex(), "photodna"),
        (base64.b64encode(DNA).decode(), "photodna"),
        ("A" * 32, "md5"),  # hex and base32: SHA-1 would look so once in 10**13 times
        (MD5_A[1:], None),
        (MD5_A + "0", None),
        ("1.23E+30", None),
        ("", None),
        ("hello", None),
        ("x" * 44, None),
        (b64(MD5_A)[:-1], None),
    ],
)
def test_what_a_text_can_only_be(text: str, expected: str | None) -> None:
    assert type_of(text) == expected


@given(st.binary(min_size=20, max_size=20))
def test_base32_is_never_taken_for_md5(digest: bytes) -> None:
    """Unless all of its 32 characters are hex digits too, one in 10**13."""
    text = base64.b32encode(digest).decode()
    if any(c in "GHIJKLMNOPQRSTUVWXYZ" for c in text):
        assert type_of(text) == "sha1"


@pytest.mark.parametrize("text", ["1.23E+30", "1,23e+30", MD5_A[1:], SHA1_A[3:]])
def test_what_a_spreadsheet_leaves(text: str) -> None:
    assert looks_damaged(text)


@pytest.mark.parametrize("value", [SHA256_A, b64(SHA256_A), PDQ])
@pytest.mark.parametrize("before", ["", f"{MD5_A}\n"])
def test_sha256_or_pdq_is_refused_until_declared(read: Any, value: str, before: str) -> None:
    with pytest.raises(ExchangeError, match=r"SHA-256 or PDQ: say which .*--hash-type"):
        read(f"{before}{value}\n")
    as_sha256 = read(f"{before}{value}\n", hash_type="sha256").records[-1]
    as_pdq = read(f"{before}{value}\n", hash_type="pdq").records[-1]
    assert as_sha256.digests.sha256 is not None
    assert not as_sha256.hashes
    assert as_pdq.hashes[0].algorithm == "pdq"
    assert as_pdq.hashes[0].hex == as_sha256.digests.sha256
    assert not as_pdq.digests


def test_an_ambiguous_line_far_below_is_refused_alone(read: Any) -> None:
    lines = [f"{n:032x}" for n in range(1, 3000)]
    found = read("\n".join([*lines, SHA256_A, MD5_A]))
    assert len(found.records) == 3000
    assert [(r.position, r.reason) for r in found.rejects] == [(3000, UNDECLARED)]


def test_a_declared_type_by_the_format(read: Any) -> None:
    found = read(f"{SHA256_A}\n", format="sha256-list")
    assert found.info.format == "sha256-list"
    assert found.records[0].digests == Digests(sha256=SHA256_A)


@pytest.mark.parametrize("title", ["SHA-256", "sha256", '"SHA-256"', "SHA256_HASH"])
def test_a_declared_type_by_the_first_line(read: Any, title: str) -> None:
    found = read(f"{title}\n{SHA256_A}\n")
    assert found.records[0].digests == Digests(sha256=SHA256_A)
    assert found.records[0].position == 2
    assert found.info.format == ("xways-text" if title == "SHA-256" else "sha256-list")


def test_a_declared_perceptual_hash(read: Any) -> None:
    found = read("0123456789abcdef\n", format="plain", hash_type="phash")
    assert found.records[0].hashes == (HashValue.from_hex("phash", "0123456789abcdef"),)


def test_wrong_declarations(read: Any) -> None:
    with pytest.raises(InputError, match=r"hash_type: expected one of md5, sha1, .* got 'crc32'"):
        read(f"{MD5_A}\n", hash_type="crc32")
    assert "sha512" not in HASH_TYPES


def test_mixed_kinds(read: Any) -> None:
    found = read(f"{MD5_A}\n{SHA1_B}\n{DNA.hex()}\n")
    assert found.info.format == "plain-list"
    assert [record.record_key.partition(":")[0] for record in found.records] == [
        "md5",
        "sha1",
        "photodna",
    ]
    assert {record.opinion.label for record in found.records} == {Label.UNCATEGORIZED}


def test_another_kind_below_the_head_is_read_and_counted(read: Any) -> None:
    lines = [f"{n:032x}" for n in range(1, 3000)]
    found = read("\n".join([*lines, SHA1_A]))
    assert found.info.format == "md5-list"
    assert found.records[-1].digests == Digests(sha1=SHA1_A)
    assert found.warnings["sha1 in a list of md5"] == 1


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("1.23456789012346E+30", "hash damaged by a spreadsheet"),
        (MD5_B[1:], "hash too short, opened in a spreadsheet?"),
        (MD5_B + "0", "hash length"),
        ("what is this", "no hash"),
        ("ab" * 64, "sha512 is not stored"),
        (EMPTY_MD5, "md5 of empty input"),
        (EMPTY_SHA1.upper(), "sha1 of empty input"),
        ("0" * 32, "md5 all zero"),
        ("F" * 40, "sha1 all F"),
        (b64("00" * 16), "md5 all zero"),
        (f"{MD5_B} {SHA1_B}", "two hashes on one line, describe the list by a mapping"),
    ],
)
def test_refused_lines(read: Any, line: str, reason: str) -> None:
    good = "\n".join(f"{n:032x}" for n in range(1, 20))
    found = read(f"{good}\n{line}\n{MD5_A}\n")
    assert [(r.position, r.reason, r.whole_record) for r in found.rejects] == [(20, reason, True)]
    assert found.rejects[0].raw == line
    assert len(found.records) == 20


@pytest.mark.parametrize(
    ("line", "digests"),
    [
        (f"{MD5_A}  a.jpg", Digests(md5=MD5_A)),
        (f"{MD5_A} *a.jpg", Digests(md5=MD5_A)),
        (f"\\{MD5_A}  a\\nb.jpg", Digests(md5=MD5_A)),
        (f"{MD5_A}\ta.jpg", Digests(md5=MD5_A)),
        (f"MD5 (a (1).jpg) = {MD5_A}", Digests(md5=MD5_A)),
        (f"MD5(a.jpg)= {MD5_A}", Digests(md5=MD5_A)),
        (f"SHA1 (a.jpg) = {SHA1_A}", Digests(sha1=SHA1_A)),
        (f"SHA256 (a.jpg) = {SHA256_A}", Digests(sha256=SHA256_A)),
        (f"{SHA256_A}  a.jpg", Digests(sha256=SHA256_A)),
        (f"{SHA256_A} *a.jpg", Digests(sha256=SHA256_A)),
        (f"{SHA1_A}  a.jpg", Digests(sha1=SHA1_A)),
    ],
)
def test_checksum_files(read: Any, line: str, digests: Digests) -> None:
    found = read(f"{line}\n")
    assert found.info.format == "md5sum"
    assert [record.digests for record in found.records] == [digests]
    assert found.warnings["dropped file name"] == 1
    assert "jpg" not in repr(found.records)


def test_64_digits_and_a_lone_blank_are_anybodys(read: Any) -> None:
    with pytest.raises(ExchangeError, match="SHA-256 or PDQ"):
        read(f"{SHA256_A} a.jpg\n")


@pytest.mark.parametrize(
    "text",
    [
        "hello\nworld\n",
        "# only a comment\n",
        "1.23E+30\n1.24E+30\n",
        f"title\n{MD5_A}\n",
        f"{MD5_A},1,a\n{MD5_B},2,b\n",
        f"{MD5_A};csam\n",
        "\n".join([MD5_A, "a", "b", "c", "d", MD5_B]),
        f"{MD5_A}\n\0\0\n",
        "md5\n",
    ],
)
def test_what_is_no_plain_list(read: Any, text: str) -> None:
    with pytest.raises(UnknownFormatError):
        read(text)


def test_detection_does_not_depend_on_where_the_head_ends(read: Any) -> None:
    text = "\r\n".join(f"{n:040x}" for n in range(1, 4000))
    for cut in range(1, 45):
        sample = sample_list(text.encode()[: 65_536 - cut])
        assert sample is not None
        assert sample.types == {"sha1"}


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_encodings(read: Any, encoding: str) -> None:
    text = f"# Prüfliste\r\n{MD5_A}\r\n{MD5_B}\r\n"
    found = read(text.encode(encoding))
    assert [record.digests.md5 for record in found.records] == [MD5_A, MD5_B]


def test_a_line_without_end_is_bounded(read: Any) -> None:
    found = read(f"{MD5_A}\n{'a' * 3_000_000}\n{MD5_B}\n")
    assert [record.position for record in found.records] == [1, 3]
    assert [reject.reason for reject in found.rejects] == ["line too long"]


@given(
    st.lists(
        st.sampled_from(
            [MD5_A, SHA1_B, EMPTY_SHA256, "# c", "", "x", MD5_B[1:], f"{MD5_B} *n", " " + SHA1_A]
        ),
        max_size=8,
    )
)
def test_every_line_is_accounted_for(
    tmp_path_factory: pytest.TempPathFactory, lines: list[str]
) -> None:
    from hashmatch.exchange import open_reader

    path = tmp_path_factory.getbasetemp() / "lines"
    path.write_text("\n".join([*lines, SHA256_B]))
    with open_reader(path, format="plain", hash_type="sha256") as reader:
        items = list(reader)
    told = [line for line in lines if line and not line.startswith("#")]
    assert len(items) == len(told) + 1
    assert reader.warnings["comment line"] == lines.count("# c")
