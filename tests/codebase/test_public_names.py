"""``__all__`` is the public surface: sorted, complete, and every name is there."""

from __future__ import annotations

import ast
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

import hashmatch

PACKAGES = sorted(
    path.parent.name for path in Path(hashmatch.__file__).parent.glob("*/__init__.py")
)
PACKAGES.remove("cli")  # an entry point: nothing imports from it


def public_values(module: ModuleType) -> set[str]:
    """Public attributes that are no modules: what a user sees by looking."""
    return {
        name
        for name in dir(module)
        if not name.startswith("_") and not isinstance(getattr(module, name), ModuleType)
    } - {"annotations"}


def test_the_face_is_sorted_and_complete() -> None:
    names = hashmatch.__all__
    # As ruff sorts them: constants, classes, the rest.
    assert names == sorted(names, key=lambda n: (not n.isupper(), not n[0].isupper(), n))
    assert len(set(names)) == len(names)
    assert public_values(hashmatch) <= set(names)
    assert {"pdq", "pdq_dihedral", "HammingIndex", "HashmatchError", "__version__"} <= set(names)


@pytest.mark.parametrize("name", hashmatch.__all__)
def test_every_name_of_the_face_is_there(name: str) -> None:
    assert getattr(hashmatch, name) is not None
    assert name in dir(hashmatch)


def test_a_name_that_is_not_there() -> None:
    with pytest.raises(AttributeError, match="no_such_name"):
        _ = hashmatch.no_such_name


def test_type_checkers_see_the_same_names() -> None:
    """The names for type checkers and the lazy ones are written twice; they must not differ."""
    tree = ast.parse(Path(hashmatch.__file__).read_text(encoding="utf-8"))
    blocks = [node for node in tree.body if isinstance(node, ast.If)]
    declared = {"__version__"}
    for node in ast.walk(ast.Module([n for block in blocks for n in block.body], [])):
        if isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                name = alias.asname or alias.name
                declared.add(name)
                module = import_module(node.module)
                expected = getattr(module, alias.name, None) or import_module(
                    f"{node.module}.{alias.name}"
                )
                assert getattr(hashmatch, name) is expected, name
    assert declared == set(hashmatch.__all__)


@pytest.mark.parametrize("package", PACKAGES)
def test_every_package_says_what_is_public(package: str) -> None:
    module = import_module(f"hashmatch.{package}")
    names = module.__all__
    assert len(set(names)) == len(names)
    for name in names:
        assert hasattr(module, name), name
    assert public_values(module) <= set(names)
