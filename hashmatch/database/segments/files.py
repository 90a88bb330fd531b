"""Files of a folder of segments: what is listed of them, whether they are it, what is left over."""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from pathlib import Path

from hashmatch.database.segments.manifest import MANIFEST, Listed, Manifest
from hashmatch.errors import IndexCorruptError, IndexFileError
from hashmatch.index.file_format import CHECKSUM, HEADER_CHECKSUM_AT

_SUFFIX = ".hmx"


def listed(folder: Path, path: Path) -> Listed:
    """What a manifest says of a file that was just written.

    Raises:
        IndexFileError: it can't be read.
    """
    size, checksum = size_and_checksum(path)
    return Listed(path.relative_to(folder).as_posix(), size, checksum)


def require(folder: Path, manifest: Manifest) -> None:
    """Every file is there, and is the one that is listed: by its size and the checksum in its
    header, which names all of its content. That the content is right is checked before it answers.

    Raises:
        IndexFileError, IndexCorruptError: names the first file that is not.
    """
    for file in manifest.files:
        size, checksum = size_and_checksum(folder / file.name)
        if (size, checksum) != (file.n_bytes, file.checksum):
            raise IndexCorruptError(
                f"{folder / file.name}: expected {file.n_bytes} bytes of checksum "
                f"{file.checksum}, got {size} of {checksum}"
            )


def copy_folder(old: Path, new: Path) -> None:
    """A folder with the same files. They never change, so they are linked where that is possible.

    Raises:
        IndexFileError: it can't be written.
    """
    try:
        new.mkdir(mode=0o700)
        for path in sorted(old.glob(f"*{_SUFFIX}")):
            try:
                os.link(path, new / path.name)
            except OSError:  # a file system without links
                shutil.copyfile(path, new / path.name)
    except OSError as error:
        raise IndexFileError(f"{new}: can't be written: {error.strerror}") from error


def forget_unlisted(folder: Path, manifest: Manifest) -> None:
    """Delete what no manifest names: earlier publications, and what a killed one left.

    Who has a file mapped goes on with it; who was about to open it reads the manifest again.
    """
    kept = {MANIFEST, *(file.name for file in manifest.files)}
    folders = {one.folder for one in manifest.hashes}
    for path in folder.iterdir():
        if path.is_dir() and not path.is_symlink():
            if path.name.startswith("hashes-") and path.name not in folders:
                shutil.rmtree(path, ignore_errors=True)
            continue
        is_ours = path.name.endswith((_SUFFIX, ".part"))
        if is_ours and path.name not in kept:
            with suppress(OSError):
                path.unlink()


def size_and_checksum(path: Path) -> tuple[int, str]:
    """Bytes of a file, and the checksum in its header.

    Raises:
        IndexFileError: it can't be read. IndexCorruptError: it is shorter than a header.
    """
    try:
        with path.open("rb") as file:
            head = file.read(HEADER_CHECKSUM_AT + CHECKSUM.size)
            size = os.fstat(file.fileno()).st_size
    except OSError as error:
        raise IndexFileError(f"{path}: can't be read: {error.strerror}") from error
    if len(head) < HEADER_CHECKSUM_AT + CHECKSUM.size:
        raise IndexCorruptError(f"{path}: expected an index file, got {size} bytes")
    return size, f"{CHECKSUM.unpack_from(head, HEADER_CHECKSUM_AT)[0]:016x}"
