"""Which instruction set runs, and what asking for another one does."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from contextlib import suppress

import numpy as np
import pytest

from hashmatch import cpu
from hashmatch.errors import CpuFeatureError, HashmatchError
from hashmatch.hashing import pdq

KNOWN = ("serial", "avx2", "avx512", "neon")
LACKING = [name for name in KNOWN if name not in cpu.available_isas()]


def python(code: str, isa: str | None) -> subprocess.CompletedProcess[str]:
    environment = {k: v for k, v in os.environ.items() if k != "HASHMATCH_ISA"}
    if isa is not None:
        environment["HASHMATCH_ISA"] = isa
    return subprocess.run(
        [sys.executable, "-c", code],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_serial_is_always_there_and_the_rest_is_known() -> None:
    names = cpu.available_isas()
    assert names[0] == "serial"
    assert set(names) <= set(KNOWN)
    assert len(set(names)) == len(names)
    assert len(LACKING) >= 1  # no CPU has both avx2 and neon


def test_every_isa_of_this_machine_really_runs(isa: str) -> None:
    assert cpu.active_isa() == isa
    assert pdq(np.full((80, 80), 9, np.uint8))[1] == 0
    assert cpu.active_isa() == isa


def test_a_use_holds_in_every_thread() -> None:
    for name in cpu.available_isas():
        with cpu.using_isa(name):
            seen: list[str] = []
            thread = threading.Thread(target=lambda seen=seen: seen.append(cpu.active_isa()))
            thread.start()
            thread.join()
            assert seen == [name]


def test_a_block_ends_with_the_former_isa() -> None:
    before = cpu.active_isa()
    inside = []
    with suppress(KeyError), cpu.using_isa("serial"):
        inside.append(cpu.active_isa())
        raise KeyError
    assert inside == ["serial"]
    assert cpu.active_isa() == before


@pytest.mark.parametrize("name", ["", "AVX2", "avx", "sse2", "serial ", "avx2\0", "ünknown"])
def test_unknown_names(name: str) -> None:
    before = cpu.active_isa()
    with pytest.raises(CpuFeatureError, match="expected serial, avx2, avx512 or neon, got "):
        cpu.use_isa(name)
    assert cpu.active_isa() == before


@pytest.mark.parametrize("name", LACKING)
def test_an_isa_that_this_cpu_lacks(name: str) -> None:
    before = cpu.active_isa()
    with pytest.raises(CpuFeatureError, match=f"this CPU runs serial.*, not {name}") as raised:
        cpu.use_isa(name)
    assert isinstance(raised.value, HashmatchError)
    assert cpu.active_isa() == before


@pytest.mark.parametrize("name", [*cpu.available_isas(), "", None])
def test_the_environment_forces_one(name: str | None) -> None:
    done = python("from hashmatch import cpu; print(cpu.active_isa())", name)
    assert done.stdout.split() == [name or cpu.available_isas()[-1]], done.stderr


FIRST_CALLS = {
    "active_isa": "cpu.active_isa()",
    "using_isa": "cpu.using_isa('serial').__enter__()",
    "pdq": "hashing.pdq(np.zeros((9, 9), np.uint8))",
    "pdq_dihedral": "hashing.pdq_dihedral(np.zeros((9, 9), np.uint8))",
    "range_search": "filled.range_search(np.zeros((1, 32), np.uint8), 3)",
    "knn": "filled.knn(np.zeros((1, 32), np.uint8), 3)",
}

SCRIPT = """
import numpy as np
import hashmatch
from hashmatch import cpu, errors, hashing, index
filled = index.HammingIndex(256)
filled.add(np.zeros((3, 32), np.uint8))
print("imported")
for _ in range(2):
    try:
        {call}
    except errors.CpuFeatureError as error:
        print(error)
cpu.use_isa("serial")
print(cpu.active_isa(), len(filled.knn(np.zeros((1, 32), np.uint8), 3).ids))
"""


@pytest.mark.parametrize("call", sorted(FIRST_CALLS))
@pytest.mark.parametrize("name", ["avx1024", *LACKING])
def test_a_bad_environment_is_an_error_of_the_first_kernel_call(name: str, call: str) -> None:
    """The import works, every call says the same, and a valid choice ends it."""
    done = python(SCRIPT.format(call=FIRST_CALLS[call]), name)
    assert done.returncode == 0, done.stderr
    first, *errors, last = done.stdout.splitlines()
    assert first == "imported"
    assert len(errors) == 2
    assert errors[0] == errors[1]
    assert errors[0].startswith("HASHMATCH_ISA: ")
    assert name in errors[0]
    assert last == "serial 3"
