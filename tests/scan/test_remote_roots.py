"""Roots that are URLs: the same items and hashes as of the files themselves, and no secrets."""

from __future__ import annotations

import os
import sys
import zipfile
from pathlib import Path
from typing import Any, ClassVar

import pytest
from clips import make_clip, shots
from command import invoke
from exhibits import IN_PROCESS, exported, fill, tile
from seized import seize
from web_folder import served

from hashmatch.errors import InputError, MediaAccessError, MissingExtraError
from hashmatch.scan import (
    Catalogue,
    ScanSummary,
    checked_roots,
    entries,
    remote_listing,
    require_outside,
    scan_into,
    without_secrets,
)
from hashmatch.triage.reading_again import EvidenceReader

fsspec = pytest.importorskip("fsspec")


class Store(fsspec.AbstractFileSystem):  # type: ignore[misc,name-defined]
    """Objects in this process, as a bucket has them: keys, and an ETag each."""

    protocol = "hmstore"
    objects: ClassVar[dict[str, tuple[bytes, str]]] = {}
    refused: ClassVar[set[str]] = set()
    opened: ClassVar[list[str]] = []

    @classmethod
    def _get_kwargs_from_urls(cls, path: str) -> dict[str, Any]:
        return {}

    @classmethod
    def _strip_protocol(cls, path: str) -> str:
        return path.removeprefix("hmstore://").rpartition("@")[2].strip("/")

    def info(self, path: str, **_: Any) -> dict[str, Any]:
        path = self._strip_protocol(path)
        if path in self.objects:
            data, etag = self.objects[path]
            return {"name": path, "size": len(data), "type": "file", "ETag": etag}
        if any(key.startswith(path + "/") for key in self.objects):
            return {"name": path, "size": 0, "type": "directory"}
        raise FileNotFoundError(f"hmstore://root:secret@{path}")

    def ls(self, path: str, detail: bool = True, **_: Any) -> list[Any]:
        path = self._strip_protocol(path)
        if path in self.refused:
            raise RuntimeError("no connection for root:secret")
        rests = {key[len(path) + 1 :].split("/")[0] for key in self.objects if f"{path}/" in key}
        return [self.info(f"{path}/{rest}") for rest in rests if rest]

    def cat_file(self, path: str, start: Any = None, end: Any = None, **_: Any) -> bytes:
        self.opened.append(path)
        if path in self.refused:
            raise PermissionError("root:secret may not")
        return self.objects[path][0][start:end]

    def _open(self, path: str, mode: str = "rb", **_: Any) -> Any:
        import io

        return io.BytesIO(self.cat_file(path))


@pytest.fixture(autouse=True)
def store() -> type[Store]:
    fsspec.register_implementation("hmstore", Store, clobber=True)
    Store.objects.clear()
    Store.refused.clear()
    Store.opened.clear()
    return Store


def scan(folder: Path, *roots: str | Path, **options: Any) -> tuple[ScanSummary, Catalogue]:
    catalogue = Catalogue.open(folder, create=True)
    return scan_into(catalogue, roots, **{"recipe": IN_PROCESS, **options}), catalogue


def a_clip() -> bytes:
    return make_clip(shots((1, 2), 10))


def found(catalogue: Catalogue) -> list[tuple[Any, ...]]:
    """All that does not depend on where it lies, in the catalogue's order."""
    with catalogue:
        return [
            (
                item.path,
                item.member,
                item.status,
                item.reason,
                None if item.content is None else item.content.to_dict(),
            )
            for item in catalogue.items()
        ]


@pytest.mark.parametrize("isolate", [False, True])
def test_a_file_url_gives_what_the_path_gives(tmp_path: Path, isolate: bool) -> None:
    """Odd names, links, a pipe, a video, an archive, a large file, one that may not be read."""
    root = seize(tmp_path).root
    (root / "clip.mp4").write_bytes(a_clip())
    (root / "large.bmp").write_bytes(tile(3) + bytes(2_000_000))
    with zipfile.ZipFile(root / "packed.zip", "w") as packed:
        packed.writestr("within.png", tile(1))
    recipe = {"recipe": type(IN_PROCESS)(isolate=isolate)}
    here = scan(tmp_path / "here", root, archives=True, **recipe)[1]
    url = f"file://{root}"
    summary, there = scan(tmp_path / "there", url, archives=True, **recipe)
    assert summary.complete
    assert found(there) == found(here)
    again, there = scan(tmp_path / "there", url, archives=True, **recipe)
    with there:
        assert (again.examined, again.copies, again.new) == (0, 0, 0)
        assert again.unchanged == again.listed - 2  # but the link and the pipe
        assert {item.root for item in there.items()} == {os.fsencode(url)}


