"""A scan by a Ray cluster: the same as here, whatever is lost on the way."""

from __future__ import annotations

import os
import pickle
import socket
import subprocess
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from clips import make_clip, shots
from exhibits import exported, fill, tile
from pictures import encoded, photograph, png
from ray_sessions import SESSIONS, TwoNodes
from seized import seize
from stopped_processes import kill, wait_until
from web_folder import served

from hashmatch.decode import DEFAULT_LIMITS
from hashmatch.errors import ClusterError, InputError
from hashmatch.fingerprinting import Fingerprint, examine_medium
from hashmatch.scan import (
    ArchiveLimits,
    Catalogue,
    Entry,
    RayCluster,
    Recipe,
    ScanSummary,
    scan_into,
)
from hashmatch.scan.findings import Same
from hashmatch.scan.known import Known
from hashmatch.scan.ray_sending import Sent, packed, unpacked
from hashmatch.scan.statuses import ItemStatus

pytest.importorskip("ray")


@pytest.fixture(scope="module", autouse=True)
def _ended() -> Iterator[None]:
    yield
    SESSIONS.stop()


@pytest.fixture
def cluster() -> RayCluster:
    """Of one node."""
    SESSIONS.local()
    return RayCluster()


class Judge:
    """Says of a content what it is; fails where a test wants it to."""

    key = "a judge"

    def __call__(self, fingerprint: Fingerprint) -> bytes:
        return str(fingerprint.digests.sha256).encode()


def scanned(
    folder: Path, *roots: Path | str, **options: Any
) -> tuple[str, ScanSummary, Any, list[Any]]:
    with Catalogue.open(folder, create=True) as catalogue:
        summary = scan_into(catalogue, roots, **options)
        contents = {content.number: content for content in catalogue.contents()}
        said = [(contents[n].digests, said) for n, said in catalogue.verdicts(Judge.key)]
        return exported(catalogue), summary, catalogue.ledger(), said


def everything(folder: Path) -> Path:
    """An exhibit of every kind, archives of every kind among it."""
    root = seize(folder).root
    for name in ("a.zip", "same.zip"):
        with zipfile.ZipFile(root / name, "w") as packed:
            packed.writestr("within.png", tile(1))
            packed.writestr("again.png", tile(1))
            packed.writestr("text", b"words")
    with zipfile.ZipFile(root / "outer.zip", "w") as packed:
        packed.write(root / "a.zip", "inner.zip")
        packed.writestr("bomb", bytes(5_000_000), zipfile.ZIP_DEFLATED)
    (root / "broken.zip").write_bytes((root / "a.zip").read_bytes()[:200])
    (root / "large.jpg").write_bytes(encoded(photograph(7, 300, 400), "JPEG") + bytes(2_000_000))
    (root / "hidden.png").write_bytes(tile(2))
    (root / "hidden.png").chmod(0)
    return root


def test_the_same_as_here(tmp_path: Path, cluster: RayCluster) -> None:
    root, more = everything(tmp_path), fill(tmp_path / "more", 150)
    asked = {"archives": ArchiveLimits(max_member_bytes=1_000_000), "judge": Judge()}
    here = scanned(tmp_path / "here", root, more, **asked)
    there = scanned(tmp_path / "there", root, more, hands=cluster, **asked)
    assert there[0] == here[0]
    assert there[2:] == here[2:]
    assert (there[1].listed, there[1].members) == (here[1].listed, here[1].members)
    assert there[1].complete
    # Again: nothing is left to do. With other rules, archives alone are.
    again = scanned(tmp_path / "there", root, more, hands=cluster, **asked)[1]
    assert (again.examined, again.copies) == (0, 0)
    kept = scanned(tmp_path / "there", root, more, hands=cluster)
    assert kept[0] == scanned(tmp_path / "here", root, more)[0]


