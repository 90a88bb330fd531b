"""The matching service on two nodes, one of which goes away."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from known_media import digests_of, record
from pictures import encoded, photograph, png
from PIL import Image
from ray_sessions import TwoNodes
from stopped_processes import stopped, wait_until

from hashmatch.cluster import CheckService, ShardedIndex, shards_of
from hashmatch.database import open_database
from hashmatch.fingerprinting import hash_image
from hashmatch.matching import CheckStatus

PICTURES = [photograph(number, 120, 160) for number in range(4)]


def copy_of(number: int) -> bytes:
    return encoded(Image.fromarray(PICTURES[number]).resize((110, 80)), "JPEG", quality=60)


def test_a_node_removed_in_the_middle_of_checks(ray_two_nodes: TwoNodes, tmp_path: Path) -> None:
    import ray

    path = tmp_path / "national.db"
    with open_database(path, create=True) as db:
        known = [
            record(f"p{n}", digests_of(png(PICTURES[n])), hash_image(PICTURES[n]).hashes["pdq"])
            for n in range(3)
        ]
        db.import_records(known, source="List")
        shards_of(db, tmp_path / "shards", 2)
    sources = [copy_of(n) for n in (0, 3, 1, 3, 2)]
    wanted = [CheckStatus.NO_MATCH if n == 3 else CheckStatus.MATCH for n in (0, 3, 1, 3, 2)]
    spread = {"num_cpus": 0.4, "scheduling_strategy": "SPREAD"}
    with (
        ShardedIndex.open(tmp_path / "shards", replicas=2) as shards,
        CheckService(
            path, {"pdq": shards}, checkers=2, isolate=False, audit=False, resources=spread
        ) as service,
    ):
        here = ray.get_runtime_context().get_node_id()
        states = service.state()
        away = [state.pid for state in states if state.node != here]
        assert len(away) == 1
        away += [state.pid for state in shards.state() if state.node != here]
        with ThreadPoolExecutor(len(sources)) as callers, stopped(away):
            answers = [callers.submit(service.check, source) for source in sources]
            wait_until(lambda: all(seat.running for seat in service._running._seats))
            ray_two_nodes.remove_other()
            assert [answer.result(90).status for answer in answers] == wanted
        wait_until(lambda: all(seat.up for seat in service._running._seats), seconds=60)
        assert {state.node for state in service.state()} == {here}
        assert [service.check(source).status for source in sources] == wanted
