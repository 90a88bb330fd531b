"""What a browser makes of a report: nothing leaves, nothing fails, everybody can read it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

Reports = dict[str, Path]

PAGES = (
    "plain/report.html",
    "previews/report.html",
    "hostile/report.html",
    "paged/pages/review-00001.html",
    "paged/pages/matches-00002.html",
    "large/pages/groups-00025.html",
)
NARROW = {"width": 320, "height": 640}


def place(reports: Reports, name: str) -> Path:
    folder, _, rest = name.partition("/")
    return reports[folder] / rest


@pytest.mark.parametrize("name", PAGES)
def test_nothing_leaves_nothing_is_said_and_it_fits_a_narrow_screen(
    reports: Reports, open_page: Any, name: str
) -> None:
    opened = open_page(place(reports, name))
    page = opened.page
    assert page.evaluate("document.readyState") == "complete"
    assert page.evaluate("window.hacked") is None
    assert opened.clean(), (opened.said, opened.requests)
    files = [url for url in opened.requests if url.startswith("file:")]
    assert files == [place(reports, name).as_uri()]
    check_narrow(page)


def check_narrow(page: Any) -> None:
    """Nothing scrolls sideways at the width of a small telephone, or at a magnification of 4."""
    page.set_viewport_size(NARROW)
    assert page.evaluate("document.documentElement.scrollWidth") == NARROW["width"]
    outside = page.evaluate(
        """() => [...document.querySelectorAll("h1, h2, h3, p, td, dd, button, svg, img")]
            .filter(e => e.getClientRects().length && e.getBoundingClientRect().right > 321)
            .map(e => e.outerHTML.slice(0, 100))"""
    )
    assert outside == []


def test_the_policy_holds(reports: Reports, open_page: Any) -> None:
    """What a page does not bring along is neither run nor fetched, and would be noticed."""
    opened = open_page(reports["plain"] / "report.html")
    opened.page.evaluate(
        """() => {
            const add = (tag, set) => document.body.append(
                Object.assign(document.createElement(tag), set));
            add("script", {textContent: "window.hacked = 1"});
            add("img", {src: "https://evil.example/x.png"});
            add("img", {src: "data:image/png;base64,AAAA"});
            add("style", {textContent: "body { display: none }"});
        }"""
    )
    assert opened.page.evaluate("window.hacked") is None
    assert opened.page.locator("main").is_visible()
    assert len(opened.said) == 4
    assert all("Content Security Policy" in text for text in opened.said)
    assert [url for url in opened.requests if "evil" in url] == opened.refused[:1]


def test_hostile_names_make_no_element(reports: Reports, open_page: Any) -> None:
    count = "[...document.querySelectorAll('*')].map(e => e.tagName).join(' ')"
    hostile = open_page(reports["hostile"] / "report.html").page
    harmless = open_page(reports["harmless"] / "report.html").page
    assert hostile.evaluate(count) == harmless.evaluate(count)
    assert "\\u202egpj.exe" in hostile.locator("main").inner_text()
    assert hostile.evaluate("document.title").startswith("Report on exhibit </title>")
    for page in (hostile, harmless):
        assert page.evaluate("document.querySelectorAll('[onerror], [onload], base').length") == 0


@pytest.mark.parametrize(
    "name", ["plain/report.html", "previews/report.html", "paged/pages/groups-00002.html"]
)
def test_axe_finds_nothing_serious(reports: Reports, open_page: Any, axe: Any, name: str) -> None:
    page = open_page(place(reports, name)).page
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        found = axe.run(page).response
        passed = {rule["id"] for rule in found["passes"]}
        assert passed >= {"color-contrast", "document-title", "list"}
        wrong = [
            (scheme, rule["id"], rule["impact"], rule["nodes"][0]["html"][:200])
            for rule in found["violations"]
            if rule["impact"] in ("serious", "critical", "moderate")
        ]
        assert wrong == []


def test_light_and_dark_differ(reports: Reports, open_page: Any) -> None:
    colours = """(({ backgroundColor, color }) => [backgroundColor, color])(
        getComputedStyle(document.body))"""
    page = open_page(reports["plain"] / "report.html", color_scheme="light").page
    assert page.evaluate(colours) == ["rgb(255, 255, 255)", "rgb(28, 33, 38)"]
    page.emulate_media(color_scheme="dark")
    assert page.evaluate(colours) == ["rgb(20, 23, 26)", "rgb(230, 232, 234)"]


def test_motion_only_for_those_who_want_it(reports: Reports, open_page: Any) -> None:
    page = open_page(reports["plain"] / "report.html").page
    for wish, found in (("no-preference", "smooth"), ("reduce", "auto")):
        page.emulate_media(reduced_motion=wish)
        style = page.evaluate("getComputedStyle(document.documentElement).scrollBehavior")
        assert style == found


def test_without_javascript_the_page_is_whole(reports: Reports, open_page: Any) -> None:
    path = reports["previews"] / "report.html"
    page = open_page(path, java_script_enabled=False).page
    assert page.locator("article").count() == 22
    assert page.locator("button").count() > 8
    assert page.locator("button:visible").count() == 0
    assert page.locator("img:visible").count() == page.locator("button").count()


def test_paper_has_no_pictures_and_no_navigation(reports: Reports, open_page: Any) -> None:
    a4 = {"width": 700, "height": 990}
    page = open_page(reports["previews"] / "report.html", viewport=a4).page
    assert page.locator("img:visible").count() > 8
    cell = "getComputedStyle(document.querySelector('.members td')).display"
    assert page.evaluate(cell) == "block"  # on a narrow screen
    page.emulate_media(media="print")
    assert page.evaluate(cell) == "table-cell"
    assert page.locator("img:visible, nav:visible, button:visible, .skip:visible").count() == 0
    assert page.locator("article:visible").count() == 22


def test_five_thousand_groups_are_on_pages_of_a_bounded_size(
    reports: Reports, open_page: Any
) -> None:
    folder = reports["large"]
    opened = open_page(folder / "report.html")
    page = opened.page
    n_elements = "document.querySelectorAll('*').length"
    assert page.evaluate(n_elements) < 1_500
    assert (folder / "report.html").stat().st_size < 100_000
    links = page.locator("ul.pages a")
    assert links.count() == 25
    links.last.click()
    page.wait_for_url("**/pages/groups-00025.html")
    assert page.locator("article").count() == 200
    assert page.evaluate(n_elements) < 15_000
    page.locator("a[rel=prev]").first.click()
    page.wait_for_url("**/pages/groups-00024.html")
    assert page.locator("h1").inner_text() == "Groups of copies 4,601 to 4,800"
    sizes = [path.stat().st_size for path in (folder / "pages").iterdir()]
    assert len(sizes) == 25
    assert max(sizes) < 600_000
    assert opened.clean()


def test_links_lead_to_entries(reports: Reports, open_page: Any) -> None:
    page = open_page(reports["paged"] / "pages" / "review-00001.html").page
    page.locator("article a[href*='groups-00001']").first.click()
    page.wait_for_url("**/pages/groups-00001.html#groups-*")
    target = page.evaluate("document.querySelector(':target').id")
    assert target == page.url.partition("#")[2]
    assert page.locator(f"#{target}").is_visible()
