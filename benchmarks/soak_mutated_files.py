"""Broken picture files of every format through the supervised workers.

Every file has to end in a status, with its digests; the workers have to survive, the memory of the
supervising process to stay flat, and the ledger to add up. Exit code 1 if any of it does not hold.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

import psutil
from reference.mutations import mutated

from benchmarks.measure import arguments, machine, table, write
from benchmarks.workloads import SEED
from hashmatch.decode import Limits
from hashmatch.fingerprinting import FingerprintStatus, ImageFingerprint, examine_images
from hashmatch.hashing import digest_bytes
from hashmatch.ledger import Ledger

LIMITS = Limits(max_pixels=16_000_000, max_seconds=10.0, max_memory=1 << 30)
WARM = 1000
FLAT = 32 << 20
"""Bytes by which the process may grow after the first ``WARM`` files: the allocator's slack."""

HASHED = (FingerprintStatus.OK, FingerprintStatus.TRUNCATED, FingerprintStatus.LOW_INFORMATION)


def entered(ledger: Ledger, made: ImageFingerprint) -> None:
    status = made.status
    if status in HASHED:
        ledger.add_done(note=status.value)
    elif status in (FingerprintStatus.UNSUPPORTED, FingerprintStatus.EMPTY):
        ledger.add_rejected(status.value)
    elif status is FingerprintStatus.TOO_SMALL:
        ledger.add_low_information(status.value)
    else:
        ledger.add_failed(status.value)


def main() -> None:
    parser = arguments(__doc__ or "")
    parser.add_argument("--files", type=int, default=20_000)
    parser.add_argument("--workers", type=int)
    parser.add_argument("--seed", type=int, default=SEED)
    options = parser.parse_args()
    names: list[str] = []
    bytes_of: dict[int, bytes] = {}

    def files() -> Iterator[bytes]:
        for name, data in mutated(options.files, options.seed):
            bytes_of[len(names)] = data
            names.append(name)
            yield data

    ledger = Ledger()
    by_format: dict[str, Counter[str]] = {}
    process = psutil.Process()
    rss: list[int] = []
    wrong: list[str] = []
    start = time.monotonic()
    answers = examine_images(files(), workers=options.workers, isolate=True, limits=LIMITS)
    for number, made in enumerate(answers):
        entered(ledger, made)
        by_format.setdefault(names[number], Counter())[made.status.value] += 1
        if made.digests != digest_bytes(bytes_of.pop(number)):
            wrong.append(f"{number}: digests")
        if bool(made.hashes) != (made.status in HASHED):
            wrong.append(f"{number}: {made.status} with {len(made.hashes)} hashes")
        if number % 500 == 499:
            rss.append(process.memory_info().rss)
    seconds = time.monotonic() - start
    if ledger.seen != options.files:
        wrong.append(f"{ledger.seen} answers to {options.files} files")
    grown = rss[-1] - rss[min(len(rss) - 1, WARM // 500)]
    if grown > FLAT:
        wrong.append(f"memory grew by {grown} bytes")
    rows: list[dict[str, Any]] = [
        {"made of": name, **dict(sorted(by_format[name].items()))} for name in sorted(by_format)
    ]
    result = {
        "machine": machine("pillow", "pebble"),
        "seed": options.seed,
        "files": options.files,
        "seconds": round(seconds, 1),
        "parent_rss_mib": [round(value / 2**20, 1) for value in rss],
        "parent_grown_mib": round(grown / 2**20, 2),
        "ledger": ledger.to_dict(),
        "by format": rows,
        "wrong": wrong,
    }
    table(f"{options.files} files, {seconds:.0f} s", rows)
    print(
        f"\nledger: {ledger.seen} = {ledger.done} done + {ledger.low_information} small + ", end=""
    )
    print(f"{ledger.rejected} rejected + {ledger.failed} failed; {grown / 2**20:.1f} MiB grown")
    print("\n".join(wrong) or "nothing wrong")
    write(options.json, result)
    raise SystemExit(1 if wrong else 0)


if __name__ == "__main__":
    main()
