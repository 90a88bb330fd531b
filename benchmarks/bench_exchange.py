"""Reading large lists, beside the bare parsers on the same file: what our own share is.

The peers check nothing and make no records: ijson's items of the records array, csv's rows. What a
reader adds to the process is sampled while it streams.
"""

from __future__ import annotations

import base64
import csv
import json
import random
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import ijson
import psutil

from benchmarks.bench_known_files import make as make_known_files
from benchmarks.measure import Work, arguments, machine, paired, table, write
from benchmarks.workloads import SEED
from hashmatch import DigestSetBuilder
from hashmatch.exchange import digest_blocks, open_reader, sorted_records, write_list
from hashmatch.types import HashRecord

CONTEXT = "http://github.com/VICSDATAMODEL/ProjectVic/DataModels/2.0.xml/Default/$metadata#Media"
CONTEXT_13 = "http://github.com/ICMEC/ProjectVic/DataModels/1.3.xml#Media"
COLUMNS = (
    "MD5;SHA1;ZZ40;PhotoDNA;Lace;Image ID;Is distributed;Victim identified;Offender identified;"
    "Series name;Investigation name;Agency;Number of submissions;File Available;Media Type;Baseline"
)
SAMPLE_EVERY = 20_000
WRITTEN = 50_000
FORMATS = ("vics-2.0", "vics-1.3", "icse-csv", "jsonl", "md5sum")


def vics_records(count: int) -> Iterator[dict[str, Any]]:
    """Members as distributed sets have them, with PhotoDNA; some 600 bytes a record."""
    rng = random.Random(SEED)
    for number in range(1, count + 1):
        yield {
            "MediaID": number,
            "Category": rng.randint(0, 4),
            "MD5": rng.randbytes(16).hex().upper(),
            "SHA1": rng.randbytes(20).hex().upper(),
            "PhotoDNA": base64.b64encode(rng.randbytes(144)).decode(),
            "MediaSize": rng.randint(1000, 10**7),
            "MimeType": "image/jpeg",
            "IsDistributed": rng.random() < 0.5,
            "VictimIdentified": rng.random() < 0.2,
            "OffenderIdentified": False,
            "IsPrecategorized": True,
            "PrecategorizationSource": "National DB",
            "Series": f"SERIES-{rng.randint(1, 500)}",
            "Tags": f"tag{rng.randint(1, 30)},tag{rng.randint(1, 30)}",
            "Comments": "",
            "DateUpdated": f"2023-06-{rng.randint(1, 30):02}T{rng.randint(0, 23):02}:31:49.8300Z",
        }


def make_vics(path: Path, count: int) -> None:
    """Model 2.0, all records on one line."""
    with path.open("w") as file:
        file.write(f'{{"@odata.context":"{CONTEXT}","value":[')
        for number, record in enumerate(vics_records(count)):
            file.write("," if number else "")
            file.write(json.dumps(record, separators=(",", ":")))
        file.write("]}")


def make_vics_13(path: Path, count: int) -> None:
    """Model 1.3: PhotoDNA among the alternative hashes, texts for numbers and flags."""
    with path.open("w") as file:
        file.write(f'{{"odata.metadata":"{CONTEXT_13}","value":[')
        for number, record in enumerate(vics_records(count)):
            element = {"HashName": "PhotoDNA", "HashValue": record.pop("PhotoDNA")}
            record = {
                key: str(value).lower() if isinstance(value, bool) else value
                for key, value in record.items()
            }
            record |= {"MediaSize": str(record["MediaSize"]), "AlternativeHashes": [element]}
            file.write(",\n" if number else "")
            file.write(json.dumps(record))
        file.write("]}")


def make_icse(path: Path, count: int) -> None:
    """All columns filled, and the empty cell at the end that the real export has."""
    rng = random.Random(SEED)
    with path.open("w", newline="") as file:
        file.write(COLUMNS + "\r\n")
        for number in range(count):
            cells = (
                rng.randbytes(16).hex(),
                rng.randbytes(20).hex(),
                rng.randbytes(16).hex().upper(),
                rng.randbytes(144).hex().upper(),
                base64.b64encode(rng.randbytes(129)).decode(),
                f"IMG-{number:07}",
                *(rng.choice("YN") for _ in range(3)),
                f"SERIES-{rng.randint(1, 500)}" if rng.random() < 0.5 else "",
                "",
                "Example Agency",
                str(rng.randint(1, 9)),
                rng.choice(("True", "False")),
                rng.choice(("Image", "Video")),
                rng.choice(("Yes", "No")),
            )
            file.write(";".join(cells) + ";\r\n")


