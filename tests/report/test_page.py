"""report.html: what it says, that it is accessible, and that nothing of it is fetched or run."""

from __future__ import annotations

import base64
import hashlib
import re
import shlex
import tempfile
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hashmatch.report import (
    Evidence,
    FileEntry,
    Group,
    GroupKind,
    MatchEntry,
    Member,
    OpinionEntry,
    ReportModel,
    Review,
    TriageClass,
    preview_of_pixels,
    write_report,
)
from hashmatch.types import MediaKind

Parse = Callable[[str], Any]
MakeModel = Callable[..., ReportModel]


def written(model: ReportModel, **options: Any) -> str:
    with tempfile.TemporaryDirectory() as name:
        write_report(model, name, **options)
        return (Path(name) / "report.html").read_text(encoding="utf-8")


@pytest.fixture
def page(make_model: MakeModel, parse: Parse) -> Any:
    return parse(written(make_model()))


def test_its_outline(page: Any) -> None:
    assert [(e.tag, e.text) for e in page.all("h1", "h2", "h3")] == [
        ("h1", "Report on exhibit E-3"),
        ("h2", "Summary"),
        ("h2", "Ledger"),
        ("h2", "Distributions"),
        ("h2", "Files to look at"),
        ("h3", "1. photos/1.jpg"),
        ("h3", "2. photos/3.jpg"),
        ("h2", "Matches with known media"),
        ("h3", "MATCH, BASELINE: photos/9.jpg"),
        ("h2", "Groups of copies"),
        ("h3", "Group 1: near copies, 2 files"),
        ("h3", "Group 2: the same bytes, 2 files"),
        ("h2", "Evidence"),
        ("h2", "Outputs"),
    ]


def test_the_evidence_header(page: Any) -> None:
    names = [e.text for e in page.all("dt")][-11:]
    values = [e.text for e in page.all("dd")][-11:]
    assert dict(zip(names, values, strict=True)) == {
        "Case": "C-12",
        "Exhibit": "E-3",
        "Examiner": "A. Examiner",
        "Roots": "disk",
        "Start": "2026-03-01 08:30:00 UTC",
        "End": "2026-03-01 09:30:00 UTC",
        "Tool": "hashmatch 0.9",
        "Libraries": "numpy 2.1, pillow 13.0",
        "Policy": f"SHA-256 {'ab' * 32}",
        "Database": f"revision 41, SHA-256 {'cd' * 32}",
        "Command line": "hashmatch scan disk",
    }
    assert "The roots were read-only." in page.by_id("main").text


def test_a_command_line_can_be_given_again(
    make_model: MakeModel, evidence: Evidence, parse: Parse
) -> None:
    given = ("hashmatch", "scan", "my disk", "--examiner", "A. O'Hara", "$(x)")
    page = parse(written(make_model(evidence=replace(evidence, command_line=given))))
    shown = page.all("dd")[-1].text
    assert tuple(shlex.split(shown)) == given


def test_the_summary_adds_up_and_is_in_the_order_of_gravity(page: Any) -> None:
    rows = [e.text for e in page.all("tr")]
    assert rows[1:7] == [
        "Known: Baseline11009 BA source says that INTERPOL's Baseline criteria are met.",
        "Unknown, to look at22.0 KiBIn no list, and the one of its copies to look at. "
        "Never “harmless”.",
        "Copy within the set22.0 KiBA copy of another file of this set: "
        "settled by looking at that.",
        "Not examined1It could not be read or decoded: a person has to look.",
        "In no class1Skipped; the ledger says why.",
        "All7",
    ]
    text = page.by_id("main").text
    assert "3 of 7 files are to be looked at." in text
    assert "7 seen = 5 done + 0 with too little information + 1 of no kind that is examined" in text
    assert "cut short" in text
    assert "symbolic link" in text


def test_a_match_says_how_and_who(page: Any) -> None:
    match = page.by_id("matches-1").text
    for words in (
        "pdq distance 6 of 31 bits",
        "media 7, csam; Baseline: yes; sources disagree",
        "at least 2.5e-09 unrelated entries",
        "INTERPOL ICSEcsam1icseyesS 1, S 2k-1icse.csv",
        "Nationalcomparisonnationalnot stated",
    ):
        assert words in match


def test_a_group_says_what_holds_it_together(page: Any) -> None:
    group = page.by_id("groups-1").text
    for words in (
        "complete linkage within 20 bits. Diameter 8 bits.",
        "Representative: file 1, largest pixels.",
        f"sha256 {1:064x}",
        "2 photos/2.jpg Copy within the set image, 640 × 480",  # noqa: RUF001
        "8 rotate90",
    ):
        assert words in group
    assert "linkage" not in page.by_id("groups-2").text


