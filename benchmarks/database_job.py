"""One import as a process of its own, as the command line makes it; prints what it took as JSON.

``python -m benchmarks.database_job DATABASE FILE SOURCE [--complete]``
"""

from __future__ import annotations

import json
import sys
import time

from hashmatch.database import open_database


def main() -> int:
    database, path, source, *flags = sys.argv[1:]
    start = time.perf_counter()
    with open_database(database, create=True) as db:
        opened = time.perf_counter()
        report = db.import_file(path, source=source, complete="--complete" in flags)
        imported = time.perf_counter()
        index = db.publish_index()
        published = time.perf_counter()
    print(
        json.dumps(
            {
                "open_s": opened - start,
                "import_s": imported - opened,
                "index_s": published - imported,
                "total_s": published - start,
                "added": report.added,
                "unchanged": report.unchanged,
                "superseded": report.superseded,
                "withdrawn": report.withdrawn,
                "rejected": report.rejected,
                "revision": report.revision,
                "index_revision": index.revision,
                "entries": index.entries,
            }
        )
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
