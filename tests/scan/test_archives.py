"""Archives as containers: members are items, within limits, and what can't be read says why."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from exhibits import IN_PROCESS, exported, paths_of, states_of, tile

from hashmatch.errors import InputError
from hashmatch.scan import ArchiveLimits, Catalogue, CatalogueItem, scan_into

FILES = {"a.png": tile(1), "folder/b.png": tile(2), "words": b"only words", "empty": b""}


def zipped(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return stream.getvalue()


def tarred(files: dict[str, bytes], format: int = tarfile.PAX_FORMAT) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w", format=format) as archive:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return stream.getvalue()


def seven_zipped(files: dict[str, bytes], **options: Any) -> bytes:
    py7zr = pytest.importorskip("py7zr", reason="py7zr is not installed: extra archives")
    stream = io.BytesIO()
    with py7zr.SevenZipFile(stream, "w", **options) as archive:
        for name, data in files.items():
            archive.writestr(data, name)
    return stream.getvalue()


FORMS: dict[str, Callable[[dict[str, bytes]], bytes]] = {
    "zip": zipped,
    "stored.zip": lambda files: zipped(files, zipfile.ZIP_STORED),
    "lzma.zip": lambda files: zipped(files, zipfile.ZIP_LZMA),
    "tar": tarred,
    "gnu.tar": lambda files: tarred(files, tarfile.GNU_FORMAT),
    "tar.gz": lambda files: gzip.compress(tarred(files)),
    "tar.bz2": lambda files: bz2.compress(tarred(files)),
    "tar.xz": lambda files: lzma.compress(tarred(files)),
    "7z": seven_zipped,
}


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[Catalogue]:
    with Catalogue.open(tmp_path / "out", create=True) as opened:
        yield opened


@pytest.fixture
def exhibit(tmp_path: Path) -> Path:
    (tmp_path / "exhibit").mkdir()
    return tmp_path / "exhibit"


def members(
    catalogue: Catalogue, exhibit: Path, archives: ArchiveLimits | bool = True
) -> dict[str, CatalogueItem]:
    """What a scan finds, by the name below the exhibit."""
    scan_into(catalogue, [exhibit], recipe=IN_PROCESS, archives=archives)
    return {item.name.removeprefix(f"{exhibit}/"): item for item in catalogue.items()}


def statuses(items: dict[str, CatalogueItem]) -> dict[str, str]:
    return {name: item.status for name, item in items.items()}


@pytest.mark.parametrize("form", FORMS)
def test_members_are_items(catalogue: Catalogue, exhibit: Path, form: str) -> None:
    (exhibit / "archive").write_bytes(FORMS[form](FILES))
    (exhibit / "a.png").write_bytes(FILES["a.png"])
    found = members(catalogue, exhibit)
    assert statuses(found) == {
        "a.png": "OK",
        "archive": "UNSUPPORTED",
        "archive!/a.png": "OK",
        "archive!/folder/b.png": "OK",
        "archive!/words": "UNSUPPORTED",
        "archive!/empty": "EMPTY",
    }
    assert found["archive!/a.png"].content == found["a.png"].content
    assert found["archive!/folder/b.png"].size == len(FILES["folder/b.png"])
    assert catalogue.ledger().seen == 6
    assert catalogue.ledger().failed == 0


def test_without_asking_an_archive_is_a_file(catalogue: Catalogue, exhibit: Path) -> None:
    """And what changes between runs is what is asked for: no member is left over."""
    (exhibit / "archive").write_bytes(zipped(FILES))
    plain = statuses(members(catalogue, exhibit, archives=False))
    assert plain == {"archive": "UNSUPPORTED"}
    opened = members(catalogue, exhibit)
    assert len(opened) == 5
    limited = ArchiveLimits(max_member_bytes=20)
    assert statuses(members(catalogue, exhibit, limited))["archive!/a.png"] == "LIMIT"
    again = scan_into(catalogue, [exhibit], recipe=IN_PROCESS, archives=limited)
    assert (again.unchanged, again.members) == (1, 0)
    assert statuses(members(catalogue, exhibit, archives=False)) == plain
    assert members(catalogue, exhibit) == opened


def test_archives_within_archives(catalogue: Catalogue, exhibit: Path) -> None:
    inner = zipped({"deep.png": tile(3)})
    middle = tarred({"inner.zip": inner, "mid.png": tile(4)})
    (exhibit / "outer.zip").write_bytes(zipped({"middle.tar": middle}))
    found = members(catalogue, exhibit)
    assert statuses(found) == {
        "outer.zip": "UNSUPPORTED",
        "outer.zip!/middle.tar": "UNSUPPORTED",
        "outer.zip!/middle.tar!/inner.zip": "UNSUPPORTED",
        "outer.zip!/middle.tar!/inner.zip!/deep.png": "OK",
        "outer.zip!/middle.tar!/mid.png": "OK",
    }
    deep = found["outer.zip!/middle.tar!/inner.zip!/deep.png"]
    assert deep.to_dict()["member"] == ["middle.tar", "inner.zip", "deep.png"]
    found = members(catalogue, exhibit, ArchiveLimits(max_depth=2))
    item = found["outer.zip!/middle.tar!/inner.zip"]
    assert (item.status, item.outcome) == ("LIMIT", "failed")
    assert "outer.zip!/middle.tar!/inner.zip!/deep.png" not in found


def test_names_are_kept_and_lead_nowhere(catalogue: Catalogue, exhibit: Path) -> None:
    names = ["../up.png", "/abs.png", "caf\N{LATIN SMALL LETTER E WITH ACUTE}.png", "a\nb.png"]
    (exhibit / "zip").write_bytes(zipped(dict.fromkeys(names, tile(1))))
    raw = tarred({"XXX.png": tile(1)}, tarfile.USTAR_FORMAT)
    header = raw[:512].replace(b"XXX", b"\xe4X-")
    total = sum(header) - sum(header[148:156]) + 8 * 32
    (exhibit / "tar").write_bytes(header[:148] + b"%06o\0 " % total + header[156:] + raw[512:])
    paths = paths_of(exhibit.parent / "exhibit")
    before = states_of(paths)
    found = members(catalogue, exhibit)
    assert {item.member for item in found.values()} == {
        b"",
        b"\xe4X-.png",
        *(name.encode() for name in names),
    }
    assert states_of(paths) == before
    assert not (exhibit.parent / "up.png").exists()


def test_two_members_of_one_name(catalogue: Catalogue, exhibit: Path) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("x.png", tile(1))
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("x.png", tile(2))
    (exhibit / "zip").write_bytes(stream.getvalue())
    found = members(catalogue, exhibit)
    assert found["zip!/x.png"].content != found["zip!/x.png (2)"].content


def test_links_and_devices_within(catalogue: Catalogue, exhibit: Path) -> None:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        for name, kind in (("s", tarfile.SYMTYPE), ("h", tarfile.LNKTYPE), ("c", tarfile.CHRTYPE)):
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, "/etc/passwd"
            archive.addfile(info)
    (exhibit / "tar").write_bytes(stream.getvalue())
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as zip_file:
        link = zipfile.ZipInfo("s")
        link.external_attr = 0o120777 << 16
        zip_file.writestr(link, "/etc/passwd")
    (exhibit / "zip").write_bytes(stream.getvalue())
    found = members(catalogue, exhibit)
    reasons = {name: item.reason for name, item in found.items() if item.status == "SKIPPED"}
    assert reasons == {
        "tar!/s": "symbolic link",
        "tar!/h": "hard link",
        "tar!/c": "not a regular file",
        "zip!/s": "symbolic link",
    }


def test_encrypted_members(catalogue: Catalogue, exhibit: Path) -> None:
    data = bytearray(zipped({"a.png": tile(1)}))
    data[6] |= 1  # in the member's own header, and in the directory
    data[data.rindex(b"PK\x01\x02") + 8] |= 1
    (exhibit / "zip").write_bytes(data)
    found = members(catalogue, exhibit)
    assert statuses(found) == {"zip": "UNSUPPORTED", "zip!/a.png": "ENCRYPTED"}
    assert catalogue.ledger().reasons["failed", "ENCRYPTED"] == 1


@pytest.mark.parametrize("header", [False, True])
def test_encrypted_7z(catalogue: Catalogue, exhibit: Path, header: bool) -> None:
    options = {"password": "x", "header_encryption": header}
    (exhibit / "7z").write_bytes(seven_zipped({"a.png": tile(1)}, **options))
    found = statuses(members(catalogue, exhibit))
    if header:
        assert found == {"7z": "ENCRYPTED"}
    else:
        assert found == {"7z": "UNSUPPORTED", "7z!/a.png": "ENCRYPTED"}


def test_7z_without_its_library(
    catalogue: Catalogue, exhibit: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is counted, with what to install; with the library it is looked into."""
    (exhibit / "7z").write_bytes(b"7z\xbc\xaf\x27\x1c" + bytes(100))
    with monkeypatch.context() as patch:
        patch.setitem(__import__("sys").modules, "py7zr", None)
        item = members(catalogue, exhibit)["7z"]
    assert (item.status, item.outcome) == ("UNSUPPORTED", "failed")
    assert item.reason is not None
    assert "hashmatch[archives]" in item.reason
    pytest.importorskip("py7zr", reason="py7zr is not installed: extra archives")
    assert members(catalogue, exhibit)["7z"].status == "CORRUPT"