def ours(path: Path) -> int:
    with open_reader(path) as reader:
        return sum(1 for _ in reader)


def bare_ijson(path: Path) -> int:
    with path.open("rb") as file:
        return sum(1 for _ in ijson.items(file, "value.item"))


def bare_csv(path: Path) -> int:
    with path.open(newline="") as file:
        return sum(1 for _ in csv.reader(file, delimiter=";")) - 1


def grown_mib(path: Path) -> float:
    """What the process holds more at most, sampled while the list streams."""
    process = psutil.Process()
    with open_reader(path) as reader:
        before = most = process.memory_info().rss
        for number, _ in enumerate(reader):
            if number % SAMPLE_EVERY == 0:
                most = max(most, process.memory_info().rss)
    return float(most - before) / 2**20


def measured(
    name: str, path: Path, count: int, peer: tuple[str, Callable[[Path], int]], rounds: int
) -> dict[str, Any]:
    grown = grown_mib(path)  # first, while the process has not been larger
    assert ours(path) == peer[1](path) == count
    contestants: dict[str, Work] = {
        peer[0]: lambda: peer[1](path),
        "hashmatch": lambda: ours(path),
    }
    times = paired(contestants, rounds=rounds, budget_s=1)
    size = path.stat().st_size
    return {
        "list": name,
        "records": count,
        "bytes a record": size / count,
        "records/s": count / times["hashmatch"],
        "MB/s": size / 1e6 / times["hashmatch"],
        "grows MiB": grown,
        "peer": peer[0],
        "peer, records/s": count / times[peer[0]],
        "times the peer": times["hashmatch"] / times[peer[0]],
    }


def into_set(path: Path, folder: Path) -> None:
    """Every MD5 of a known-file list into a digest set."""
    target = folder / "known.set"
    with digest_blocks(path, "md5") as blocks, DigestSetBuilder(target, width=16) as builder:
        for block in blocks:
            builder.add(block)
    target.unlink()


def written(records: list[HashRecord], format: str, path: Path) -> None:
    write_list(records, path, format=format, overwrite=True)


def main() -> None:
    parser = arguments(__doc__ or "")
    parser.add_argument("--records", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    result: dict[str, Any] = {"machine": machine("ijson", "orjson"), "ijson": ijson.backend_name}
    rows = []
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        for name, make, peer in (
            ("VICS 2.0, one line", make_vics, ("ijson", bare_ijson)),
            ("VICS 1.3", make_vics_13, ("ijson", bare_ijson)),
            ("ICSE CSV", make_icse, ("csv", bare_csv)),
        ):
            path = folder / "list"
            make(path, options.records)
            rows.append(measured(name, path, options.records, peer, options.rounds))
        result["reading"] = rows
        with open_reader(path) as reader:
            records = [r for _, r in zip(range(WRITTEN), reader, strict=False)]
        ordered = list(sorted_records(r for r in records if isinstance(r, HashRecord)))
        writers: dict[str, Work] = {
            format: partial(written, ordered, format, folder / "out") for format in FORMATS
        }
        times = paired(writers, rounds=3, budget_s=1)
        result["writing_per_s"] = {name: len(ordered) / times[name] for name in writers}
        path.unlink()
        make_known_files(path, options.records)
        seconds = paired({"set": lambda: into_set(path, folder)}, rounds=3, budget_s=1)["set"]
        result["nsrl_into_digest_set_per_s"] = options.records / seconds
    table("reading", result["reading"])
    table("writing, records/s", [result["writing_per_s"]])
    print(f"\nNSRL RDSv3 into a digest set: {result['nsrl_into_digest_set_per_s']:.0f} rows/s")
    write(options.json, result)


if __name__ == "__main__":
    main()