def test_decisions_footage_and_moments(make_model: MakeModel, parse: Parse) -> None:
    decided = FileEntry("a.mp4", TriageClass.DECIDED, decision="cgi")
    others = (Member(FileEntry("b.mp4", TriageClass.DUPLICATE), share=95),)
    groups = [
        Group(GroupKind.VIDEO, decided, "earliest", others),
        Group(GroupKind.NEAR, decided, "earliest", (), shot=3),
    ]
    review = [Review(FileEntry("c", TriageClass.UNEXAMINED), "")]
    page = parse(written(make_model(groups=groups, review=review)))
    video = page.by_id("groups-1").text
    assert "1 a.mp4 Decided: cgi" in video
    assert "95 %" in video
    assert "Footage" in video
    assert "Bits away" not in video
    assert "Moment 3" in page.by_id("groups-2").text
    assert "Not examined." in page.by_id("review-1").text


def test_charts_have_words(page: Any) -> None:
    charts = page.all("svg")
    titles = [e.text for e in page.all("title") if "svg" in e.parents]
    assert titles == [
        "Files by what is to be done",
        "Files by class",
        "Groups by their number of files",
        "Groups by diameter in bits",
        "Matches by PDQ distance in bits",
    ]
    for chart in charts:
        assert chart.attributes["role"] == "img"
        title, words = map(page.by_id, chart.attributes["aria-labelledby"].split())
        assert (title.tag, words.tag) == ("title", "desc")
        assert words.text
    assert "5 to 8: 1," in charts[4].text
    share = [e for e in page.all("rect") if "class" in e.attributes]
    assert [(e.attributes["class"], int(e.attributes["width"])) for e in share] == [
        ("maybe", 86),  # a seventh of 600
        ("new", 171),
        ("known", 86),
        ("settled", 171),
        ("none", 86),
    ]
    assert sum(int(e.attributes["width"]) for e in share) == 600
    widths = [int(e.attributes["width"]) for e in page.all("rect") if e not in share]
    assert max(widths) == widths[1] == 180  # two unknown are as many as two copies
    assert widths[0] == 90


def check_accessible(page: Any) -> None:
    (html,) = page.all("html")
    assert html.attributes["lang"] == "en"
    assert len(page.all("h1")) == len(page.all("main")) == len(page.all("title")[:1]) == 1
    levels = [int(e.tag[1]) for e in page.all("h1", "h2", "h3", "h4", "h5", "h6")]
    assert levels[0] == 1
    assert all(later <= before + 1 for before, later in pairwise(levels))
    ids = [e.attributes["id"] for e in page.elements if "id" in e.attributes]
    assert len(set(ids)) == len(ids)
    for element in page.elements:
        for name in (element.attributes.get("aria-labelledby") or "").split():
            assert name in ids
    assert {e.tag for e in page.elements} >= {"header", "nav", "main", "footer"}
    assert all(e.attributes.get("scope") in ("col", "row") for e in page.all("th"))
    for table in page.all("table"):
        assert (
            table.attributes.get("aria-label")
            or "Files by class" in table.text
            or ("Reasons" in table.text)
        )
    assert all(e.attributes.get("alt") for e in page.all("img"))
    first = page.all("a")[0]
    assert (first.attributes["href"], first.attributes["class"]) == ("#main", "skip")
    # Nothing is taken out of the order of the keyboard or put before others.
    assert {e.attributes.get("tabindex") for e in page.elements} <= {None, "-1"}


def check_closed(page: Any) -> None:
    """No address but within the report, no handler, and a policy that allows what is there."""
    for element in page.elements:
        assert not [name for name in element.attributes if name.startswith("on")]
        assert not {"style", "srcset", "formaction", "action", "srcdoc"} & set(element.attributes)
        src, href = element.attributes.get("src"), element.attributes.get("href")
        assert src is None or re.fullmatch(r"data:image/png;base64,[A-Za-z0-9+/]+=*", src)
        assert href is None or re.fullmatch(r"(\.\./|pages/)?[a-z0-9.-]*(#[a-z0-9-]+)?", href)
    forbidden = ("iframe", "object", "embed", "form", "link", "base", "input", "audio", "video")
    assert page.all(*forbidden) == []
    (policy,) = [
        e.attributes["content"]
        for e in page.all("meta")
        if e.attributes.get("http-equiv") == "Content-Security-Policy"
    ]
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules["default-src"] == rules["base-uri"] == rules["form-action"] == "'none'"
    for tag, rule in (("style", "style-src"), ("script", "script-src")):
        sources = [
            f"'sha256-{base64.b64encode(hashlib.sha256(''.join(e.parts).encode()).digest()).decode()}'"
            for e in page.all(tag)
        ]
        assert rules[rule] == (sources[0] if sources else "'none'")
        assert len(sources) <= 1
    style = "".join(page.all("style")[0].parts)
    assert "url(" not in style
    assert "@import" not in style


def test_it_is_accessible_and_closed(page: Any) -> None:
    check_accessible(page)
    check_closed(page)


