"""``hashmatch info``: what is installed here and what the CPU gives."""

from __future__ import annotations

import platform
from importlib import metadata
from typing import Any

import click

from hashmatch import __version__, cpu
from hashmatch.algorithms import ALGORITHMS
from hashmatch.cli.exits import Exit
from hashmatch.cli.options import json_option
from hashmatch.cli.output import print_table, write_json

LIBRARIES = ("numpy", "pillow", "sqlalchemy", "ijson", "click", "rich")
EXTRAS = {
    "demo": ("scikit-image",),
    "bench": ("faiss-cpu", "pdqhash", "psutil"),
    "signing": ("cryptography",),
    "cipher": ("sqlcipher3",),
    "postgres": ("psycopg",),
    "ray": ("ray", "fsspec"),
}


@click.command("info")
@json_option
def info_command(as_json: bool) -> int:
    """Show version, instruction sets, libraries and extras."""
    values = collect()
    if as_json:
        write_json({"schema": "hashmatch.info/1", **values})
        return Exit.DONE
    rows: list[tuple[str, object]] = []
    for name, value in values.items():
        if isinstance(value, dict):
            rows += [(f"{name}: {key}", inner) for key, inner in value.items()]
        elif isinstance(value, list):
            rows.append((name, ", ".join(value)))
        else:
            rows.append((name, value))
    print_table("hashmatch", ("what", "value"), rows)
    return Exit.DONE


def collect() -> dict[str, Any]:
    return {
        "version": __version__,
        "python": platform.python_version(),
        "platform": platform.platform(),
        "compiler": cpu.compiler(),
        "isa": cpu.active_isa(),
        "available_isas": list(cpu.available_isas()),
        "algorithms": sorted(ALGORITHMS),
        "libraries": {name: _installed(name) or "missing" for name in LIBRARIES},
        "extras": {extra: _extra(extra, needed) for extra, needed in EXTRAS.items()},
    }


def _extra(extra: str, needed: tuple[str, ...]) -> str:
    missing = [name for name in needed if _installed(name) is None]
    if missing:
        return f"missing {', '.join(missing)}; pip install 'hashmatch[{extra}]'"
    return "installed"


def _installed(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None