def filled(store: type[Store]) -> None:
    for number in range(12):
        store.objects[f"bucket/case/{number // 5}/{number:02}.png"] = (tile(number), f"e{number}")
    store.objects["bucket/case/copy.png"] = (tile(3), "other")
    store.objects["bucket/case/"] = (b"", "a folder's own marker")
    store.objects["bucket/other/no.png"] = (tile(100), "x")


def test_a_bucket(tmp_path: Path, store: type[Store]) -> None:
    filled(store)
    summary, catalogue = scan(tmp_path / "out", "hmstore://root:secret@bucket/case/")
    assert (summary.listed, summary.examined + summary.copies) == (13, 13)
    with catalogue:
        paths = [item.path for item in catalogue.items()]
        assert paths == sorted(paths)
        assert paths[0] == b"0/00.png"
        assert {item.root for item in catalogue.items()} == {b"hmstore://bucket/case"}
        assert len({item.device for item in catalogue.items()}) == 1
        assert len({item.inode for item in catalogue.items()}) == 13
        assert "secret" not in exported(catalogue) + str(catalogue.runs())
        content = next(item.content for item in catalogue.items())
        assert content is not None
        with EvidenceReader(catalogue, IN_PROCESS) as again:
            made = again(content.number)
        assert made is not None
        assert made.hashes["pdq"].value == content.pdq
    listed = [entry.path for entry in entries(checked_roots(["hmstore://bucket/case"]))]
    assert listed == [b"copy.png", *(p for p in paths if p != b"copy.png")]
    assert b"secret" not in b"".join(p.read_bytes() for p in (tmp_path / "out").iterdir())


def test_what_changes_and_what_is_refused(tmp_path: Path, store: type[Store]) -> None:
    filled(store)
    url = "hmstore://root:secret@bucket/case"
    scan(tmp_path / "out", url)[1].close()
    store.opened.clear()
    store.objects["bucket/case/0/01.png"] = (tile(50), "new")  # of another size, or the same
    store.objects["bucket/case/0/02.png"] = (tile(2), "touched")
    del store.objects["bucket/case/0/03.png"]
    store.refused |= {"bucket/case/0/04.png", "bucket/case/1"}
    store.objects["bucket/case/0/04.png"] = (tile(4), "again")
    summary, catalogue = scan(tmp_path / "out", url)
    assert (summary.changed, summary.examined, summary.gone) == (3, 1, 1)
    assert sorted(store.opened) == [f"bucket/case/0/0{n}.png" for n in (1, 2, 4)]
    with catalogue:
        states = {item.path: (item.status, item.reason) for item in catalogue.items()}
    assert states[b"0/04.png"] == ("PERMISSION", os.strerror(13))
    assert states[b"1"] == ("UNREADABLE", os.strerror(5))
    assert states[b"1/05.png"][0] == "OK"  # what can't be listed is not gone