@pytest.mark.parametrize("form", ["zip", "tar", "tar.gz", "tar.xz", "7z"])
def test_archives_cut_short_or_damaged(catalogue: Catalogue, exhibit: Path, form: str) -> None:
    whole = FORMS[form]({f"{n}.png": tile(n) for n in range(6)})
    damaged = bytearray(whole)
    middle = len(whole) // 2
    damaged[middle : middle + 40] = bytes(40)
    (exhibit / "cut").write_bytes(whole[:middle])
    (exhibit / "damaged").write_bytes(damaged)
    found = statuses(members(catalogue, exhibit))
    assert found["cut"] == "CORRUPT"
    told = {status for name, status in found.items() if name.startswith("damaged")}
    assert ("TRUNCATED" if form == "tar" else "CORRUPT") in told  # tar itself has no checksums
    assert set(found.values()) <= {"OK", "CORRUPT", "UNSUPPORTED", "TRUNCATED"}


def test_what_only_begins_like_an_archive(catalogue: Catalogue, exhibit: Path) -> None:
    for name, data in (
        ("words.gz", gzip.compress(b"only words")),
        ("words.bz2", bz2.compress(b"only words" * 100)),
    ):
        (exhibit / name).write_bytes(data)
    found = members(catalogue, exhibit)
    assert set(statuses(found).values()) == {"UNSUPPORTED"}
    assert {item.outcome for item in found.values()} == {"rejected"}


