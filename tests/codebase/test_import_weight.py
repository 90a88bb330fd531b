"""What ``import hashmatch`` costs, and what each room may load."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

HEAVY = {
    "PIL",
    "alembic",
    "av",
    "click",
    "cryptography",
    "defusedxml",
    "faiss",
    "ijson",
    "jinja2",
    "lxml",
    "numba",
    "pandas",
    "psycopg",
    "psycopg2",
    "ray",
    "rich",
    "scipy",
    "skimage",
    "sqlalchemy",
    "sqlcipher3",
    "sqlite3",
}


def loaded_by(code: str) -> set[str]:
    """Top-level modules in sys.modules after running the code in a fresh interpreter."""
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\nimport json, sys\nprint(json.dumps(list(sys.modules)))"],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return {name.split(".")[0] for name in json.loads(done.stdout.splitlines()[-1])}


def test_the_package_loads_nothing_heavy() -> None:
    loaded = loaded_by("import hashmatch")
    assert "hashmatch" in loaded
    assert loaded & HEAVY == set()


@pytest.mark.parametrize("room", ["hashing", "index", "cpu", "types", "exchange"])
def test_rooms_that_need_nothing_heavy(room: str) -> None:
    loaded = loaded_by(f"import hashmatch.{room}")
    assert loaded & HEAVY == set()


def test_hashing_and_searching_need_nothing_heavy() -> None:
    loaded = loaded_by(
        "import numpy as np, hashmatch as hm\n"
        "value, _ = hm.pdq(np.zeros((80, 80), np.uint8))\n"
        "index = hm.HammingIndex(256)\n"
        "index.add(value[None])\n"
        "assert len(index.range_search(value[None], 0).ids) == 1\n"
    )
    assert loaded & HEAVY == set()


def test_the_check_sees_what_is_loaded() -> None:
    assert "sqlite3" in loaded_by("import sqlite3")
