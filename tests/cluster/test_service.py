"""The matching service on real Ray actors: a local checker's answers, whatever dies meanwhile."""

from __future__ import annotations

import io
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO, cast

import numpy as np
import pytest
from clips import make_clip, shots
from frame_tracks import Film, fingerprint, frames, stored_hashes
from known_media import digests_of, flipped, record
from pictures import encoded, photograph, png
from PIL import Image
from ray_sessions import RaySessions
from stopped_processes import kill, stopped, wait_until

from hashmatch.cluster import CheckService, ShardedIndex, shards_of
from hashmatch.database import Database, open_database
from hashmatch.errors import (
    ClusterError,
    DatabaseError,
    HashFormatError,
    InputError,
    InputTypeError,
    ServiceBusyError,
)
from hashmatch.fingerprinting import hash_image
from hashmatch.matching import Checker, CheckRequest, CheckResult, CheckStatus, Level, MatchPolicy
from hashmatch.types import HashRecord, MediaKind

PICTURES = [photograph(number, 120, 160) for number in range(8)]
HASHES = [hash_image(pixels).hashes["pdq"] for pixels in PICTURES]
CLIP = make_clip(shots(range(3), 10), fps=5)
FILM = Film(1)
IN_THE_SHARDS, LATER = range(5), (5, 6)
QUICK: dict[str, Any] = {"isolate": False, "resources": {"num_cpus": 0.1}}


def listed(numbers: Any) -> list[HashRecord]:
    return [record(f"p{n}", digests_of(png(PICTURES[n])), HASHES[n]) for n in numbers]


@dataclass
class Site:
    """A database, its shards, and a service over both."""

    path: Path
    db: Database
    checker: Checker
    shards: ShardedIndex
    service: CheckService


