"""A room knows only the rooms below it; C++ bindings stand apart from the core."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

LEVELS: dict[str, int] = {
    **dict.fromkeys(
        ("errors", "types", "facts", "algorithms", "encoding", "ledger", "closing", "_version"), 0
    ),
    **dict.fromkeys(("_native", "cpu"), 1),
    **dict.fromkeys(("decode", "hashing", "index", "store", "exchange", "audit"), 2),
    **dict.fromkeys(("fingerprinting", "database"), 3),
    **dict.fromkeys(("matching", "clustering"), 4),
    **dict.fromkeys(("scan", "report", "cluster"), 5),
    "triage": 6,
    "cli": 7,
    "__main__": 8,
}
PACKAGES_FROM = 2  # from here on rooms are packages, and those of one level do not know each other
FACE = "the public face"


def room_of(path: Path, package: Path) -> str:
    return path.relative_to(package).parts[0].removesuffix(".py").removesuffix(".pyi")


def absolute(path: Path, package: Path, node: ast.ImportFrom) -> str:
    """The module that ``from ... import`` names, relative ones resolved."""
    if node.level == 0:
        return node.module or ""
    parts = ["hashmatch", *path.relative_to(package).with_suffix("").parts]
    base = parts[: len(parts) - node.level]
    return ".".join([*base, *([node.module] if node.module else [])])


def imported(path: Path, package: Path) -> Iterator[tuple[int, str]]:
    """(line, dotted name) of every import of hashmatch in a file, wherever it stands."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            module = absolute(path, package, node)
            names = [f"{module}.{alias.name}" for alias in node.names]
        else:
            continue
        for name in names:
            if name == "hashmatch" or name.startswith("hashmatch."):
                yield node.lineno, name


def target_of(name: str, package: Path) -> str:
    """The room that a dotted name lies in; FACE for a name of ``hashmatch`` itself."""
    parts = name.split(".")
    if len(parts) == 1:
        return FACE
    if parts[1] == "__version__":
        return "_version"
    exists = any((package / f"{parts[1]}{end}").exists() for end in ("", ".py", ".pyi"))
    return parts[1] if exists else FACE


def python_files(package: Path) -> list[Path]:
    return [p for p in sorted(package.rglob("*.py")) if p != package / "__init__.py"]


@pytest.fixture(scope="module")
def package(root: Path) -> Path:
    return root / "hashmatch"


def test_every_room_has_a_level(package: Path) -> None:
    rooms = {room_of(path, package) for path in python_files(package)}
    assert rooms <= set(LEVELS), "give the new room its level here and in docs/architecture.md"
    assert {"errors", "cpu", "hashing", "index"} <= rooms


def test_imports_go_down(package: Path) -> None:
    wrong = []
    seen = 0
    for path in python_files(package):
        room = room_of(path, package)
        for line, name in imported(path, package):
            seen += 1
            target = target_of(name, package)
            if target == room:
                continue
            above = target == FACE or LEVELS[target] > LEVELS[room]
            beside = not above and LEVELS[target] == LEVELS[room] and LEVELS[room] >= PACKAGES_FROM
            if (above or beside) and not (room == "cli" and target == FACE):
                wrong.append(f"{path.relative_to(package)}:{line} imports {name}")
    assert wrong == []
    assert seen > 20


def public_names(folder: Path) -> set[str]:
    """A package's ``__all__``, read and not imported."""
    for node in ast.parse((folder / "__init__.py").read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            return set(ast.literal_eval(node.value))
    return set()


def test_the_command_line_uses_public_names_only(package: Path) -> None:
    """Names of a package's ``__all__``, imported or reached through the package; nothing else."""
    wrong = []
    for path in sorted((package / "cli").rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for line, name in imported(path, package):
            room = package / target_of(name, package)
            if room.name == "cli" or not room.is_dir():
                continue
            used = {name.removeprefix(f"hashmatch.{room.name}.")}
            if name == f"hashmatch.{room.name}":
                used = {
                    node.attr
                    for node in ast.walk(tree)
                    if isinstance(node, ast.Attribute) and ast.unparse(node.value) == room.name
                }
            if not used <= public_names(room):
                wrong.append(f"{path.name}:{line} imports {name}: {used - public_names(room)}")
    assert wrong == []


def test_the_rules_catch_what_they_forbid(tmp_path: Path) -> None:
    """The parser above sees each way of writing an import."""
    (tmp_path / "store").mkdir()
    (tmp_path / "index").mkdir()
    (tmp_path / "cpu.py").touch()
    path = tmp_path / "index" / "room.py"
    path.write_text(
        "import hashmatch.store\n"
        "from hashmatch import store, cpu, pdq\n"
        "from hashmatch.store import sqlite as s\n"
        "from ..store import rows\n"
        "from .hamming import x\n"
        "def f():\n    from .. import store\n"
        "import hashmatch\n",
        encoding="utf-8",
    )
    found = [target_of(name, tmp_path) for _, name in imported(path, tmp_path)]
    assert sorted(found) == sorted(
        ["store", "store", "cpu", FACE, "store", "store", "index", "store", FACE]
    )


INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]([^>"]+)[>"]', re.MULTILINE)


def includes(root: Path) -> list[tuple[str, str]]:
    """(file under src_cpp, what it includes)."""
    source = root / "src_cpp"
    return [
        (path.relative_to(source).as_posix(), name)
        for path in sorted([*source.rglob("*.cpp"), *source.rglob("*.hpp")])
        for name in INCLUDE.findall(path.read_text(encoding="utf-8"))
    ]


def test_python_stays_in_the_bindings(root: Path) -> None:
    wrong = [
        (file, name)
        for file, name in includes(root)
        if (name.startswith("pybind11/") or name in ("Python.h", "numpy/arrayobject.h"))
        and not file.startswith("bindings/")
    ]
    assert wrong == []
    assert any(name.startswith("pybind11/") for _, name in includes(root))


def test_bindings_see_public_headers_only(root: Path) -> None:
    rooms = {path.name for path in (root / "src_cpp").iterdir() if path.is_dir()}
    for file, name in includes(root):
        top, slash, _ = name.partition("/")
        if file.startswith("bindings/"):  # <memory> and <vector> are no rooms
            assert not slash or top not in rooms - {"bindings"}, (file, name)
        else:
            assert top != "bindings", (file, name)
        if file.startswith("include/"):
            assert "/" not in name or top == "hashmatch", (file, name)


def test_rooms_of_the_core_do_not_know_each_other(root: Path) -> None:
    """image_hash and hamming meet only in cpu; the same for every later room."""
    apart = {"image_hash", "hamming", "video_hash", "vector"}
    homes = {
        "pdq.hpp": "image_hash",
        "picture_hashes.hpp": "image_hash",
        "hamming.hpp": "hamming",
        "hamming_index.hpp": "hamming",
        "vector.hpp": "vector",
        "vector_index.hpp": "vector",
    }
    for file, name in includes(root):
        room = file.split("/")[0]
        folder, slash, header = name.partition("/")
        if not slash:
            continue  # a standard header
        target = homes.get(header) if folder == "hashmatch" else folder
        if room in apart and target in apart:
            assert room == target, (file, name)