def test_changed_while_it_is_read(
    tmp_path: Path, store: type[Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    store.objects["bucket/a.png"] = (tile(1), "1")
    store.objects["bucket/large.png"] = (tile(1) + bytes(1_100_000), "1")
    before = Store.cat_file

    def changing(self: Store, path: str, *rest: Any, **more: Any) -> bytes:
        data = before(self, path, *rest, **more)
        store.objects[path] = (store.objects[path][0], "2")
        return data

    monkeypatch.setattr(Store, "cat_file", changing)
    _, catalogue = scan(tmp_path / "out", "hmstore://bucket")
    with catalogue:
        assert [item.status for item in catalogue.items()] == ["CHANGED"] * 2


def test_limits_of_a_listing(
    tmp_path: Path, store: type[Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    store.objects["bucket/" + "a/" * 70 + "deep.png"] = (tile(1), "1")
    (deep,) = entries([b"hmstore://bucket"])
    assert (deep.status, deep.is_folder) == ("LIMIT", True)
    filled(store)
    monkeypatch.setattr(remote_listing, "MAX_NAMES", 4)
    listed = list(entries([b"hmstore://bucket/case"]))
    assert [entry.path for entry in listed if entry.status] == [b"0", b"1"]
    monkeypatch.setattr(remote_listing, "MAX_ITEMS", 3)
    *_, last = entries([b"hmstore://bucket/case"])
    assert (last.path, last.status) == (b"", "LIMIT")


def test_a_web_server(tmp_path: Path) -> None:
    pytest.importorskip("aiohttp")
    root = fill(tmp_path / "exhibit", 12)
    (root / "empty").touch()
    with served(root, "user", "secret") as url:
        summary, there = scan(tmp_path / "there", url)
        one, single = scan(tmp_path / "one", url + "folder-0/0000.png?token=secret")
        of_index = found(there)
        again = scan(tmp_path / "there", url)[0]
    assert (summary.listed, one.listed, again.unchanged) == (13, 1, 13)
    assert of_index == found(scan(tmp_path / "here", root)[1])
    with single:
        (item,) = single.items()
        assert (item.path, item.status) == (b"", "OK")
        assert "secret" not in exported(single)


def test_the_commands(
    tmp_path: Path,
    store: type[Store],
    monkeypatch: pytest.MonkeyPatch,
    capfdbinary: pytest.CaptureFixture[bytes],
) -> None:
    """To the end, with previews of both kinds."""
    filled(store)
    store.objects["bucket/case/clip.mp4"] = (a_clip(), "clip")
    words = ["dedupe", "hmstore://root:secret@bucket/case", "--out", str(tmp_path / "out")]
    monkeypatch.setattr(sys, "argv", ["hashmatch", *words])
    done = invoke(capfdbinary, *words, "--previews", "blurred", "--in-process")
    assert done.code == 0, done.err
    report = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert report.count("data:image") >= 2
    assert "hmstore://bucket/case/copy.png" in report
    written = b"".join(p.read_bytes() for p in (tmp_path / "out").rglob("*") if p.is_file())
    assert b"secret" not in written + done.out.encode() + done.err.encode()


def test_wrong_roots(tmp_path: Path, store: type[Store], monkeypatch: pytest.MonkeyPatch) -> None:
    root = fill(tmp_path / "exhibit", 1)
    filled(store)
    for wrong in ("hmstore://", "simplecache::hmstore://x", "nosuchthing://u:secret@host/x"):
        with pytest.raises(InputError, match="roots") as raised:
            checked_roots([wrong])
        assert "secret" not in str(raised.value)
    with pytest.raises(InputError, match="query"):
        checked_roots(["https://host/folder/?token=x"])
    with pytest.raises(InputError, match="lies within"):
        checked_roots(["hmstore://bucket", "hmstore://bucket/case"])
    with pytest.raises(InputError, match="lies within"):
        checked_roots([root, f"file://{root}/folder-0"])
    with pytest.raises(InputError, match="outside"):
        require_outside(root / "out", checked_roots([f"file://{root}"]))
    with pytest.raises(MediaAccessError) as gone:
        checked_roots(["hmstore://root:secret@bucket/nothing"])
    assert str(gone.value) == f"hmstore://bucket/nothing: {os.strerror(2)}"
    monkeypatch.setitem(sys.modules, "s3fs", None)
    monkeypatch.delitem(sys.modules["fsspec.registry"]._registry, "s3", raising=False)
    with pytest.raises(MissingExtraError, match="s3fs"):
        checked_roots(["s3://bucket/x"])
    monkeypatch.setitem(sys.modules, "fsspec", None)
    with pytest.raises(MissingExtraError, match=r"hashmatch\[ray\]"):
        checked_roots(["s3://bucket/x"])


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("sftp://user:pass@host:22/x@y/z", "sftp://host:22/x@y/z"),
        ("https://token@host/a.png?sig=1#f", "https://host/a.png"),
        ("--db=postgresql://u:p@h/db", "--db=postgresql://h/db"),
        ("s3://bucket/a?b", "s3://bucket/a?b"),
        ("/plain/a@b", "/plain/a@b"),
    ],
)
def test_secrets_are_taken_out(text: str, shown: str) -> None:
    assert without_secrets(text) == shown
