"""Checks of other hashes than PDQ are the same on both systems."""

from __future__ import annotations

from pathlib import Path

import pytest
from database.samples import many_records, pdq, photodna, record

from hashmatch.database import Database
from hashmatch.matching import Checker, CheckRequest, CheckStatus
from hashmatch.types import HashValue


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HASHMATCH_CACHE", str(tmp_path / "cache"))


@pytest.mark.parametrize("published", [False, True])
def test_photodna_and_other_hashes(database: Database, published: bool) -> None:
    phash = HashValue("phash", b"abcdefgh", 100)
    database.import_records(many_records(30), source="s")
    if published:
        database.publish_index()
    checker = Checker(database)
    request = CheckRequest(photodna=photodna(3).value, hashes={"phash": phash, "pdq": pdq(99)})
    result = checker.check_request(request)
    assert [(m.algorithm, m.distance) for m in result.matches] == [("photodna", 0)]
    assert checker.algorithms == ("pdq",)
    database.withdraw(source="s", record_key="md5:3")
    database.import_records([record("new", hashes=(phash,))], source="t")
    for one in (checker, Checker(database)):
        result = one.check_request(request)
        assert [(m.algorithm, m.distance) for m in result.matches] == [("phash", 0)]
        # PDQ: 29 entries in 8 forms; PhotoDNA the same; one phash in its own form.
        assert (result.status, result.n_comparisons) == (CheckStatus.POSSIBLE, 2 * 8 * 29 + 1)
        assert one.algorithms == ("pdq", "phash")
