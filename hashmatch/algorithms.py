"""The table of perceptual hash algorithms: what each value is and how two of them compare.

One row an algorithm; nothing else in the library repeats these facts. Values of different
algorithms never compare. See CONTRIBUTING.md, "How to add an algorithm".
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from hashmatch.errors import UnknownAlgorithmError


class Comparison(StrEnum):
    """How two values of one algorithm are compared."""

    HAMMING = "hamming"
    """Number of differing bits; the radius is inclusive."""
    OPAQUE = "opaque"
    """Kept for the lists that carry it; not compared by this version."""


@dataclass(frozen=True, slots=True)
class Algorithm:
    """One perceptual hash algorithm.

    Attributes:
        name: the word used everywhere: API, command line, files, database.
        bits: length of a value; always a multiple of 8.
        comparison: how two values compare.
        computed: whether hashmatch computes it from pixels (else it is only imported).
        max_distance: published radius in bits up to which two values are the same picture; None
            where the source gives none.
        min_quality: quality below which a value is LOW_INFORMATION and never matched. PDQ's is its
            authors'; for the others the quality is the percentage of firm bits (docs/hashes.md).
        vics_name: ``HashName`` under which VICS ``AlternativeHashes`` carries it.
        source: where the definition comes from.
    """

    name: str
    bits: int
    comparison: Comparison
    computed: bool
    max_distance: int | None
    min_quality: int | None
    vics_name: str
    source: str

    @property
    def n_bytes(self) -> int:
        return self.bits // 8


ALGORITHMS: dict[str, Algorithm] = {
    algorithm.name: algorithm
    for algorithm in (
        Algorithm(
            name="pdq",
            bits=256,
            comparison=Comparison.HAMMING,
            computed=True,
            max_distance=31,
            min_quality=50,
            vics_name="PDQ",
            source="Meta, ThreatExchange pdq/README.md: match at 31 or less, discard quality "
            "below 50; no resize before hashing, as pdqhash and python-threatexchange do",
        ),
        Algorithm(
            name="pdq-cpp",
            bits=256,
            comparison=Comparison.HAMMING,
            computed=True,
            max_distance=31,
            min_quality=50,
            vics_name="PDQ-CPP",
            source="Meta, ThreatExchange pdq/cpp and pdq/wasm: a picture with a side over 512 is "
            "stretched to 512x512 (nearest neighbour) first; radius and quality as PDQ",
        ),
        *(
            Algorithm(
                name=name,
                bits=bits,
                comparison=Comparison.HAMMING,
                computed=True,
                max_distance=None,
                min_quality=50,
                vics_name=f"imagehash-{name}",
                source=f"imagehash 4.3.2 (J. Buchner), {call}, over Pillow 13",
            )
            for name, bits, call in (
                ("ahash", 64, "average_hash(image)"),
                ("dhash", 64, "dhash(image)"),
                ("phash", 64, "phash(image)"),
                ("phash256", 256, "phash(image, hash_size=16, highfreq_factor=4)"),
                ("whash", 64, "whash(image)"),
            )
        ),
        *(
            Algorithm(
                name=name,
                bits=256,
                comparison=Comparison.HAMMING,
                computed=True,
                max_distance=None,
                min_quality=50,
                vics_name=name,
                source=f"Commons Machinery, blockhash-python f28b741, {call}",
            )
            for name, call in (
                ("blockhash", "blockhash_even(image, 16), the quick method"),
                ("blockhash-precise", "blockhash(image, 16), the precise method"),
            )
        ),
        Algorithm(
            name="photodna",
            bits=1152,
            comparison=Comparison.OPAQUE,
            computed=False,
            max_distance=None,
            min_quality=None,
            vics_name="PhotoDNA",
            source="144 bytes as lists carry them; licensed algorithm, imported only",
        ),
        Algorithm(
            name="tmk",
            bits=8192,
            comparison=Comparison.OPAQUE,
            computed=False,
            max_distance=None,
            min_quality=None,
            # Not "TMK": nobody describes what lists carry under that name; it stays opaque.
            vics_name="TMK-PDQF-L1",
            source="Meta, ThreatExchange tmk/cpp: the pure average feature of TMK+PDQF, 256 "
            "float32, little-endian: the level-1 fingerprint of a video; imported only",
        ),
    )
}


def get_algorithm(name: str) -> Algorithm:
    """Look an algorithm up by name.

    Raises:
        UnknownAlgorithmError: there is none of that name.
    """
    try:
        return ALGORITHMS[name]
    except KeyError:
        raise UnknownAlgorithmError(
            f"algorithm: expected one of {', '.join(sorted(ALGORITHMS))}, got {name!r}"
        ) from None
