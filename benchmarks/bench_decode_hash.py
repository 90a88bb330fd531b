"""From JPEG bytes to PDQ, end to end: beside ThreatExchange's way, imagehash and the bare decode.

ThreatExchange's way (python-threatexchange): Pillow opens and converts to RGB, pdqhash hashes.
"""

from __future__ import annotations

import io
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import imagehash
import numpy as np
import pdqhash
from PIL import Image

from benchmarks.measure import Work, arguments, machine, paired, table, write
from benchmarks.workloads import corpus_folder, corpus_paths, photograph, resized
from hashmatch.decode import decode_image
from hashmatch.fingerprinting import examine_image
from hashmatch.hashing import cell_scale, pdq, pdq_cells
from hashmatch.types import HashValue

BIG_MEGAPIXELS = 12.2
SMALL = 40  # photographs of 0.15 million pixels


def jpeg(image: Image.Image, quality: int = 90) -> bytes:
    stream = io.BytesIO()
    image.save(stream, "JPEG", quality=quality)
    return stream.getvalue()


def threatexchange(data: bytes) -> object:
    with Image.open(io.BytesIO(data)) as image:
        return pdqhash.compute(np.asarray(image.convert("RGB")))


def phash(data: bytes) -> object:
    with Image.open(io.BytesIO(data)) as image:
        return imagehash.phash(image)


def bare(data: bytes) -> object:
    with Image.open(io.BytesIO(data)) as image:
        return image.convert("RGB").load()


def hashed(data: bytes, decode: str) -> bytes:
    """Decode and PDQ, as ThreatExchange's way: no digests."""
    picture = decode_image(data, reduce=cell_scale if decode == "fast" else None)
    if picture.scale == 1:
        return bytes(pdq(picture.pixels)[0].tobytes())
    rows, _ = pdq_cells(
        picture.pixels,
        full_height=picture.stored_height,
        full_width=picture.stored_width,
        scale=picture.scale,
    )
    return bytes(rows[0].tobytes())


def fingerprinted(data: bytes, decode: str) -> HashValue:
    """All of it: MD5, SHA-1 and SHA-256 too."""
    return examine_image(data, decode=decode).hashes["pdq"]


def over(files: list[bytes], work: Any) -> Work:
    def run() -> None:
        for data in files:
            work(data)

    return run


def in_two_threads(files: list[bytes], decode: str) -> Work:
    def run() -> None:
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(lambda data: hashed(data, decode), files))

    return run


def measured(name: str, files: list[bytes], rounds: int, budget_s: float) -> dict[str, Any]:
    contestants: dict[str, Work] = {
        "ThreatExchange": over(files, threatexchange),
        "imagehash.phash": over(files, phash),
        "bare Pillow decode": over(files, bare),
        "exact": over(files, lambda data: hashed(data, "exact")),
        "fast": over(files, lambda data: hashed(data, "fast")),
        "exact, with digests": over(files, lambda data: fingerprinted(data, "exact")),
        "fast, with digests": over(files, lambda data: fingerprinted(data, "fast")),
        "exact, two threads": in_two_threads(files, "exact"),
        "fast, two threads": in_two_threads(files, "fast"),
    }
    times = paired(contestants, rounds=rounds, budget_s=budget_s)
    distances = [
        fingerprinted(data, "fast").distance(fingerprinted(data, "exact")) for data in files
    ]
    return {
        "files": name,
        "count": len(files),
        "milliseconds a file": {who: 1e3 * t / len(files) for who, t in times.items()},
        "times ThreatExchange": {
            who: times["ThreatExchange"] / times[who]
            for who in ("exact", "fast", "exact, with digests", "fast, with digests")
        },
        "two threads": {
            who: times[who] / times[f"{who}, two threads"] for who in ("exact", "fast")
        },
        "distance fast to exact": np.bincount(distances).tolist(),
    }


def files() -> dict[str, list[bytes]]:
    """Real camera pictures and enlarged photographs of 12 million pixels; small photographs."""
    folder = corpus_folder()
    if folder is None:
        raise SystemExit("no corpus: HASHMATCH_CORPUS says where it is")
    camera = [path.read_bytes() for path in sorted((folder / "pdq" / "exif").glob("*.jpg"))]
    photographs = [path for path in corpus_paths() if path.parent.name == "photos"]
    enlarged = [
        jpeg(Image.fromarray(resized(photograph(path), BIG_MEGAPIXELS))) for path in photographs[:4]
    ]
    small = [Path(path).read_bytes() for path in photographs[:SMALL]]
    return {"12 Mpx, camera": camera, "12 Mpx, enlarged": enlarged, "0.15 Mpx": small}


def main() -> None:
    options = arguments(__doc__ or "").parse_args()
    rows = [measured(name, found, rounds=5, budget_s=40) for name, found in files().items()]
    for title in ("times ThreatExchange", "two threads", "milliseconds a file"):
        table(title, [{"files": row["files"], **row[title]} for row in rows])
    table(
        "pictures by distance of fast to exact, 0, 1, 2 ... bits",
        [{"files": row["files"], "pictures": str(row["distance fast to exact"])} for row in rows],
    )
    about = machine("pdqhash", "pillow", "imagehash", "simplejpeg")
    write(options.json, {"machine": about, "files": rows})


if __name__ == "__main__":
    main()