def test_what_can_not_be_unpacked_from_its_beginning(catalogue: Catalogue, exhibit: Path) -> None:
    """It may be an archive, and nobody can say: that is a failure."""
    damaged = bytearray(bz2.compress(tarred(FILES)))
    damaged[20] ^= 0xFF
    (exhibit / "tar.bz2").write_bytes(damaged)
    (exhibit / "gz").write_bytes(b"\x1f\x8b\x08" + bytes(40))
    found = members(catalogue, exhibit)
    assert statuses(found) == {"tar.bz2": "CORRUPT", "gz": "CORRUPT"}
    assert {item.outcome for item in found.values()} == {"failed"}


@pytest.mark.parametrize("form", ["zip", "tar.gz", "7z"])
def test_bombs_end_at_a_limit(
    catalogue: Catalogue, exhibit: Path, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hashmatch.scan.archives._RATIO_FROM", 1000)
    zeros = bytes(3 * 1024 * 1024)
    (exhibit / "bomb").write_bytes(FORMS[form]({"first.png": tile(1), "zeros": zeros}))
    found = members(catalogue, exhibit)
    assert found["bomb"].status == "LIMIT"
    assert "200 times" in (found["bomb"].reason or "")
    assert "bomb!/zeros" not in found


def test_limits_on_members_and_bytes(catalogue: Catalogue, exhibit: Path) -> None:
    files = {f"{n}": bytes([n]) * 1000 for n in range(6)}
    (exhibit / "zip").write_bytes(zipped(files))
    found = members(catalogue, exhibit, ArchiveLimits(max_members=4))
    assert (len(found), found["zip"].status) == (5, "LIMIT")
    found = members(catalogue, exhibit, ArchiveLimits(max_total_bytes=2500))
    assert (len(found), found["zip"].status) == (3, "LIMIT")
    # The limits are those of the file on the disk: what is nested counts too.
    (exhibit / "zip").write_bytes(zipped({"in.zip": zipped(files), "last": b"x"}))
    found = members(catalogue, exhibit, ArchiveLimits(max_members=4))
    assert found["zip"].status == "LIMIT"
    assert "zip!/last" not in found
    with pytest.raises(InputError, match="max_depth"):
        ArchiveLimits(max_depth=0)


def test_a_tar_header_without_end(catalogue: Catalogue, exhibit: Path) -> None:
    """Names are read as a whole: one of gigabytes must not be."""
    info = tarfile.TarInfo("././@LongLink")
    info.type, info.size = tarfile.GNUTYPE_LONGNAME, 20 * 1024 * 1024
    data = info.tobuf(tarfile.GNU_FORMAT) + b"n" * info.size
    (exhibit / "tar.gz").write_bytes(gzip.compress(data))
    item = members(catalogue, exhibit)["tar.gz"]
    assert item.status == "LIMIT"
    assert "header" in (item.reason or "")


def test_a_zip_directory_larger_than_allowed(catalogue: Catalogue, exhibit: Path) -> None:
    """It is read as a whole too: not before its size was looked at."""
    files = {f"{'n' * 200}{number}": b"" for number in range(40)}
    (exhibit / "zip").write_bytes(zipped(files))
    item = members(catalogue, exhibit, ArchiveLimits(max_members=30))["zip"]
    assert item.status == "LIMIT"
    assert "directory" in (item.reason or "")


def test_stopped_within_an_archive(catalogue: Catalogue, exhibit: Path, tmp_path: Path) -> None:
    (exhibit / "zip").write_bytes(zipped({f"{n:03}.png": tile(n) for n in range(60)}))
    asked = iter(range(10_000))
    stopped = scan_into(
        catalogue, [exhibit], recipe=IN_PROCESS, archives=True, stop=lambda: next(asked) > 40
    )
    assert not stopped.complete
    kept = len(list(catalogue.items()))
    assert 0 < kept < 61
    summary = scan_into(catalogue, [exhibit], recipe=IN_PROCESS, archives=True)
    assert summary.copies >= kept  # known by their digests: not decoded again
    assert len(list(catalogue.items())) == 61
    with Catalogue.open(tmp_path / "clean", create=True) as clean:
        scan_into(clean, [exhibit], recipe=IN_PROCESS, archives=True)
        assert exported(catalogue) == exported(clean)
