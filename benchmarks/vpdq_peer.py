"""Times the ``vpdq`` package, in the Python that it is installed in: needs nothing else.

``python vpdq_peer.py`` reads lines ``SECONDS_PER_HASH PATH`` and answers each with a line of JSON:
seconds, those of all its threads, and the hashes. ``bench_video.py --peer PYTHON`` asks it.
"""

import json
import sys
import time

import vpdq  # type: ignore[import-not-found]


def main() -> None:
    for line in sys.stdin:
        interval, path = line.rstrip("\n").split(" ", 1)
        start, used = time.perf_counter(), time.process_time()
        features = vpdq.computeHash(path, seconds_per_hash=float(interval))
        answer = {
            "seconds": time.perf_counter() - start,
            "cpu": time.process_time() - used,
            "hashes": [feature.hex for feature in features],
        }
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
