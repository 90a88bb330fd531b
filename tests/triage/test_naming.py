"""What a person names is found, whatever bytes its name has."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from classed_sets import sha256_of
from pictures import photograph, png

from hashmatch.errors import InputError
from hashmatch.scan import Catalogue
from hashmatch.triage import named_contents

MakeCatalogue = Callable[..., Catalogue]
ONE, TWO, THREE = (png(photograph(seed)) for seed in (111, 112, 113))
ODD = b"-\xe4\n$(x).png".decode("utf-8", "surrogateescape")


@pytest.fixture
def catalogue(make_catalogue: MakeCatalogue, tmp_path: Path) -> Catalogue:
    (tmp_path / "set-tree").mkdir()
    with zipfile.ZipFile(tmp_path / "set-tree" / "z.zip", "w") as archive:
        archive.writestr("in/three.png", THREE)
    files = {"a/one.png": ONE, "b/one.png": ONE, ODD: TWO}
    return make_catalogue(files, archives=True)


def test_paths_digests_and_members(
    catalogue: Catalogue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tree = tmp_path / "set-tree"
    one, two = sha256_of(catalogue, "a/one.png"), sha256_of(catalogue, ODD)
    three = sha256_of(catalogue, "z.zip!/in/three.png")
    monkeypatch.chdir(tree / "b")
    names: list[str | Path] = [f"{tree}/z.zip!/in/three.png", two.upper(), "one.png"]
    names += [tree / "a" / "one.png", one]
    found = named_contents(catalogue, names)
    assert list(found) == [three, two, one]
    assert os.fsencode(found[two]) == os.fsencode(tree) + b"/-\xe4\n$(x).png"
    assert named_contents(catalogue, [os.fsencode(tree / ODD)]) == {two: f"{tree}/{ODD}"}
    assert found[three] == f"{tree}/z.zip!/in/three.png"
    assert set(found.values()) >= {f"{tree}/{ODD}"}


@pytest.mark.parametrize("name", ["nowhere.png", "00" * 32, ""])
def test_a_name_of_nothing(catalogue: Catalogue, name: str) -> None:
    with pytest.raises(InputError, match="no such file"):
        named_contents(catalogue, [name])


def test_bytes_that_are_not_known(make_catalogue: MakeCatalogue, tmp_path: Path) -> None:
    (tmp_path / "set-tree").mkdir()
    os.mkfifo(tmp_path / "set-tree" / "pipe")
    catalogue = make_catalogue({"1.png": ONE})
    with pytest.raises(InputError, match="bytes are not known"):
        named_contents(catalogue, [tmp_path / "set-tree" / "pipe"])
