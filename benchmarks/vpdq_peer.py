"""Times the ``vpdq`` package, in the Python that it is installed in: needs nothing else.

``python vpdq_peer.py`` reads lines ``SECONDS_PER_HASH PATH`` and answers each with a line of JSON:
seconds and the number of hashes. It is asked to, once, by ``bench_video.py --peer PYTHON``.
"""

import json
import sys
import time

import vpdq  # type: ignore[import-not-found]


def main() -> None:
    for line in sys.stdin:
        interval, path = line.rstrip("\n").split(" ", 1)
        start = time.perf_counter()
        features = vpdq.computeHash(path, seconds_per_hash=float(interval))
        seconds = time.perf_counter() - start
        print(json.dumps({"seconds": seconds, "hashes": [f.hex for f in features]}), flush=True)


if __name__ == "__main__":
    main()