@pytest.fixture(scope="module")
def site(ray_sessions: RaySessions, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Most of it is in the shards; some was imported, and some withdrawn, since."""
    ray_sessions.local()
    folder = tmp_path_factory.mktemp("site")
    path = folder / "national.db"
    with open_database(path, create=True, actor="tester") as db:
        film = replace(
            record("film", None, *stored_hashes(frames(FILM, interval_ms=1000))),
            kind=MediaKind.VIDEO,
        )
        clip = replace(record("clip", digests_of(CLIP)), kind=MediaKind.VIDEO)
        db.import_records([*listed(IN_THE_SHARDS), film, clip], source="List")
        shards_of(db, folder / "shards", 2)
        db.import_records(listed(LATER), source="Other")
        db.withdraw(source="List", record_key="p4")
        with (
            ShardedIndex.open(folder / "shards") as shards,
            CheckService(
                path, {"pdq": shards}, checkers=2, ahead=0, shard_threads=2, audit=False, **QUICK
            ) as made,
        ):
            yield Site(path, db, Checker(db, audit=False), shards, made)


def plain(result: CheckResult) -> dict[str, Any]:
    """Everything but when, and what it cost."""
    values = result.to_dict()
    del values["checked_at"], values["cost_ms"]
    return values


def copy_of(number: int) -> bytes:
    """With other bytes, some bits away."""
    return encoded(Image.fromarray(PICTURES[number]).resize((110, 80)), "JPEG", quality=60)


def cropped(number: int) -> bytes:
    """Found by registration only."""
    return png(np.ascontiguousarray(PICTURES[number][6:, 8:-4]))


def assert_alike(site: Site, source: Any) -> CheckResult:
    expected = site.checker.check(source)
    result = site.service.check(source)
    assert plain(result) == plain(expected)
    assert result.revision == site.db.revision
    return result


def statuses(results: list[Any]) -> list[CheckStatus]:
    return [result.status for result in results]


def test_pictures(site: Site) -> None:
    for number in (0, 3, *LATER):
        assert assert_alike(site, copy_of(number)).status is CheckStatus.MATCH
        assert assert_alike(site, png(PICTURES[number])).matches[0].kind.value == "digest"
    for number in (4, 7):  # withdrawn since, never there
        assert assert_alike(site, copy_of(number)).status is CheckStatus.NO_MATCH
    assert assert_alike(site, cropped(2)).matches[0].placement is not None
    assert_alike(site, PICTURES[1])
    assert_alike(site, Image.fromarray(PICTURES[1]))
    assert_alike(site, bytearray(copy_of(0)))


def test_what_is_no_picture(site: Site) -> None:
    for source in (b"", b"no picture", png(PICTURES[0])[:-40]):
        assert_alike(site, source)


def test_videos(site: Site) -> None:
    assert assert_alike(site, CLIP).matches[0].kind.value == "digest"
    assert_alike(site, make_clip(shots(range(20, 23), 10), fps=5))
    shown = fingerprint(frames(FILM, interval_ms=250, start=5000, end=20_000, noise=6), 0.25)
    result = site.service.check_fingerprint(shown)
    assert plain(result) == plain(site.checker.check_fingerprint(shown))
    assert result.matches[0].kind.value == "frames"


def test_paths_and_files(site: Site, tmp_path: Path) -> None:
    path = tmp_path / "upload"
    path.write_bytes(copy_of(1))
    for source in (path, str(path)):
        assert plain(assert_alike(site, source))["fingerprint"]["name"] == str(path)
    missing = assert_alike(site, tmp_path / "missing")
    assert missing.status is CheckStatus.FAILED
    result = site.service.check(io.BytesIO(copy_of(1)))
    assert plain(result) == plain(site.checker.check(copy_of(1)))
    with pytest.raises(InputTypeError, match="binary file"):
        site.service.check(cast(BinaryIO, io.StringIO("text")))


def test_values_without_a_medium(site: Site) -> None:
    near = flipped(HASHES[1], 10)
    request = CheckRequest(md5=digests_of(CLIP).md5, hashes={"pdq": near}, quality=90)
    whole = CheckRequest(source=copy_of(2), hashes={"pdq": near})
    pairs = [
        (
            site.service.check_hash("pdq", near.hex, 80),
            site.checker.check_hash("pdq", near.hex, 80),
        ),
        (site.service.check_request(request), site.checker.check_request(request)),
        (site.service.check_request(whole), site.checker.check_request(whole)),
    ]
    for name in ("md5", "sha1", "sha256"):
        one = {name: getattr(digests_of(png(PICTURES[5])), name)}
        pairs.append((site.service.check_digests(**one), site.checker.check_digests(**one)))
    for mine, theirs in pairs:
        assert plain(mine) == plain(theirs)
        assert mine.status is CheckStatus.MATCH


def test_errors_are_the_checkers(site: Site) -> None:
    with pytest.raises(HashFormatError, match="64 hex digits"):
        site.service.check_hash("pdq", "zz")
    with pytest.raises(InputError, match="at least one of"):
        site.service.check_digests()
    with pytest.raises(InputError, match="stated"):
        site.service.check_request(CheckRequest(source=copy_of(0), md5="0" * 32))


def test_many_in_their_order(site: Site) -> None:
    asked: list[Any] = [copy_of(n) for n in (0, 7, 5)] * 30
    asked[4] = 17
    read = 0

    def sources() -> Iterator[Any]:
        nonlocal read
        for source in asked:
            read += 1
            yield source

    answers = site.service.check_many(sources())
    first = next(answers)
    assert read <= site.service.capacity + 1 < len(asked)
    results = [first, *answers]
    assert isinstance(results.pop(4), InputTypeError)
    wanted = [CheckStatus.MATCH, CheckStatus.NO_MATCH, CheckStatus.MATCH] * 30
    del wanted[4]
    assert statuses(results) == wanted


def test_the_next_check_sees_what_was_imported_and_switched(site: Site) -> None:
    source = copy_of(7)
    assert assert_alike(site, source).status is CheckStatus.NO_MATCH
    site.db.import_records(listed([7]), source="Later")
    assert assert_alike(site, source).status is CheckStatus.MATCH
    before = site.shards.revision
    site.shards.switch(shards_of(site.db, site.shards.folder, 2))
    assert site.shards.revision == site.db.revision > before
    assert assert_alike(site, source).status is CheckStatus.MATCH
    site.db.withdraw(source="Later", record_key="p7")
    assert assert_alike(site, source).status is CheckStatus.NO_MATCH
    assert assert_alike(site, copy_of(0)).status is CheckStatus.MATCH


def test_a_checker_killed_over_a_request(site: Site) -> None:
    pids = [state.pid for state in site.service.state()]
    with ThreadPoolExecutor(2) as callers:
        with stopped(pids):
            answers = [callers.submit(site.service.check, copy_of(n)) for n in (0, 7)]
            wait_until(lambda: len(site.service._running._running) == 2)
            kill(pids[0])
        results = [answer.result(60) for answer in answers]
    assert statuses(results) == [CheckStatus.MATCH, CheckStatus.NO_MATCH]
    # Ray starts it again, and it answers.
    wait_until(lambda: all(seat.up for seat in site.service._running._seats))
    again = [state.pid for state in site.service.state()]
    assert pids[1] in again
    assert pids[0] not in again
    for _ in range(4):
        assert_alike(site, copy_of(0))


def test_a_shard_killed_over_a_check(site: Site) -> None:
    expected = plain(site.checker.check(copy_of(1)))
    pids = [state.pid for state in site.shards.state()]
    with ThreadPoolExecutor(2) as callers:
        with stopped(pids):
            answers = [callers.submit(site.service.check, copy_of(1)) for _ in range(2)]
            wait_until(lambda: len(site.service._running._running) == 2)
            kill(pids[0])
        for answer in answers:
            assert plain(answer.result(120)) == expected
    assert pids[0] not in [state.pid for state in site.shards.state()]


def test_another_service_that_refuses_isolates_and_keeps_the_log(site: Site) -> None:
    """Without shards: its checker looks up in its own machine's segments."""
    policy = MatchPolicy(level=Level.FAST)
    expected = plain(Checker(site.db, policy, audit=False).check(copy_of(0)))
    before = len(list(site.db.audit_entries()))
    service = CheckService(
        site.path,
        policy=policy,
        checkers=1,
        ahead=0,
        max_waiting=1,
        wait_s=0,
        resources=QUICK["resources"],
    )
    with service, ThreadPoolExecutor(2) as callers:
        (state,) = service.state()
        assert state.revision == site.db.revision
        assert service.capacity == 2
        with stopped([state.pid]):
            answers = [callers.submit(service.check, copy_of(0)) for _ in range(2)]
            wait_until(lambda: service._running._room._value == 0)
            with pytest.raises(ServiceBusyError, match="has 2 requests"):
                service.check(copy_of(0))
        assert [plain(answer.result(60)) for answer in answers] == [expected] * 2
        assert service.check(copy_of(7)).status is CheckStatus.NO_MATCH
        assert statuses(list(service.check_many([copy_of(1)]))) == [CheckStatus.MATCH]
    entries = list(site.db.audit_entries())[before:]
    assert [entry.action for entry in entries] == ["check"] * 3
    service.close()
    with pytest.raises(ClusterError, match="is closed"):
        service.check(b"")


def test_what_can_not_be_opened(site: Site, tmp_path: Path) -> None:
    with pytest.raises(DatabaseError):
        CheckService(tmp_path / "missing.db")
    with pytest.raises(InputError, match="not encrypted"):
        CheckService(f"sqlite+cipher:///{tmp_path}/x.db")
    for wrong in ({"checkers": 0}, {"ahead": -1}, {"max_waiting": True}, {"attempts": 0}):
        with pytest.raises(InputError, match="expected an integer"):
            CheckService(site.path, **wrong)
