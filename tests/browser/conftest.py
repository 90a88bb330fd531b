"""Reports in a real browser: one headless Chromium a file, a fresh context a test."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import pytest
from report_models import model_of, preview_of

from hashmatch.report import write_report

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Dialog, Page

REQUIRED = "HASHMATCH_REQUIRE_BROWSER"
"""Environment variable: where it is 1, tests fail and do not skip for want of a browser."""

# A name that tries everything at once: markup, script, attributes, direction, controls, a byte.
HOSTILE = (
    "</title></script><script>window.hacked=1</script><img src=x onerror=window.hacked=2>"
    "\"'><svg onload=window.hacked=3>javascript:{{7*7}}&lt;&#60;\u202egpj.exe\u2066\x07\n\r\0\udcff"
    "<base href=//evil.example><meta http-equiv=refresh content=0>"
    "שלום‏مرحبا" + "W" * 255 + "/" + "-".join(["long"] * 20) + ".jpg"
)


def _missing(reason: str) -> NoReturn:
    if os.environ.get(REQUIRED) == "1":
        pytest.fail(f"{REQUIRED} is 1, and {reason}")
    pytest.skip(reason)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium as Debian packages it; nothing is downloaded, nothing runs on beside other tests."""
    program = shutil.which("chromium")
    if program is None:
        _missing("no chromium is installed")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        _missing("playwright is not installed: pip install playwright")
    # As root there is no sandbox; what is opened are pages of ours.
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=program, args=arguments)
        try:
            yield started
        finally:
            started.close()


@dataclass
class Opened:
    """A page and what it did besides showing itself.

    Attributes:
        requests: addresses that were asked for, its own among them.
        said: what came to the console, and errors.
        refused: addresses that the page's policy stopped.
    """

    page: Page
    requests: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    def clean(self) -> bool:
        """Whether only pages of the report were asked for, and nothing was said."""
        return self.said == [] and all(_is_of_a_report(url) for url in self.requests)


def _is_of_a_report(url: str) -> bool:
    return url.startswith(("file:///", "data:image/png;base64,")) and (
        url.startswith("data:") or url.partition("#")[0].endswith(".html")
    )


Open = Callable[..., Opened]


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Open]:
    """Opens a file of a report; keywords are those of ``Browser.new_context``."""
    contexts: list[BrowserContext] = []

    def opened(path: Path, **options: Any) -> Opened:
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 800}, **options})
        contexts.append(context)
        page = context.new_page()
        made = Opened(page)

        def dismissed(dialog: Dialog) -> None:
            made.said.append("a dialog")
            dialog.dismiss()

        page.on("request", lambda request: made.requests.append(request.url))
        page.on(
            "requestfailed",
            lambda request: made.refused.append(request.url) if request.failure == "csp" else None,
        )
        page.on("console", lambda message: made.said.append(message.text))
        page.on("pageerror", lambda error: made.said.append(str(error)))
        page.on("dialog", dismissed)
        page.goto(path.as_uri())
        return made

    yield opened
    for context in contexts:
        context.close()


@pytest.fixture(scope="session")
def reports(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Folders of reports: short ones, one on pages, one with hostile names."""
    root = tmp_path_factory.mktemp("reports")
    shown: dict[str, Any] = {"previews": "blurred", "preview_of": preview_of}
    write_report(model_of(), root / "plain")
    write_report(model_of(), root / "previews", **shown)
    write_report(model_of(210, 210, 210), root / "paged", **shown)
    write_report(model_of(5_000), root / "large")
    write_report(model_of(path=HOSTILE), root / "hostile", **shown)
    write_report(model_of(path="t"), root / "harmless", **shown)
    return {folder.name: folder for folder in root.iterdir()}


@pytest.fixture
def axe() -> Any:
    """The checker of accessibility; ``axe.run(page).response`` is its report."""
    try:
        from axe_playwright_python.sync_playwright import Axe
    except ImportError:
        _missing("axe is not installed: pip install axe-playwright-python")
    return Axe()
