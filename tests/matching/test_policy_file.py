"""Policies as files: what is written is read, and nothing is read that was not meant."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hashmatch.errors import InputError
from hashmatch.matching import Alert, Level, MatchPolicy, Thresholds
from hashmatch.matching.thresholds import COMPARED, largest_distance
from hashmatch.types import Label

HEAD = 'schema = "hashmatch.policy/1"\n'


def read(text: str) -> MatchPolicy:
    return MatchPolicy.from_toml((HEAD + text).encode())


@st.composite
def thresholds(draw: st.DrawFn, algorithm: str) -> Thresholds:
    possible = draw(st.integers(0, largest_distance(algorithm)))
    match = draw(st.none() | st.integers(0, possible))
    return Thresholds(match, possible, draw(st.none() | st.integers(0, 100)))


@st.composite
def policies(draw: st.DrawFn) -> MatchPolicy:
    match, registered = draw(st.integers(0, 256)), draw(st.integers(0, 256))
    names = draw(st.sets(st.sampled_from(COMPARED)))
    return MatchPolicy(
        algorithm=draw(st.sampled_from(["pdq", "pdq-cpp", "blockhash"])),
        max_distance=match,
        review_max_distance=draw(st.integers(match, 256)),
        min_quality=draw(st.integers(0, 100)),
        orientations=draw(st.booleans()),
        alerts={label: draw(st.sampled_from(Alert)) for label in Label},
        level=draw(st.sampled_from(Level)),
        others={name: draw(thresholds(name)) for name in sorted(names)},
        max_comparisons=draw(st.integers(0, 2**63 - 1)),
        near_max_distance=draw(st.integers(0, 256)),
        registered_max_distance=registered,
        registered_review_max_distance=draw(st.integers(registered, 256)),
        name=draw(st.text(min_size=1).filter(lambda t: bool(t.strip()) and t.isprintable())),
        version=draw(st.integers(0, 2**63 - 1)),
    )


@given(policies())
def test_round_trip(policy: MatchPolicy) -> None:
    again = MatchPolicy.from_toml(policy.to_toml().encode())
    assert again == policy
    assert again.digest == policy.digest
    assert again.to_toml() == policy.to_toml()


def test_what_is_not_stated_is_default(tmp_path: Path) -> None:
    assert read("") == MatchPolicy()
    file = tmp_path / "policy.toml"
    file.write_bytes(b"\xef\xbb\xbf" + HEAD.encode() + b'level = "fast"\n')
    assert MatchPolicy.from_toml(file) == MatchPolicy(level=Level.FAST)
    assert MatchPolicy.from_toml(str(file)).level is Level.FAST
    alerts = read('[alerts]\ncgi = "NATIONAL"\n').alerts
    assert alerts == {**MatchPolicy().alerts, Label.CGI: Alert.NATIONAL}


def test_a_table_of_others_names_all_of_them() -> None:
    assert dict(read("[others]\n").others) == {}
    only = read("[others.phash]\npossible = 4\n").others
    assert dict(only) == {"phash": Thresholds(None, 4)}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("max_distanse = 31\n", "max_distanse: expected one of .*max_distance"),
        ('max_distance = "31"\n', "max_distance: expected an integer 0..256, got '31'"),
        ("max_distance = 31.0\n", "max_distance: expected an integer"),
        ("max_distance = true\n", "max_distance: expected an integer"),
        ("max_distance = 300\n", "max_distance: expected an integer 0..256, got 300"),
        ("orientations = 1\n", "orientations: expected True or False, got 1"),
        ('level = "slow"\n', "level: expected one of digest, .*, got 'slow'"),
        ("level = []\n", "level: expected one of"),
        ("name = 1\n", "name: expected"),
        ('algorithm = "md6"\n', "algorithm: expected one of .*, got 'md6'"),
        ("algorithm = 1\n", "algorithm: expected a name, got 1"),
        ("algorithm = []\n", "algorithm: expected"),
        ('alerts = "NATIONAL"\n', "alerts: expected a table"),
        ('[alerts]\nscam = "NATIONAL"\n', "alerts.scam: expected one of csam"),
        ('[alerts]\ncsam = "national"\n', "alerts.csam: expected one of BASELINE"),
        ("[alerts]\ncsam = 1\n", "alerts.csam: expected one of BASELINE"),
        ("[alerts]\ncsam = []\n", "alerts.csam: expected one of BASELINE"),
        ("others = 5\n", "others: expected a table"),
        ("[others]\nphash = 6\n", "others.phash: expected a table, got 6"),
        ("[others.md6]\npossible = 6\n", "others.md6: expected one of pdq"),
        ("[others.tmk]\npossible = 6\n", "others.tmk: expected one of pdq"),
        ("[others.phash]\n", "others.phash.possible: expected a whole number, got nothing"),
        ("[others.phash]\npossible = 65\n", "others.phash.possible: expected .*64, got 65"),
        ("[others.phash]\npossible = -1\n", "others.phash.possible: expected"),
        ('[others.phash]\npossible = "6"\n', "others.phash.possible: expected .*got '6'"),
        ("[others.phash]\npossible = 6\nmatch = 7\n", "others.phash.possible: expected at least"),
        ("[others.phash]\npossible = 6\nradius = 7\n", "others.phash.radius: expected one of"),
        ("max_distance = \n", "expected TOML"),
        ("a = " + "[" * 5000 + "\n", "expected TOML"),
    ],
)
def test_wrong_files(text: str, message: str) -> None:
    with pytest.raises(InputError, match=f"(?s)policy: {message}"):
        read(text)


@pytest.mark.parametrize(
    "data", [b"", b"schema = 1", b'schema = "hashmatch.policy/2"', b"\xff\xfe", b"\0"]
)
def test_files_that_are_no_policy(data: bytes) -> None:
    with pytest.raises(InputError, match=r"^policy: (schema: expected|expected TOML)"):
        MatchPolicy.from_toml(data)


def test_files_that_can_not_be_read(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "missing.toml", "nul\0"):
        with pytest.raises(InputError, match="policy: can't read"):
            MatchPolicy.from_toml(path)
    large = tmp_path / "large.toml"
    large.write_text(HEAD + "#" * (1 << 20), encoding="ascii")
    with pytest.raises(InputError, match=r"large.toml: expected a policy of at most"):
        MatchPolicy.from_toml(large)


def test_the_page_shows_the_default_policy_whole(root: Path) -> None:
    page = (root / "docs" / "policy.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"^```toml\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    assert MatchPolicy.from_toml(block.encode()) == MatchPolicy()
    shown, whole = tomllib.loads(block), tomllib.loads(MatchPolicy().to_toml())
    assert shown == whole
