"""What is to be done about each file: the precedence of everything that is known of it."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from classed_sets import classes_of, group_of, groups_of, item_at, sha256_of, shown
from known_media import digests_of, flipped, record
from pictures import photograph, png
from PIL import Image

from hashmatch.database import Database
from hashmatch.errors import InputError
from hashmatch.fingerprinting import hash_image
from hashmatch.matching import Checker, MatchPolicy
from hashmatch.report import GroupKind
from hashmatch.scan import Catalogue
from hashmatch.triage import (
    Classification,
    CopyGroups,
    DatabaseJudge,
    Decisions,
    classify,
)
from hashmatch.types import Digests, HashValue, Label

MakeCatalogue = Callable[..., Catalogue]
Classified = Callable[..., Classification]

ONE, TWO, THREE, FOUR, FIVE = (png(photograph(seed)) for seed in range(81, 86))
BLANK = png(Image.new("RGB", (200, 200), (9, 9, 9)))


def near_hash(data: bytes, bits: int) -> HashValue:
    value = hash_image(data).hashes["pdq"]
    return flipped(HashValue("pdq", value.value, 100), bits)


def judge_of(db: Database, **policy: Any) -> DatabaseJudge:
    return DatabaseJudge(db, Checker(db, MatchPolicy(**policy)))


def test_without_anything_known(make_catalogue: MakeCatalogue, classified: Classified) -> None:
    files = {"a.png": ONE, "b.png": ONE, "c.png": TWO, "blank.png": BLANK, "t.txt": b"words"}
    catalogue = make_catalogue({**files, "empty": b"", "broken.jpg": b"\xff\xd8\xff\xe0 broken"})
    made = classified(catalogue)
    assert classes_of(made) == {
        "a.png": "unknown",
        "b.png": "duplicate",
        "blank.png": "unknown",
        "broken.jpg": "unexamined",
        "c.png": "unknown",
    }
    assert {count.triage.value: count.files for count in made.counts} == {
        "unknown": 3,
        "duplicate": 1,
        "unexamined": 1,
    }
    assert made.counts[0].size == len(ONE) + len(TWO) + len(BLANK)
    assert (made.n_to_look_at, made.saved) == (4, 1)
    whys = {shown(one.item): one.why for one in made.files()}
    assert whys["b.png"] == "the same bytes"
    assert whys["blank.png"] == "says too little to be compared"
    assert whys["broken.jpg"].startswith(item_at(catalogue, "broken.jpg").status)


def test_by_the_alert_of_a_match(
    db: Database, make_catalogue: MakeCatalogue, classified: Classified
) -> None:
    db.import_records([record("1", digests_of(ONE), baseline=True)], source="s")
    db.import_records([record("2", None, near_hash(TWO, 6))], source="s")
    db.import_records([record("3", digests_of(THREE), label=Label.COMPARISON)], source="s")
    db.import_records([record("4", digests_of(FOUR), label=Label.NON_PERTINENT)], source="s")
    db.import_records([record("5", digests_of(b"words"), label=Label.CSAM)], source="s")
    judge = judge_of(db)
    files = {"1.png": ONE, "1b.png": ONE, "2.png": TWO, "3.png": THREE, "4.png": FOUR}
    catalogue = make_catalogue({**files, "5.png": FIVE, "t.txt": b"words"}, judge=judge)
    made = classified(catalogue, key=judge.key)
    assert classes_of(made) == {
        "1.png": "baseline",
        "1b.png": "baseline",
        "2.png": "national",
        "3.png": "other",
        "4.png": "ignorable",
        "5.png": "unknown",
        "t.txt": "national",
    }
    found = {shown(one.item): one for one in made.files()}
    assert found["2.png"].why == "pdq distance 6 of 31 bits"
    assert found["1.png"].verdict is not None
    assert found["1.png"].verdict.revision == db.revision
    assert classes_of(classified(catalogue))["1.png"] == "unknown"  # nobody was asked


def test_possible_and_what_looks_harmless(
    db: Database, make_catalogue: MakeCatalogue, classified: Classified
) -> None:
    twins = Digests(md5=digests_of(ONE).md5, sha1="12" * 20)
    db.import_records([record("1", twins, baseline=True)], source="s")
    harmless = record("2", None, near_hash(TWO, 6), label=Label.NON_PERTINENT)
    db.import_records([harmless], source="s")
    judge = judge_of(db)
    made = classified(
        make_catalogue({"1.png": ONE, "1b.png": ONE, "2.png": TWO}, judge=judge), key=judge.key
    )
    assert classes_of(made) == {"1.png": "possible", "1b.png": "duplicate", "2.png": "unknown"}
    whys = {shown(one.item): one.why for one in made.files()}
    assert whys["1.png"] == "may be BASELINE: same md5, but another sha1"
    assert "harmless to the lists" in whys["2.png"]


def test_a_known_set(
    db: Database, tmp_path: Path, make_catalogue: MakeCatalogue, classified: Classified
) -> None:
    (tmp_path / "nsrl.txt").write_text(f"{digests_of(ONE).md5}  one.png\n")
    db.add_known_set("NSRL", [tmp_path / "nsrl.txt"])
    judge = judge_of(db)
    made = classified(make_catalogue({"1.png": ONE, "2.png": TWO}, judge=judge), key=judge.key)
    assert classes_of(made) == {"1.png": "ignorable", "2.png": "unknown"}


def test_decisions_outrank_all_but_a_match(
    db: Database, tmp_path: Path, make_catalogue: MakeCatalogue, classified: Classified
) -> None:
    db.import_records([record("1", digests_of(ONE))], source="s")
    twins = Digests(md5=digests_of(TWO).md5, sha1="12" * 20)
    db.import_records([record("2", twins)], source="s")
    judge = judge_of(db)
    files = {"1.png": ONE, "2.png": TWO, "3.png": THREE, "3b.png": THREE, "4.png": FOUR}
    catalogue = make_catalogue({**files, "x.jpg": b"\xff\xd8\xff\xe0 broken"}, judge=judge)
    decisions = Decisions.open(tmp_path / "set")
    for path, label in (
        ("1.png", Label.NON_PERTINENT),
        ("2.png", Label.COMPARISON),
        ("3.png", Label.CSAM),
        ("4.png", Label.KNOWN_IGNORABLE),
        ("x.jpg", Label.UNCATEGORIZED),
    ):
        decisions.add_category(label, [sha256_of(catalogue, path)], examiner="E")
    made = classified(catalogue, key=judge.key, decisions=decisions)
    assert classes_of(made) == {
        "1.png": "national",
        "2.png": "decided",
        "3.png": "decided",
        "3b.png": "decided",
        "4.png": "ignorable",
        "x.jpg": "decided",
    }
    found = {shown(one.item): one for one in made.files()}
    assert (found["3b.png"].decided, found["1.png"].decided) == (Label.CSAM, Label.NON_PERTINENT)
    assert found["3.png"].why == "decided csam by E"
    decisions.withdraw(3, examiner="E")
    assert classes_of(classified(catalogue, decisions=decisions))["3.png"] == "unknown"


def test_an_earlier_batch(make_catalogue: MakeCatalogue, classified: Classified) -> None:
    picture = photograph(87)
    turned = png(picture[::-1])
    smaller = png(Image.fromarray(picture).resize((240, 180)))
    broken = b"\xff\xd8\xff\xe0 broken"
    earlier = make_catalogue({"o.png": ONE, "p.png": png(picture), "x": broken}, name="first")
    files = {"1.png": ONE, "2.png": TWO, "s.png": smaller, "t.png": turned, "x.jpg": broken}
    catalogue = make_catalogue(files)
    made = classified(catalogue, earlier=[earlier])
    assert classes_of(made) == {
        "1.png": "earlier",
        "2.png": "unknown",
        "s.png": "earlier",
        "t.png": "earlier",
        "x.jpg": "unexamined",  # nobody saw it then
    }
    whys = {shown(one.item): one.why for one in made.files()}
    assert whys["1.png"] == "the same bytes in first"
    assert whys["s.png"].endswith(" bits from a picture in first")
    upright = classified(catalogue, earlier=[earlier], orientations=False)
    assert classes_of(upright)["t.png"] == "unknown"
    exact = classified(catalogue, earlier=[earlier], max_distance=0, orientations=False)
    assert classes_of(exact)["1.png"] == "earlier"


def test_the_first_of_several_batches_is_told(
    make_catalogue: MakeCatalogue, classified: Classified
) -> None:
    near = png(Image.fromarray(photograph(81)).resize((300, 220)))
    first = make_catalogue({"near.png": near}, name="first")
    second = make_catalogue({"one.png": ONE}, name="second")
    made = classified(make_catalogue({"1.png": ONE}), earlier=[first, second])
    (one,) = made.files()
    assert one.why == "the same bytes in second"  # the same bytes come before near ones


def test_one_of_a_group_is_looked_at(make_catalogue: MakeCatalogue, classified: Classified) -> None:
    catalogue = make_catalogue({"1.png": ONE, "2.png": TWO, "2b.png": TWO, "3.png": THREE})
    groups = groups_of([group_of(catalogue, "2.png", "1.png")])
    made = classified(catalogue, groups)
    assert classes_of(made) == {
        "1.png": "duplicate",
        "2.png": "unknown",
        "2b.png": "duplicate",
        "3.png": "unknown",
    }
    found = {shown(one.item): one for one in made.files()}
    assert [found[path].group for path in ("1.png", "2.png", "2b.png", "3.png")] == [1, 1, 1, None]
    assert found["1.png"].why.endswith("/2.png")
    (review, _) = made.review()
    assert (review.n_copies, review.group) == (2, 1)


def test_what_settles_others_is_looked_at_itself(
    make_catalogue: MakeCatalogue, classified: Classified
) -> None:
    """Though it is near something else too."""
    catalogue = make_catalogue({"1.png": ONE, "2.png": TWO, "3.png": THREE})
    groups = [group_of(catalogue, "1.png", "2.png"), group_of(catalogue, "3.png", "1.png")]
    made = classified(catalogue, groups_of(groups))
    assert classes_of(made) == {"1.png": "unknown", "2.png": "duplicate", "3.png": "unknown"}


def test_near_a_known_one_everything_is_looked_at(
    db: Database, make_catalogue: MakeCatalogue, classified: Classified
) -> None:
    db.import_records([record("3", digests_of(THREE), label=Label.COMPARISON)], source="s")
    db.import_records([record("4", digests_of(FOUR), baseline=True)], source="s")
    judge = judge_of(db)
    files = {"1.png": ONE, "2.png": TWO, "3.png": THREE, "4.png": FOUR, "5.png": FIVE}
    catalogue = make_catalogue(files, judge=judge)
    groups = groups_of([group_of(catalogue, "1.png", "2.png", "3.png", "4.png")])
    made = classified(catalogue, groups, key=judge.key)
    assert classes_of(made) == {
        "1.png": "possible",
        "2.png": "possible",
        "3.png": "other",
        "4.png": "baseline",
        "5.png": "unknown",
    }
    why = next(one.why for one in made.files() if shown(one.item) == "2.png")
    assert why.startswith("near copy of ")
    assert why.endswith("4.png, known as BASELINE")


def test_where_the_representative_is_settled_the_next_one_acts(
    tmp_path: Path, make_catalogue: MakeCatalogue, classified: Classified
) -> None:
    catalogue = make_catalogue({"1.png": ONE, "2.png": TWO, "3.png": THREE, "4.png": FOUR})
    decisions = Decisions.open(tmp_path / "set")
    decisions.add_category(Label.CSAM, [sha256_of(catalogue, "1.png")], examiner="E")
    groups = groups_of([group_of(catalogue, "1.png", "2.png", "3.png")])
    made = classified(catalogue, groups, decisions=decisions)
    expected = {"1.png": "decided", "2.png": "unknown", "3.png": "duplicate", "4.png": "unknown"}
    assert classes_of(made) == expected
    first = next(made.review())
    assert first.file.path.endswith("/2.png")
    assert first.why.startswith("near copy of ")
    assert "1.png, decided csam" in first.why


def test_a_decision_on_a_group_is_about_who_is_in_it_then(
    tmp_path: Path, make_catalogue: MakeCatalogue, classified: Classified
) -> None:
    catalogue = make_catalogue({"1.png": ONE, "2.png": TWO, "3.png": THREE})
    members = [sha256_of(catalogue, path) for path in ("1.png", "2.png")]
    decisions = Decisions.open(tmp_path / "set")
    decisions.add_category(Label.CGI, members, examiner="E", group=True)
    larger = groups_of([group_of(catalogue, "1.png", "2.png", "3.png")])
    later = classes_of(classified(catalogue, larger, decisions=decisions))
    assert later == {"1.png": "decided", "2.png": "decided", "3.png": "unknown"}


@pytest.mark.parametrize(
    ("linkage", "distances", "expected"),
    [
        ("complete", [0, 20, 4], ["unknown", "duplicate", "duplicate"]),
        ("single", [0, 40, 4], ["unknown", "unknown", "duplicate"]),
        ("medoid", [0, 21, 20], ["unknown", "unknown", "duplicate"]),
        ("complete", [0, -1, -1], ["unknown", "duplicate", "duplicate"]),
    ],
)
def test_only_what_is_near_the_one_looked_at_is_settled(
    make_catalogue: MakeCatalogue,
    classified: Classified,
    linkage: str,
    distances: list[int],
    expected: list[str],
) -> None:
    catalogue = make_catalogue({"1.png": ONE, "2.png": TWO, "3.png": THREE})
    group = group_of(catalogue, "1.png", "2.png", "3.png", distances=np.array(distances, np.int64))
    made = classified(catalogue, groups_of([group], linkage))
    assert list(classes_of(made).values()) == expected


def test_footage_settles_what_is_nearly_all_in_it(
    make_catalogue: MakeCatalogue, classified: Classified
) -> None:
    catalogue = make_catalogue({"1.png": ONE, "2.png": TWO, "3.png": THREE})
    shares = np.array([100, 95, 94], np.int64)
    group = group_of(catalogue, "1.png", "2.png", "3.png", kind=GroupKind.VIDEO, shares=shares)
    made = classified(catalogue, groups_of([group]))
    assert list(classes_of(made).values()) == ["unknown", "duplicate", "unknown"]


def test_two_names_of_one_file(
    tmp_path: Path, make_catalogue: MakeCatalogue, classified: Classified
) -> None:
    (tmp_path / "set-tree").mkdir()
    (tmp_path / "set-tree" / "b.png").write_bytes(ONE)
    os.link(tmp_path / "set-tree" / "b.png", tmp_path / "set-tree" / "c.png")
    made = classified(make_catalogue({"a.png": TWO}))
    assert classes_of(made) == {"a.png": "unknown", "b.png": "unknown", "c.png": "duplicate"}


def test_groups_of_another_catalogue_are_refused(make_catalogue: MakeCatalogue) -> None:
    other = make_catalogue({f"{n}.png": png(photograph(n)) for n in range(5)}, name="other")
    groups = groups_of([group_of(other, "3.png", "4.png")])
    with pytest.raises(InputError, match="of this catalogue"):
        classify(make_catalogue({"1.png": ONE}), groups)


def test_a_radius_below_zero(make_catalogue: MakeCatalogue) -> None:
    with pytest.raises(InputError, match="max_distance"):
        classify(make_catalogue({"1.png": ONE}), CopyGroups((), "complete", -1))
