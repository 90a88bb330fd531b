"""By keyboard, mouse or switch: pictures are seen on purpose, one at a time, or not at all."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

Reports = dict[str, Path]

HELD = 'button[aria-pressed="true"]'
HOLD_MS, ASSISTED_MS = 400, 5_000
"""How long a button is held before it shows, and how long who can't hold sees a picture."""


@pytest.fixture
def page(reports: Reports, open_page: Any) -> Any:
    """A report with previews; its time passes by ``page.clock`` alone."""
    return with_clock(open_page(reports["previews"] / "report.html").page)


def with_clock(page: Page) -> Page:
    page.clock.install(time=0)
    page.clock.pause_at(1000)
    return page


def shown(page: Page) -> list[int]:
    """Numbers of the pictures that are clear now."""
    numbers: list[int] = page.evaluate(
        """() => [...document.querySelectorAll(".preview")].flatMap((figure, number) => {
            const image = figure.querySelector("img");
            const clear = figure.querySelector("button").dataset.clear;
            return image.src === "data:image/png;base64," + clear ? [number] : [];
        })"""
    )
    return numbers


def first_button(page: Page) -> Locator:
    button = page.locator("button.hold").first
    button.scroll_into_view_if_needed()
    page.wait_for_timeout(100)  # until it has scrolled, which hides
    return button


def wait_until_shown(page: Page) -> None:
    page.clock.run_for(HOLD_MS)
    assert page.locator(HELD).count() == 1


def test_the_order_of_the_keyboard_is_that_of_the_page(page: Page) -> None:
    expected = page.evaluate(
        """() => [...document.querySelectorAll("a, button")].map(e => e.textContent.trim())"""
    )
    met = []
    for _ in expected:
        page.keyboard.press("Tab")
        met.append(page.evaluate("document.activeElement.textContent.trim()"))
    assert met == expected
    assert met[0] == "Skip to the content"


def test_the_skip_link_is_seen_and_leads_past_the_contents(page: Page) -> None:
    page.keyboard.press("Tab")
    box = page.locator(".skip").bounding_box()
    assert box is not None
    assert box["x"] >= 0
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    page.keyboard.press("Tab")
    assert page.evaluate("document.querySelector('main').contains(document.activeElement)")


def test_what_has_the_focus_is_seen(page: Page) -> None:
    page.keyboard.press("Tab")
    for _ in range(3):
        page.keyboard.press("Tab")
        style = page.evaluate(
            """() => { const s = getComputedStyle(document.activeElement);
                return [s.outlineStyle, parseFloat(s.outlineWidth)]; }"""
        )
        assert style == ["solid", 3]


def test_all_pictures_are_blurred_at_first(page: Page) -> None:
    assert page.locator(".preview").count() > 8
    assert shown(page) == []
    sides = page.evaluate(
        "[...document.images].map(i => Math.max(i.naturalWidth, i.naturalHeight))"
    )
    assert max(sides) == 8


@pytest.mark.parametrize("key", ["Space", "Enter"])
def test_a_held_key_shows_and_its_release_hides(page: Page, key: str) -> None:
    first_button(page).focus()
    page.keyboard.down(key)
    page.clock.run_for(HOLD_MS - 50)
    assert shown(page) == []  # not at once
    wait_until_shown(page)
    assert shown(page) == [0]
    page.keyboard.down(key)  # it repeats
    assert shown(page) == [0]
    page.keyboard.up(key)
    assert shown(page) == []
    page.clock.run_for(2 * HOLD_MS)
    assert shown(page) == []  # no click came with the release


def test_the_mouse_shows_while_it_is_held(page: Page) -> None:
    button = first_button(page)
    button.hover()
    page.clock.run_for(2 * HOLD_MS)
    assert shown(page) == []  # hovering shows nothing
    page.mouse.down()
    wait_until_shown(page)
    assert shown(page) == [0]
    page.mouse.up()
    assert shown(page) == []
    button.click()
    page.clock.run_for(2 * HOLD_MS)
    assert shown(page) == []  # nor does a click


@pytest.mark.parametrize("how", ["leave", "scroll", "print", "blur", "escape"])
def test_whatever_else_happens_hides(page: Page, how: str) -> None:
    button = first_button(page)
    button.focus()
    if how == "leave":
        button.hover()
        page.mouse.down()
    else:
        page.keyboard.down("Space")
    wait_until_shown(page)
    if how == "leave":
        page.mouse.move(2, 2)
    elif how == "scroll":
        page.mouse.wheel(0, 300)
    elif how == "print":
        page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    elif how == "blur":
        page.evaluate("document.querySelector('main').focus({ preventScroll: true })")
    else:
        page.keyboard.down("Escape")
    page.wait_for_selector(HELD, state="detached")
    assert shown(page) == []


def test_a_switch_that_only_clicks_sees_one_at_a_time(page: Page) -> None:
    click = "n => document.querySelectorAll('button.hold')[n].click()"
    page.evaluate(click, 0)
    assert shown(page) == [0]
    page.evaluate(click, 2)
    assert shown(page) == [2]
    page.clock.run_for(ASSISTED_MS)
    assert shown(page) == []


def test_a_finger_holds_too(reports: Reports, open_page: Any) -> None:
    page = with_clock(open_page(reports["previews"] / "report.html", has_touch=True).page)
    button = first_button(page)
    touch = {"pointerType": "touch", "button": 0, "isPrimary": True}
    button.dispatch_event("pointerdown", touch)
    wait_until_shown(page)
    assert shown(page) == [0]
    button.dispatch_event("pointercancel", touch)
    assert shown(page) == []


def test_buttons_are_large_enough_for_a_finger(page: Page) -> None:
    box = page.locator("button.hold").first.bounding_box()
    assert box is not None
    assert min(box["width"], box["height"]) >= 44
