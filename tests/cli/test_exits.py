"""How commands end: interrupted, nobody reading, a full disk, a terminal; as processes too."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from command import completed, environment, process
from known_media import digests_of, record
from pictures import photograph, png

from hashmatch import fingerprinting
from hashmatch.cli import demo_lists
from hashmatch.database import open_database

DATA = png(photograph(121, 64, 64))


@pytest.fixture
def media(tmp_path: Path) -> Path:
    folder = tmp_path / "media"
    folder.mkdir()
    for number in range(5):
        (folder / f"{number}.png").write_bytes(DATA)
    return folder


@pytest.fixture
def filled(db: Path) -> Path:
    with open_database(db) as database:
        database.import_records([record("1", digests_of(DATA))], source="List")
    return db


@pytest.mark.parametrize("as_json", [False, True])
@pytest.mark.parametrize("verb", ["hash", "check"])
def test_interrupted(
    run: Any, media: Path, filled: Path, monkeypatch: pytest.MonkeyPatch, verb: str, as_json: bool
) -> None:
    """The ledger of what was done is printed all the same."""
    real = fingerprinting.examine_media

    def interrupted(*arguments: Any, **options: Any) -> Any:
        made = real(*arguments, **options)
        yield next(made)
        yield next(made)
        raise KeyboardInterrupt

    monkeypatch.setattr("hashmatch.cli.options.examine_media", interrupted)
    options = ["--db", filled] if verb == "check" else []
    outcome = run(verb, *options, *(["--json"] if as_json else []), media)
    assert outcome.code == 130
    assert f"{verb}: 2 seen = 2 done" in outcome.err
    assert "interrupted" in outcome.err
    if as_json:
        *_, ledger, error = outcome.json
        assert ledger["ledger"]["seen"] == 2
        assert error["error"]["type"] == "Interrupted"


def test_an_interrupted_import_leaves_nothing(
    run: Any, db: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    made = fingerprinting.examine_image(DATA)
    demo_lists.write_icse(tmp_path / "icse.csv", {"astronaut": made})
    with monkeypatch.context() as patched:
        patched.setattr("hashmatch.database.importing.Importer.finish", interrupted)
        outcome = run("db", "import", db, tmp_path / "icse.csv", "--source", "ICSE")
    assert outcome.code == 130
    assert "rolled back" in outcome.err
    with open_database(db) as database:
        assert database.stats().opinions == 0
        assert database.stats().by_source == {}


def test_interrupted_by_a_signal(media: Path) -> None:
    """C09: one Ctrl-C is enough."""
    for number in range(3000):
        (media / f"x{number}.png").hardlink_to(media / "0.png")
    with process(
        *("hash", "--json", media), stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0
    ) as child:
        assert child.stdout is not None
        assert json.loads(child.stdout.readline())["status"] == "OK"
        child.send_signal(signal.SIGINT)
        out, err = child.communicate(timeout=30)
    assert child.returncode == 130
    *results, ledger, error = map(json.loads, out.splitlines())
    assert ledger["ledger"]["seen"] == len(results) + 1 < 3005
    assert error["error"]["type"] == "Interrupted"
    assert b"Traceback" not in err


@pytest.mark.parametrize("as_json", [False, True])
def test_nobody_reads_the_output(media: Path, filled: Path, as_json: bool) -> None:
    """Code 1 would say that something matched; here something does, but nobody was told."""
    reader, writer = os.pipe()
    os.close(reader)
    options = ["--json"] if as_json else []
    with process(
        *("check", "--db", filled, *options, media), stdout=writer, stderr=subprocess.PIPE
    ) as child:
        os.close(writer)
        _, err = child.communicate(timeout=30)
    assert child.returncode == 2
    assert b"Traceback" not in err
    assert b"Exception ignored" not in err
    assert b"check: " in err  # the ledger


@pytest.mark.parametrize("verb", ["hash", "info"])
def test_a_full_disk(media: Path, verb: str) -> None:
    with (
        open("/dev/full", "wb") as full,  # noqa: PTH123
        process(
            verb,
            *(["--in-process", media] if verb == "hash" else []),
            stdout=full,
            stderr=subprocess.PIPE,
        ) as child,
    ):
        _, err = child.communicate(timeout=30)
    assert child.returncode == 2
    assert b"No space left on device" in err
    assert b"Exception ignored" not in err
    assert b"Traceback" not in err


def test_exit_codes_of_the_process(run: Any, media: Path, filled: Path, tmp_path: Path) -> None:
    """One process for each code; what else gives them is run in this one."""
    other = tmp_path / "other.png"
    other.write_bytes(png(photograph(122)))
    assert completed("check", "--db", filled, media).code == 1
    assert completed("check", "--db", filled, "--in-process", other).code == 0
    assert run("hash", "--in-process", media).code == 0
    assert run("hash", tmp_path / "missing").code == 2
    assert run("check", "--db", tmp_path / "missing.db", media).code == 2
    usage = completed("hash", "--nonsense")
    assert usage.code == 2
    assert usage.err.startswith("Usage: hashmatch hash ")
    assert completed("--version").out.startswith("hashmatch")
    assert run("--help").code == 0
    assert run().code == 2


def test_lists_from_standard_input(media: Path, filled: Path) -> None:
    made = completed("hash", "--in-process", media)
    checked = subprocess.run(
        [sys.executable, "-m", "hashmatch", "check", "--db", str(filled), "--hashes", "-"],
        input=made.out.encode(),
        capture_output=True,
        env=environment(),
        check=False,
        timeout=60,
    )
    assert checked.returncode == 1
    assert checked.stdout.count(b"MATCH ") == 5


def on_terminal(arguments: list[str], *, also_stdout: bool) -> tuple[int, bytes, bytes]:
    """Run a command with stderr, and stdout too if asked, on a terminal."""
    master, slave = pty.openpty()
    with process(
        *arguments,
        stdout=slave if also_stdout else subprocess.PIPE,
        stderr=slave,
        env={**environment(), "TERM": "xterm", "COLUMNS": "200"},
    ) as child:
        os.close(slave)
        shown = b""
        try:
            while block := os.read(master, 65536):
                shown += block
        except OSError:
            pass  # the terminal's other end is closed
        out, _ = child.communicate(timeout=30)
    os.close(master)
    return child.returncode, out or b"", shown


def test_results_stay_apart_from_the_bar(media: Path, filled: Path) -> None:
    code, out, shown = on_terminal(
        ["check", "--db", str(filled), "--json", str(media)], also_stdout=False
    )
    assert code == 1
    values = [json.loads(line) for line in out.splitlines()]
    assert len(values) == 6
    assert b"checking" in shown
    assert b"5/5" in shown
    assert b"schema" not in shown


def test_names_do_not_command_the_terminal(media: Path, filled: Path) -> None:
    """Names may hold escape sequences, markup and emoji codes."""
    evil = media / "\x1b]0;owned\x07\x1b[31m[red]:warning:\n.png"
    evil.write_bytes(DATA)
    for verb in (["hash"], ["check", "--db", str(filled)]):
        code, _, shown = on_terminal([*verb, "--in-process", str(media)], also_stdout=True)
        assert code == (0 if verb == ["hash"] else 1)
        assert b"\x1b]0;" not in shown
        assert b"\x1b[31m" not in shown
        assert rb"\x1b]0;owned\x07\x1b[31m[red]:warning:\n.png" in shown


def test_errors_do_not_command_the_terminal(filled: Path, tmp_path: Path) -> None:
    evil = "-\x1b]0;owned\x07"
    for arguments in (
        ["hash", evil],
        ["check", "--db", str(tmp_path / evil), "x"],
        ["check", "--db", str(filled), "--pdq", "\x1b]0;owned\x07"],
        ["db", "import", str(filled), str(tmp_path / "[/red]\x1b]0;owned\x07"), "--source", "A"],
    ):
        code, _, shown = on_terminal(arguments, also_stdout=True)
        assert code == 2
        assert b"\x1b]0;" not in shown
        assert b"Traceback" not in shown


def test_an_import_with_a_bar(filled: Path, tmp_path: Path) -> None:
    path = tmp_path / "[red]\x1b]0;owned\x07.csv"
    demo_lists.write_icse(path, {"astronaut": fingerprinting.examine_image(DATA)})
    arguments = ["db", "import", str(filled), str(path), "--source", "ICSE"]
    code, _, shown = on_terminal(arguments, also_stdout=True)
    assert code == 0
    assert b"importing [red]" in shown
    assert b"\x1b]0;" not in shown
