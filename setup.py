"""Builds the C++ core into ``hashmatch._native``; everything else is in pyproject.toml.

No architecture flags: each kernel opens its own target region and is chosen at run time
(docs/architecture.md, "Instruction sets").
"""

from __future__ import annotations

import os
import platform
import shutil
import sysconfig
from pathlib import Path
from typing import Any

from pybind11.setup_helpers import ParallelCompile, Pybind11Extension, build_ext
from setuptools import setup

SOURCES = [
    "src_cpp/cpu/detect.cpp",
    "src_cpp/cpu/dispatch.cpp",
    "src_cpp/digest_set/lookup.cpp",
    "src_cpp/digest_set/merge.cpp",
    "src_cpp/digest_set/seen_tokens.cpp",
    "src_cpp/digest_set/sort.cpp",
    "src_cpp/digest_set/sound.cpp",
    "src_cpp/hamming/costs.cpp",
    "src_cpp/hamming/cross_pairs.cpp",
    "src_cpp/hamming/index.cpp",
    "src_cpp/hamming/knn.cpp",
    "src_cpp/hamming/layout.cpp",
    "src_cpp/hamming/masks.cpp",
    "src_cpp/hamming/pairs.cpp",
    "src_cpp/hamming/plan.cpp",
    "src_cpp/hamming/probe.cpp",
    "src_cpp/hamming/probe_serial.cpp",
    "src_cpp/hamming/probe_avx2.cpp",
    "src_cpp/hamming/probe_avx512.cpp",
    "src_cpp/hamming/radii.cpp",
    "src_cpp/hamming/range_search.cpp",
    "src_cpp/hamming/results.cpp",
    "src_cpp/hamming/scan.cpp",
    "src_cpp/hamming/scan_serial.cpp",
    "src_cpp/hamming/scan_avx2.cpp",
    "src_cpp/hamming/scan_avx512.cpp",
    "src_cpp/hamming/scan_neon.cpp",
    "src_cpp/hamming/segment.cpp",
    "src_cpp/hamming/snapshot.cpp",
    "src_cpp/hamming/tables.cpp",
    "src_cpp/image_hash/average.cpp",
    "src_cpp/image_hash/bands.cpp",
    "src_cpp/image_hash/blockhash.cpp",
    "src_cpp/image_hash/columns_serial.cpp",
    "src_cpp/image_hash/columns_avx2.cpp",
    "src_cpp/image_hash/columns_avx512.cpp",
    "src_cpp/image_hash/columns_neon.cpp",
    "src_cpp/image_hash/dct.cpp",
    "src_cpp/image_hash/frequency.cpp",
    "src_cpp/image_hash/haar.cpp",
    "src_cpp/image_hash/lanczos.cpp",
    "src_cpp/image_hash/pdq.cpp",
    "src_cpp/image_hash/pdq_coefficients.cpp",
    "src_cpp/image_hash/pdq_plane.cpp",
    "src_cpp/image_hash/pdq_reference.cpp",
    "src_cpp/image_hash/reduced_luma.cpp",
    "src_cpp/image_hash/reduction.cpp",
    "src_cpp/image_hash/rows_avx2.cpp",
    "src_cpp/image_hash/rows_serial.cpp",
    "src_cpp/image_hash/stretch.cpp",
    "src_cpp/image_hash/wavelet.cpp",
    "src_cpp/memory/allocate.cpp",
    "src_cpp/registration/axis.cpp",
    "src_cpp/registration/canvas.cpp",
    "src_cpp/registration/evidence.cpp",
    "src_cpp/registration/fitting.cpp",
    "src_cpp/registration/products_serial.cpp",
    "src_cpp/registration/products_avx2.cpp",
    "src_cpp/registration/products_avx512.cpp",
    "src_cpp/registration/query.cpp",
    "src_cpp/registration/refine.cpp",
    "src_cpp/vector/l2_serial.cpp",
    "src_cpp/vector/l2_avx2.cpp",
    "src_cpp/vector/l2_avx512.cpp",
    "src_cpp/vector/l2_neon.cpp",
    "src_cpp/vector/vector_changes.cpp",
    "src_cpp/vector/vector_index.cpp",
    "src_cpp/vector/vector_search.cpp",
    "src_cpp/vector/vector_segment.cpp",
    "src_cpp/video_hash/tmk.cpp",
    "src_cpp/bindings/module.cpp",
    "src_cpp/bindings/bind_cpu.cpp",
    "src_cpp/bindings/bind_digest_set.cpp",
    "src_cpp/bindings/bind_seen_tokens.cpp",
    "src_cpp/bindings/bind_hamming.cpp",
    "src_cpp/bindings/bind_hamming_pairs.cpp",
    "src_cpp/bindings/bind_hamming_segment.cpp",
    "src_cpp/bindings/bind_image_hash.cpp",
    "src_cpp/bindings/bind_picture_hashes.cpp",
    "src_cpp/bindings/bind_registration.cpp",
    "src_cpp/bindings/bind_vector.cpp",
    "src_cpp/bindings/bind_video_hash.cpp",
]

HEADERS = sorted(str(path) for path in Path("src_cpp").rglob("*.hpp"))

FLAGS = ["-O3", "-fvisibility=hidden", "-ffp-contract=off", "-Wall", "-Wextra", "-pthread"]
if os.environ.get("HASHMATCH_WERROR") == "1":  # CI
    FLAGS.append("-Werror")


def _missing_tool() -> str | None:
    """The first build tool that is not there, with the way to get it."""
    compiler = (os.environ.get("CXX") or sysconfig.get_config_var("CXX") or "c++").split()[0]
    if shutil.which(compiler) is None:
        return (
            f"the C++ compiler {compiler!r} was not found. hashmatch needs one with C++20 "
            "(gcc 11+ or clang 14+).\n"
            "  Debian, Ubuntu: apt-get install g++\n"
            "  Fedora:         dnf install gcc-c++\n"
            "  Alpine:         apk add g++\n"
            "  macOS:          xcode-select --install\n"
            "  or point CXX at the compiler."
        )
    include = sysconfig.get_path("include")
    if not (Path(include) / "Python.h").is_file():
        version = platform.python_version_tuple()
        return (
            f"Python.h was not found in {include}. Install this Python's headers.\n"
            f"  Debian, Ubuntu: apt-get install python{version[0]}.{version[1]}-dev\n"
            "  Fedora:         dnf install python3-devel\n"
            "  Alpine:         apk add python3-dev"
        )
    return None


class BuildCore(build_ext):
    """``build_ext`` that explains a failure before it shows the compiler's words."""

    def build_extensions(self) -> None:
        missing = _missing_tool()
        if missing is not None:
            raise SystemExit(f"\nhashmatch can't be built: {missing}\n")
        try:
            super().build_extensions()
        except Exception as error:
            raise SystemExit(
                f"\nhashmatch can't be built: the compiler is there but failed ({error}).\n"
                "It must know C++20: gcc 11+ or clang 14+ (see the compiler's own message above; "
                "CXX chooses another compiler).\n"
            ) from error


core: Any = Pybind11Extension(
    "hashmatch._native",
    SOURCES,
    include_dirs=["src_cpp/include", "src_cpp"],
    depends=HEADERS,
    cxx_std=20,
    extra_compile_args=FLAGS,
    extra_link_args=["-pthread"],
)

with ParallelCompile("HASHMATCH_BUILD_JOBS", default=2):
    setup(ext_modules=[core], cmdclass={"build_ext": BuildCore})
