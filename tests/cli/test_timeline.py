"""``hashmatch timeline``, and ``check`` of videos: segments in words, as strips, as a picture."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest
from clips import make_clip, shots

from hashmatch.cli.timeline_svg import svg_of
from hashmatch.cli.timeline_text import cells, strips
from hashmatch.database import open_database
from hashmatch.fingerprinting import VideoFingerprint, hash_video, video_record
from hashmatch.matching import Checker, VideoEvidence, VideoSegment

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def clip() -> bytes:
    """Six seconds of four shots."""
    return make_clip(shots(range(4), 15), fps=10)


@pytest.fixture(scope="module")
def longer() -> bytes:
    """The same among others: from 3 to 9 s."""
    return make_clip(shots([20, 21, 0, 1, 2, 3, 22], 15), fps=10)


@pytest.fixture
def filled(db: Path, clip: bytes) -> Path:
    with open_database(db) as database:
        made = hash_video(clip, interval_s=0.5)
        database.import_records([video_record(made)], source="List <&> \x1b[31m")
    return db


@pytest.fixture
def path(tmp_path: Path, longer: bytes) -> Path:
    file = tmp_path / "a<b>&\x07.mp4"
    file.write_bytes(longer)
    return file


def test_in_words_and_as_strips(run: Any, filled: Path, path: Path) -> None:
    outcome = run("timeline", path, "--db", filled, "--in-process")
    assert outcome.code == 1
    assert "MATCH OTHER" in outcome.out
    query, known = [line for line in outcome.out.splitlines() if "|" in line]
    assert query.split()[:2] == ["query", "0:00.0"]
    assert query.endswith("0:10.5")
    assert known.endswith(("0:06.0", "0:05.5"))
    assert 0.4 < query.count("█") / len(query.split("|")[1]) < 0.7
    assert known.count("█") / len(known.split("|")[1]) > 0.9
    assert " of the known video (" in outcome.out
    assert "\x1b" not in outcome.out
    assert "\x07" not in outcome.out


def test_json_and_a_picture(run: Any, filled: Path, path: Path, tmp_path: Path) -> None:
    picture = tmp_path / "out.svg"
    arguments = ("timeline", path, "--db", filled, "--in-process", "--json", "--svg", picture)
    (values,) = run(*arguments).json
    assert values["schema"] == "hashmatch.timeline/1"
    assert (values["status"], values["duration_ms"]) == ("MATCH", 10_500)
    (match,) = values["matches"]
    (segment,) = match["video"]["segments"]
    assert abs(segment["query_from_ms"] - 3_000) <= 500
    assert abs(segment["query_to_ms"] - 9_000) <= 500
    assert abs(segment["offset_ms"] + 3_000) <= 500
    tree = ET.fromstring(picture.read_text(encoding="utf-8"))  # noqa: S314 - made here
    assert tree.get("role") == "img"
    assert "MATCH" in (tree.findtext(f"{SVG}title") or "")
    assert "of the known video" in (tree.findtext(f"{SVG}desc") or "")
    tags = {element.tag.removeprefix(SVG) for element in tree.iter()}
    assert tags == {"svg", "title", "desc", "style", "rect", "text", "g", "path"}
    attributes = {name for element in tree.iter() for name in element.attrib}
    assert not [name for name in attributes if "href" in name or name.startswith("on")]
    again = run(*arguments)
    assert (again.code, "--overwrite" in again.err) == (2, True)
    assert run(*arguments, "--overwrite").code == 1


def test_what_is_no_video(run: Any, filled: Path, tmp_path: Path) -> None:
    text = tmp_path / "a.txt"
    text.write_text("text")
    outcome = run("timeline", text, "--db", filled, "--in-process")
    assert outcome.code == 2
    (values,) = run("timeline", text, "--db", filled, "--in-process", "--json").json
    assert (values["duration_ms"], values["matches"]) == (None, [])


def test_nothing_found(run: Any, db: Path, path: Path, tmp_path: Path) -> None:
    picture = tmp_path / "out.svg"
    outcome = run("timeline", path, "--db", db, "--in-process", "--svg", picture)
    assert (outcome.code, outcome.out.split()[0]) == (0, "NO_MATCH")
    assert "No part of a known video was found." in picture.read_text(encoding="utf-8")


def test_check_prints_the_segments(run: Any, filled: Path, path: Path, tmp_path: Path) -> None:
    outcome = run("check", "--db", filled, "--in-process", path)
    assert outcome.code == 1
    assert " of the known video (" in outcome.out
    assert "1 seen = 1 done" in outcome.err
    # And elsewhere hashed, here checked.
    listing = tmp_path / "hashes.jsonl"
    listing.write_text(run("hash", "--json", "--in-process", path).out, encoding="utf-8")
    again = run("check", "--db", filled, "--json", "--hashes", listing)
    assert again.results[0]["status"] == "MATCH"
    assert again.results[0]["matches"][0]["video"]["segments"]
    explained = run("explain", "--db", filled, "--in-process", path)
    assert (explained.code, "frames of the video" in explained.out) == (1, True)


def test_pages_have_the_keys(root: Path, filled: Path, path: Path, run: Any) -> None:
    page = (root / "docs" / "json.md").read_text(encoding="utf-8")
    (values,) = run("timeline", path, "--db", filled, "--in-process", "--json").json
    video = values["matches"][0]["video"]
    for section, keys in (
        ("## hashmatch.timeline/1", values),
        ("### video", video),
        ("### segment", video["segments"][0]),
    ):
        start = page.index(f"\n{section}\n")
        said = page[start : page.index("\n#", start + 2)]
        assert [key for key in keys if f"`{key}`" not in said] == []


def test_cells() -> None:
    assert cells([(0, 500), (900, 1000)], 1000, 10) == "█████····█"
    assert cells([(0, 30), (550, 1000)], 1000, 10) == "▒····█████"
    assert cells([], 0, 3) == "···"
    segment = VideoSegment(0, 500, 1000, 1500, 1000, 1.0, "flip_y", 3, 4.0)
    evidence = VideoEvidence("times", (segment,) * 50, query_ms=1000, stored_ms=2000)
    lines = list(strips(evidence, 1000, 60, plain=True))
    assert all(line.isascii() for line in lines)
    assert lines[0].count("#") == 15
    assert lines[-1] == "    and 10 more parts"
    assert list(strips(None, 1000, 60)) == []


def test_hostile_names_are_text(filled: Path, longer: bytes) -> None:
    with open_database(filled) as db:
        result = Checker(db).check(longer)
    assert isinstance(result.fingerprint, VideoFingerprint)
    for name in ('"><script>alert(1)</script>', "\x00\x1b[2J\ud800\ufffe", "a" * 5000):
        text = svg_of(name, result)
        tree = ET.fromstring(text)  # noqa: S314 - made here
        assert not [one for one in tree.iter() if "script" in one.tag]
        assert len(text) < 20_000