def luminance(colour: str) -> float:
    parts = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """By WCAG 2."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def test_contrast_in_light_and_dark(page: Any) -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    style = page.all("style")[0].text
    schemes = [dict(re.findall(r"--(\w+): (#\w{6});", part)) for part in style.split("@media")[:2]]
    assert schemes[0] != schemes[1]
    for colours in schemes:
        assert len(colours) == 11
        for ground in ("ground", "panel"):
            for name in ("text", "muted", "link"):
                assert contrast(colours[name], colours[ground]) >= 4.5, (name, ground)
            for name in ("line", "focus", "known", "maybe", "new"):
                assert contrast(colours[name], colours[ground]) >= 3, (name, ground)
    # Colours are named in one place.
    assert len(re.findall(r"#[0-9a-f]{3,6}\b", style)) == 22
    assert ":focus-visible" in style
    assert "animation" not in style
    assert "transition" not in style
    assert style.count("scroll-behavior") == 1
    assert "@media (prefers-reduced-motion: no-preference) { html { scroll-behavior" in style


HOSTILE = st.text(
    st.characters(codec=None, exclude_categories=()) | st.sampled_from("<>\"'&{}%\u202e\x00\n\r-!"),
    max_size=30,
) | st.sampled_from(
    [
        "</style><script>alert(1)</script>",
        '" onmouseover="alert(1)',
        "{{ 7 * 7 }}{% raw %}",
        "javascript:alert(1)",
        "<!-- -->",
        "</title><base href=//x>",
        "\u202e" * 5_000,
        "x" * 10_000,
    ]
)


def hostile_model(make_model: MakeModel, evidence: Evidence, match: MatchEntry, t: str) -> Any:
    """Every text of a model replaced by one that is hostile."""
    file = FileEntry(t, TriageClass.UNKNOWN, 1, kind=MediaKind.OTHER, mime=t)
    opinion = OpinionEntry(t, t, t, t, None, (t, t), t, t, t)
    words: dict[str, Any] = {
        "how": t,
        "reason": t,
        "label": t,
        "query_value": t,
        "stored_value": t,
        "kind": t,
    }
    return make_model(
        evidence=replace(
            evidence,
            tool=t,
            command_line=(t, t),
            roots=(t,),
            examiner=t,
            case=t,
            exhibit=t,
            libraries=((t, t),),
            policy_digest=t,
            database_digest=t,
        ),
        groups=[Group(GroupKind.NEAR, file, t, (Member(file, 1, t),), t, 20, 3)],
        matches=[replace(match, file=file, parts=(t,) * 20, opinions=(opinion,), **words)],
        review=[Review(file, t, 1, 1)],
        notes=(t,),
    )


def test_hostile_texts_are_shown_escaped_and_bounded(
    make_model: MakeModel, evidence: Evidence, match: MatchEntry, parse: Parse
) -> None:
    plain = parse(written(hostile_model(make_model, evidence, match, "t")))
    tags = [(e.tag, sorted(e.attributes)) for e in plain.elements]

    @settings(max_examples=25)
    @given(HOSTILE.filter(bool))
    def check(text: str) -> None:
        model = hostile_model(make_model, evidence, match, text)
        made = written(model)
        assert all(c.isprintable() or c == "\n" for c in made)
        assert len(made) < 80_000
        hostile = parse(made)
        # The same elements with the same attributes: no text became markup.
        assert [(e.tag, sorted(e.attributes)) for e in hostile.elements] == tags
        check_accessible(hostile)
        check_closed(hostile)

    check()


def test_with_previews_it_is_closed_too(make_model: MakeModel, parse: Parse) -> None:
    import numpy as np

    made = preview_of_pixels(np.zeros((9, 9), np.uint8))
    page = parse(written(make_model(), previews="blurred", preview_of=lambda file: made))
    check_accessible(page)
    check_closed(page)
    assert len(page.all("script")) == 1


def test_outputs_of_others_are_named_and_linked_where_that_is_safe(
    make_model: MakeModel, parse: Parse, tmp_path: Path
) -> None:
    names = ["vics-case.json", "lists/unknown+possible.csv", "javascript:x", "a b.txt", "-x&y"]
    for name in names:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x")
    write_report(make_model(), tmp_path, also=names)
    page = parse((tmp_path / "report.html").read_text(encoding="utf-8"))
    assert [e.text for e in page.all("li")][-5:] == names
    links = [e.attributes["href"] for e in page.all("a")]
    assert [name for name in names if name in links] == names[:2]


def test_an_empty_set(make_model: MakeModel, parse: Parse) -> None:
    page = parse(written(make_model(groups=(), matches=(), review=(), classes=())))
    check_accessible(page)
    assert [e.text for e in page.all("p")].count("None.") == 3
    assert "0 of 7 files are to be looked at." in page.by_id("main").text
