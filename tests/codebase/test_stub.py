"""The hand-written stub says what the compiled module has: names, arguments, properties."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

import pytest

from hashmatch import _native

Signature = tuple[str, ...]


@pytest.fixture(scope="module")
def stub(root: Path) -> ast.Module:
    return ast.parse((root / "hashmatch" / "_native.pyi").read_text(encoding="utf-8"))


def stub_signature(node: ast.FunctionDef) -> Signature:
    names = [argument.arg for argument in node.args.posonlyargs + node.args.args]
    names = [name for name in names if name != "self"]
    keywords = [argument.arg for argument in node.args.kwonlyargs]
    return (*names, *(["*", *keywords] if keywords else []))


def native_signature(function: Any) -> Signature:
    """From pybind11's first docstring line: ``name(self: T, a: X, *, b: Y) -> Z``."""
    line = (function.__doc__ or "").splitlines()[0]
    match = re.fullmatch(r"\w+\((.*)\) -> .*", line)
    assert match, line
    inside = match[1]
    while True:  # drop what brackets enclose: it has commas of its own
        flat = re.sub(r"\[[^\[\]]*\]|\([^()]*\)", "", inside)
        if flat == inside:
            break
        inside = flat
    names = [part.split(":")[0].split("=")[0].strip() for part in inside.split(",") if part.strip()]
    return tuple(name for name in names if name != "self")


def native_returns_nothing(function: Any) -> bool:
    return bool((function.__doc__ or "").splitlines()[0].endswith("-> None"))


def stub_functions(body: list[ast.stmt]) -> dict[str, ast.FunctionDef]:
    return {node.name: node for node in body if isinstance(node, ast.FunctionDef)}


def is_property(node: ast.FunctionDef) -> bool:
    return any(isinstance(d, ast.Name) and d.id == "property" for d in node.decorator_list)


def assert_same(node: ast.FunctionDef, function: Any) -> None:
    signature = stub_signature(node)
    # pybind11 names unnamed arguments arg0, arg1: then only their number can be compared.
    native = native_signature(function)
    if any(re.fullmatch(r"arg\d+", name) for name in native):
        assert len(native) == len(signature), node.name
    else:
        assert native == signature, node.name
    returns_none = isinstance(node.returns, ast.Constant) and node.returns.value is None
    assert returns_none == native_returns_nothing(function), node.name


def test_functions(stub: ast.Module) -> None:
    declared = stub_functions(stub.body)
    real = {
        name: value
        for name, value in vars(_native).items()
        if callable(value) and not isinstance(value, type) and not name.startswith("_")
    }
    assert set(declared) == set(real)
    for name, node in declared.items():
        assert_same(node, real[name])


def test_classes(stub: ast.Module) -> None:
    declared = {node.name: node for node in stub.body if isinstance(node, ast.ClassDef)}
    real = {name: value for name, value in vars(_native).items() if isinstance(value, type)}
    assert set(declared) == set(real)
    for name, node in declared.items():
        methods = stub_functions(node.body)
        own = {
            key: value
            for key, value in vars(real[name]).items()
            if key in ("__init__", "__len__") or not key.startswith("_")
        }
        if "__init__" not in methods:  # pybind11 puts one there that only refuses
            del own["__init__"]
            with pytest.raises(TypeError, match="No constructor defined"):
                real[name]()
        assert set(methods) == set(own), name
        for key, method in methods.items():
            if is_property(method):
                assert isinstance(own[key], property), key
                assert own[key].fset is None
            else:
                assert_same(method, getattr(real[name], key))


def test_arrays_are_named_as_in_the_bindings(stub: ast.Module, root: Path) -> None:
    header = (root / "src_cpp" / "bindings" / "arrays.hpp").read_text(encoding="utf-8")
    native = dict(re.findall(r"using (\w+) = py::array_t<([\w:]+), py::array::c_style>;", header))
    types = {
        "std::uint8_t": "uint8",
        "std::uint16_t": "uint16",
        "std::uint32_t": "uint32",
        "std::uint64_t": "uint64",
        "std::int64_t": "int64",
        "float": "float32",
    }
    declared = {
        target.id: ast.unparse(node.value)
        for node in stub.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name) and ast.unparse(node.value).startswith("NDArray")
    }
    assert native
    assert declared == {name: f"NDArray[np.{types[kind]}]" for name, kind in native.items()}