def test_urls_are_opened_by_the_workers(
    tmp_path: Path, cluster: RayCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the password, which they are told and nobody else is."""
    pytest.importorskip("aiohttp")
    root = fill(tmp_path / "exhibit", 20)
    # What they can't open stays a failure here.
    monkeypatch.setattr("hashmatch.scan.ray_hands.ACCESS", frozenset())
    with served(root, "user", "secret") as url:
        there = scanned(tmp_path / "there", url, hands=cluster)
    assert there[0].count('"status": "OK"') == 40  # of items and of contents
    assert (there[2].seen, there[2].done) == (20, 20)
    assert "secret" not in there[0]


@pytest.mark.parametrize(
    "recipe",
    [
        Recipe(isolate=False),  # decoded in Ray's own processes
        Recipe(limits=replace(DEFAULT_LIMITS, max_pixels=10_000)),
        Recipe(views="trims", decode="fast"),
    ],
)
def test_other_recipes(tmp_path: Path, cluster: RayCluster, recipe: Recipe) -> None:
    root = fill(tmp_path / "exhibit", 30)
    (root / "large.png").write_bytes(png(photograph(5, 120, 160)))
    here = scanned(tmp_path / "here", root, recipe=recipe)
    assert scanned(tmp_path / "there", root, recipe=recipe, hands=cluster)[0] == here[0]
    assert ('"status": "LIMIT"' in here[0]) == (recipe.limits != DEFAULT_LIMITS)


def test_known_contents_are_not_decoded(tmp_path: Path, cluster: RayCluster) -> None:
    root = fill(tmp_path / "exhibit", 40)
    scanned(tmp_path / "out", root, hands=cluster)
    copy = root / "copy"
    copy.mkdir()
    for path in sorted((root / "folder-0").iterdir())[:20]:
        (copy / path.name).write_bytes(path.read_bytes())
    summary = scanned(tmp_path / "out", root, hands=cluster)[1]
    assert (summary.new, summary.copies, summary.examined) == (20, 20, 0)


def test_a_judge_that_fails_ends_the_run(tmp_path: Path, cluster: RayCluster) -> None:
    class Failing(Judge):
        def __call__(self, fingerprint: Fingerprint) -> bytes:
            raise ClusterError("the judge is away")

    root = fill(tmp_path / "exhibit", 10)
    with pytest.raises(ClusterError, match="is away"):
        scanned(tmp_path / "out", root, hands=cluster, judge=Failing())


def test_other_versions_elsewhere(
    tmp_path: Path, cluster: RayCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What other libraries decode must not be mixed with it."""
    monkeypatch.setattr("hashmatch.scan.recipe.__version__", "99")
    root = fill(tmp_path / "exhibit", 3)
    with pytest.raises(ClusterError, match="versions"):
        scanned(tmp_path / "out", root, hands=cluster)


def test_what_is_sent_arrives() -> None:
    """Every kind of fingerprint, of trims with their thumbnails too, as it was."""
    media = (tile(1), tile(1)[:60], b"words", make_clip(shots((1,), 5)))
    made = [examine_medium(data, dihedral=True, views="trims") for data in media]
    contents = [*made, None, Same(b"1" * 32), Known(7, "image", judged=False)]
    sent = [
        Sent(n, content, ItemStatus.LIMIT, "why", b"a\0b", n) for n, content in enumerate(contents)
    ]
    arrived = unpacked(packed(sent))
    assert [pickle.dumps(one) for one in arrived] == [pickle.dumps(one) for one in sent]
    assert [type(one.content) for one in arrived] == [type(content) for content in contents]


def test_wrong_numbers() -> None:
    for wrong in (0, True, "2"):
        with pytest.raises(InputError, match="in_flight"):
            RayCluster(in_flight=wrong)  # type: ignore[arg-type]


def workers_of_ray() -> list[int]:
    """Processes of this test's cluster that are at a task of a scan."""
    listed = subprocess.run(
        ["ps", "-eo", "pid=,ppid=,args="], capture_output=True, text=True, check=True
    )
    rows = [line.split(maxsplit=2) for line in listed.stdout.splitlines()]
    ours = {os.getpid()}
    for _ in range(4):  # this process, Ray's own, and theirs
        ours |= {int(pid) for pid, parent, _ in rows if int(parent) in ours}
    return [int(pid) for pid, _, args in rows if "ray::slowly" in args and int(pid) in ours]


def with_trouble(trouble: Callable[[], None], after: int) -> Callable[[ScanSummary], None]:
    """For ``progress``: once, when so many are examined."""
    done: list[bool] = []

    def progress(summary: ScanSummary) -> None:
        if summary.examined >= after and not done:
            done.append(True)
            trouble()

    return progress


def slowly(setup: bytes, entries: Any, known: Any, alone: bool) -> bytes:
    """``examine_files``, so that there is time to meet it at work."""
    from hashmatch.scan.ray_task import examine_files

    time.sleep(0.08)
    return examine_files(setup, entries, known, alone)


def test_a_worker_that_is_killed(
    tmp_path: Path, cluster: RayCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hashmatch.scan.ray_hands.examine_files", slowly)
    root = fill(tmp_path / "exhibit", 70)
    here = scanned(tmp_path / "here", root)
    killed: list[int] = []

    def kill_them() -> None:
        def found() -> bool:
            killed.extend(workers_of_ray())
            return bool(killed)

        wait_until(found)
        for pid in killed:
            kill(pid)

    there = scanned(tmp_path / "there", root, hands=cluster, progress=with_trouble(kill_them, 5))
    assert killed
    assert there[2].reasons == here[2].reasons
    assert there[0] == here[0]
    assert there[2] == here[2]
    assert there[2].seen == 70


def test_a_file_with_which_workers_die(
    tmp_path: Path, cluster: RayCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not the decoder, which is a process of its own: what opens and reads it."""
    root = fill(tmp_path / "exhibit", 60)
    poison = root / "folder-0" / "0031.png"
    here = scanned(tmp_path / "here", root)
    monkeypatch.setattr("hashmatch.scan.ray_hands.examine_files", deadly)
    monkeypatch.setattr("hashmatch.scan.ray_hands.Aside", DeadlyAside)
    monkeypatch.setattr("hashmatch.scan.ray_hands.RETRIES", 0)
    there = scanned(tmp_path / "there", root, hands=cluster)
    differ = sorted(set(there[0].split("\n")) - set(here[0].split("\n")))
    assert len(differ) == 1
    assert f'"path": "{poison.relative_to(root)}"' in differ[0]
    assert '"status": "CRASHED"' in differ[0]
    assert (there[2].seen, there[2].failed) == (60, 1)


def deadly(setup: bytes, entries: Any, known: Any, alone: bool) -> bytes:
    """``examine_files``, but one file kills whoever reads it."""
    from hashmatch.scan.ray_task import examine_files

    if any(entry.path.endswith(b"0031.png") for entry in entries):
        os.kill(os.getpid(), 9)
    return examine_files(setup, entries, known, alone)


class DeadlyAside:
    def examine(self, setup: bytes, entry: Entry) -> bytes:
        return deadly(setup, (entry,), {}, alone=True)


def test_nobody_at_the_address() -> None:
    SESSIONS.stop()
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    for address in (f"127.0.0.1:{port}", "127.0.0.1:99999"):
        with pytest.raises(ClusterError, match="nobody answers"):
            RayCluster(address)


def test_a_node_that_goes_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hashmatch.scan.ray_hands.examine_files", slowly)
    nodes: TwoNodes = SESSIONS.two_nodes()
    root = fill(tmp_path / "exhibit", 70)
    here = scanned(tmp_path / "here", root)
    there = scanned(
        tmp_path / "there",
        root,
        hands=RayCluster(nodes.address),
        progress=with_trouble(nodes.remove_other, 5),
    )
    assert there[0] == here[0]
    assert there[2] == here[2]
    assert there[1].complete
