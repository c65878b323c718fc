"""A real browser for tests: the chromium of this machine, driven by Playwright.

A test that needs one is skipped where either is not installed; ``.ci/run`` installs both.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, LocatorAssertions, Page

__all__ = ["ARGUMENTS", "Watched", "chromium", "expect_soon", "watched_page"]

#: Milliseconds that a page may take on a machine that does other work as well.
PATIENCE = 20_000

#: Nothing of its own on the network, no first-run pages, and no sandbox, which containers do not allow.
ARGUMENTS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@contextmanager
def chromium() -> Iterator[Browser]:
    """Run a browser until the block ends; skip the test when there is none."""
    driver = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        pytest.skip("chromium is not installed: apt-get install chromium")
    with driver.sync_playwright() as playwright:
        driver.expect.set_options(timeout=PATIENCE)
        browser = playwright.chromium.launch(executable_path=program, args=list(ARGUMENTS))
        try:
            yield browser
        finally:
            browser.close()


def expect_soon(found: Locator) -> LocatorAssertions:
    """Return what is claimed about a part of a page: looked at until it holds, for as long as a busy machine needs."""
    from playwright.sync_api import expect

    return expect(found)


class Watched:
    """A page of a browser, and what went wrong on it.

    Attributes:
        page: the page.
        problems: errors of its console and of its scripts, and addresses elsewhere that it asked for.
    """

    def __init__(self, page: Page, origin: str) -> None:
        self.page = page
        self.problems: list[str] = []
        page.on("console", self._note)
        page.on("pageerror", lambda error: self.problems.append(str(error)))
        page.on("request", lambda request: self._check(request.url, origin))

    def _note(self, message: Any) -> None:
        if message.type in ("error", "warning"):
            self.problems.append(message.text)

    def _check(self, url: str, origin: str) -> None:
        if not url.startswith((f"{origin}/", "data:")):
            self.problems.append(f"asked for {url}")


@contextmanager
def watched_page(browser: Browser, origin: str, **options: Any) -> Iterator[Page]:
    """Open a page until the block ends; nothing may go wrong on it, and nothing else than `origin` be asked.

    Args:
        browser: the browser.
        origin: the server.
        options: of the browser's context, such as its viewport.
    """
    context = browser.new_context(**options)
    try:
        watched = Watched(context.new_page(), origin)
        yield watched.page
        assert watched.problems == []
    finally:
        context.close()
