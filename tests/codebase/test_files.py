"""Files are rooms with one purpose, and the build knows all of them."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

LIMIT = 300
TEST_LIMIT = 450  # a test file is a list of cases
LONGER: dict[str, str] = {}
"""Files that may be longer, each with the reason."""

GENERIC = {"util", "utils", "helper", "helpers", "common", "misc", "tools", "base_utils"}


def sources(root: Path) -> list[Path]:
    folders = ("hashmatch", "src_cpp", "tests", "benchmarks")
    found = [
        path
        for folder in folders
        for end in ("*.py", "*.pyi", "*.cpp", "*.hpp", "*.sh")
        for path in (root / folder).rglob(end)
    ]
    return sorted([*found, root / "setup.py"])


def test_files_are_short(root: Path) -> None:
    lengths = {
        path.relative_to(root).as_posix(): len(path.read_text(encoding="utf-8").splitlines())
        for path in sources(root)
    }
    assert len(lengths) > 50
    limits = {name: TEST_LIMIT if name.startswith("tests/") else LIMIT for name in lengths}
    long = {name: n for name, n in lengths.items() if n > limits[name]}
    assert set(long) == set(LONGER), long


def test_names_say_what_is_inside(root: Path) -> None:
    assert [path for path in sources(root) if path.stem in GENERIC] == []


def test_test_folders_hold_no_packages(root: Path) -> None:
    assert list((root / "tests").rglob("__init__.py")) == []


def assigned(root: Path, name: str) -> ast.expr:
    for node in ast.parse((root / "setup.py").read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == name:
            return node.value
    pytest.fail(f"setup.py assigns no {name}")


def test_the_build_compiles_every_source(root: Path) -> None:
    listed = ast.literal_eval(assigned(root, "SOURCES"))
    there = sorted(path.relative_to(root).as_posix() for path in root.glob("src_cpp/**/*.cpp"))
    assert sorted(listed) == there
    assert len(set(listed)) == len(listed)


def test_no_flag_of_the_build_depends_on_this_machine(root: Path) -> None:
    """A file compiled for AVX makes inline code that it shares need AVX, on every machine."""
    flags = ast.unparse(assigned(root, "FLAGS"))
    assert "-ffp-contract=off" in flags
    text = (root / "setup.py").read_text(encoding="utf-8")
    for forbidden in ("-march", "-mavx", "-mtune", "-ffast-math", "-Ofast"):
        assert forbidden not in text


def test_headers_are_guarded(root: Path) -> None:
    headers = list(root.glob("src_cpp/**/*.hpp"))
    assert headers
    for path in headers:
        assert path.read_text(encoding="utf-8").count("#pragma once\n") == 1, path.name
