"""A small real cluster for measurements: Ray on this machine, a database, its shards, a service."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.workloads import SEED
from hashmatch.cluster import ShardedIndex, shards_of
from hashmatch.database import Database, open_database
from hashmatch.types import Digests, HashRecord, HashValue, Label, Opinion

_HALF = 128


@dataclass
class Site:
    """A database of random hashes, which are also in shards under ``folder``, by their number."""

    path: Path
    db: Database
    folder: Path


@contextmanager
def ray_here(cpus: int) -> Iterator[None]:
    """Ray on this machine; ended afterwards."""
    import ray

    ray.init(
        num_cpus=cpus,
        object_store_memory=200 << 20,
        include_dashboard=False,
        log_to_driver=False,
        logging_level="ERROR",
    )
    try:
        yield
    finally:
        ray.shutdown()


@contextmanager
def site(hashes: int) -> Iterator[Site]:
    """A database with so many hashes, removed afterwards."""
    with tempfile.TemporaryDirectory(prefix="service-") as folder:
        path = Path(folder) / "national.db"
        with open_database(path, create=True) as db:
            db.import_records(_records(hashes), source="random")
            db.publish_index()
            yield Site(path, db, Path(folder) / "shards")


@contextmanager
def sharded(place: Site, shards: int) -> Iterator[ShardedIndex]:
    """The site's hashes in so many shards."""
    folder = place.folder / str(shards)
    shards_of(place.db, folder, shards)
    with ShardedIndex.open(folder) as opened:
        yield opened


def _records(count: int) -> Iterator[HashRecord]:
    rng = np.random.default_rng(SEED)
    opinion = Opinion(scheme="vics-us-current", raw_category="1", label=Label.CSAM)
    for number in range(count):
        value = np.packbits(rng.permutation(2 * _HALF) < _HALF).tobytes()
        digests = Digests(md5=rng.bytes(16).hex())
        hashes = (HashValue("pdq", value, 100),)
        yield HashRecord(f"r{number}", number + 1, digests, opinion, hashes=hashes)
