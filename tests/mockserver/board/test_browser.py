"""The board in a real browser: from a submit to the curves, without scripts, with a keyboard, on a narrow screen."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest

from boarding import REASON, Board, board_of_demo
from browsing import chromium, expect_soon, watched_page
from flowkit import demo
from flowkit_mockserver import MockServer
from picturing import PICTURES, take_pictures

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

AXE = Path(__file__).parent / "axe"
#: A narrow and a wide screen.
NARROW = {"width": 400, "height": 800}
WIDE = {"width": 1280, "height": 900}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A browser for all tests."""
    with chromium() as found:
        yield found


@pytest.fixture(scope="module")
def listening() -> Iterator[Board]:
    """A mock that listens, with the demo's jobs."""
    with board_of_demo(port=0) as found:
        yield found


def addresses(board: Board) -> dict[str, str]:
    """Return the address of each kind of page."""
    job = {"job_id": board.trained.job_id}
    both = {"job_id": [board.trained.job_id, board.failed.job_id]}
    model = {"model_id": board.trained.model_id, "model_version": board.trained.model_version}
    named: dict[str, tuple[str, dict[str, Any]]] = {
        "jobs": ("", {}),
        "job": ("job", job),
        "failed job": ("job", {"job_id": board.failed.job_id}),
        "evaluation": ("component", board.component("evaluation_0")),
        "model": ("component", board.component("hetero_lr_0")),
        "loss": ("component", board.component("hetero_lr_0", "arbiter", "10000")),
        "log": ("component/log", board.component("hetero_lr_0")),
        "compare": ("compare", both),
        "tables": ("tables", {}),
        "table": ("table", {"namespace": "flowkit_demo", "name": "guest"}),
        "models": ("models", {}),
        "one model": ("model", model),
        "tags": ("tags", {}),
        "time": ("time", {}),
        "faults": ("faults", {}),
        "journal": ("journal", {}),
    }
    return {
        name: f"{board.mock.url}/board/{path}?{urlencode(query, doseq=True)}"
        for name, (path, query) in named.items()
    }


def test_a_job_can_be_watched_from_its_submit_to_its_curves(browser: Browser) -> None:
    with MockServer(port=0, pace="manual") as mock, mock.client() as flow:
        for role, _ in (demo.GUEST, demo.HOST):
            demo.upload(flow, role)
        job = flow.job.submit(demo.DATA / "train_conf.json", demo.DATA / "train_dsl.json")
        with watched_page(browser, mock.url) as page:
            page.goto(job.data["board_url"])
            page.wait_for_url(f"{mock.url}/board/job?job_id={job.job_id}&role=guest&party_id=9999")
            mock.advance_to_next_event()
            mock.advance_to_next_event()
            page.wait_for_selector(".node-running")
            expect_soon(page.locator(".heading .status")).to_have_text("running")
            while mock.advance_to_next_event() is not None:
                pass
            page.wait_for_selector(".heading .status-success")
            expect_soon(page.locator(".node-success")).to_have_count(6)
            expect_soon(page.locator("#live-status")).to_contain_text("success, 100 %")

            page.locator(".node", has_text="evaluation_0").click()
            expect_soon(page.locator(".plot canvas")).to_have_count(6)
            expect_soon(page.locator("main")).to_contain_text("AUC 0.869643")

            page.goto(page.url.replace("evaluation_0", "hetero_lr_0"))
            page.locator("nav.tabs a", has_text="arbiter").click()
            page.wait_for_selector(".plot canvas")
            expect_soon(page.locator("main")).to_contain_text("Loss (train)")

            page.locator("nav.tabs a", has_text="guest").click()
            expect_soon(page.locator("#rows")).to_contain_text("rows 1 to 25 of 201")
            page.get_by_text("Later rows").click()
            expect_soon(page.locator("#rows")).to_contain_text("rows 26 to 50")

            page.locator("#log").scroll_into_view_if_needed()
            page.wait_for_selector("pre.log .level-info")


def test_a_failed_job_says_why_and_what_it_says_stays_text(
    browser: Browser, listening: Board
) -> None:
    with watched_page(browser, listening.mock.url) as page:
        page.on("dialog", lambda dialog: pytest.fail("a script of the message was run"))
        page.goto(f"{listening.mock.url}/board/")
        page.get_by_text(listening.failed.job_id).click()

        expect_soon(page.locator(".notice")).to_contain_text(REASON)
        page.locator(".notice a").click()
        page.wait_for_selector("h1:has-text('hetero_lr_0')")
        expect_soon(page.locator(".notice")).to_contain_text(REASON)


def test_without_scripts_everything_is_there(browser: Browser, listening: Board) -> None:
    with watched_page(browser, listening.mock.url, java_script_enabled=False) as page:
        link = listening.flow.job.url(listening.trained.job_id, "guest", 9999)
        page.goto(link.data["board_url"][0])
        page.get_by_text("list of jobs").click()
        page.get_by_text(listening.trained.job_id).click()
        page.locator(".node", has_text="evaluation_0").click()

        numbers = page.locator(".block-chart", has_text="ROC of").locator("tbody tr").last
        expect_soon(numbers).to_be_visible()
        assert numbers.inner_text().split() == ["1", "1"]
        page.goto(addresses(listening)["model"])
        page.get_by_text("Show the log").click()
        expect_soon(page.locator("pre.log .level-info").first).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_serious_fault(browser: Browser, listening: Board, scheme: str) -> None:
    script = (AXE / "axe.min.js").read_text("utf-8")
    faults = {}
    with watched_page(
        browser, listening.mock.url, color_scheme=scheme, reduced_motion="reduce"
    ) as page:
        for name, address in addresses(listening).items():
            page.goto(address)
            page.evaluate(script)
            found = page.evaluate("axe.run()")["violations"]
            grave = [one for one in found if one["impact"] in ("serious", "critical")]
            for one in grave:
                faults[name, one["id"]] = [node["html"][:200] for node in one["nodes"][:3]]
    assert faults == {}


def test_what_axe_is_is_what_its_makers_published() -> None:
    for line in (AXE / "VENDORED.txt").read_text("utf-8").splitlines()[1:]:
        name, *_, digest = line.split()
        assert hashlib.sha256((AXE / name).read_bytes()).hexdigest() == digest


@pytest.mark.parametrize("viewport", [NARROW, WIDE])
def test_no_page_is_wider_than_the_screen(
    browser: Browser, listening: Board, viewport: dict[str, int]
) -> None:
    with watched_page(browser, listening.mock.url, viewport=viewport) as page:
        for name, address in addresses(listening).items():
            page.goto(address)
            width = page.evaluate("document.documentElement.scrollWidth")
            assert width <= viewport["width"], name


def test_a_keyboard_is_enough(browser: Browser, listening: Board) -> None:
    with watched_page(browser, listening.mock.url) as page:
        page.goto(addresses(listening)["job"])
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className") == "skip"
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == "content"
        reached = _tab_until(page, "node")
        page.keyboard.press("Enter")
        page.wait_for_url(re.compile("component=reader_0"))
        assert reached < 15


def _tab_until(page: Page, name: str) -> int:
    """Press Tab until an element of a class has the focus; return how often."""
    for count in range(1, 100):
        page.keyboard.press("Tab")
        found = page.evaluate("document.activeElement.getAttribute('class') || ''")
        if name in found.split():
            return count
    raise AssertionError(f"nothing of the class {name} gets the focus")


def test_a_slider_moves_the_threshold_of_a_confusion_matrix(
    browser: Browser, listening: Board
) -> None:
    with watched_page(browser, listening.mock.url) as page:
        page.goto(addresses(listening)["evaluation"])
        figure = page.locator("[data-by-threshold]")
        before = figure.locator("td[class]").all_inner_texts()
        figure.get_by_label("Threshold").focus()
        page.keyboard.press("Home")

        assert sum(map(int, before)) == 201
        expect_soon(figure.locator("td[class]")).to_have_text(["0", "105", "0", "96"])
        expect_soon(figure.locator(".sub")).to_have_text("at threshold 0: accuracy 0.477612")


def test_two_jobs_are_chosen_and_compared(browser: Browser, listening: Board) -> None:
    with watched_page(browser, listening.mock.url) as page:
        page.goto(f"{listening.mock.url}/board/")
        for job in (listening.failed, listening.trained):
            page.get_by_label(f"Compare job {job.job_id}").check()
        page.get_by_text("Compare two jobs").click()

        expect_soon(page.locator("main")).to_contain_text("Parameters and DSL are equal.")


def test_the_list_goes_on_by_itself(browser: Browser) -> None:
    with MockServer(port=0) as mock, mock.client() as flow, watched_page(browser, mock.url) as page:
        page.goto(f"{mock.url}/board/")
        expect_soon(page.locator("main")).to_contain_text("There are no jobs yet")
        demo.upload(flow, "guest")
        page.wait_for_selector("table.jobs", timeout=20_000)


def test_the_forms_of_a_real_browser_are_carried_out(browser: Browser) -> None:
    with MockServer(port=0, pace="manual") as mock, watched_page(browser, mock.url) as page:
        before = mock.state.clock.now()
        page.goto(f"{mock.url}/board/time")
        page.get_by_label("Seconds").fill("120")
        page.get_by_text("Move on", exact=True).click()
        page.wait_for_selector("text=The time was moved on.")
        assert mock.state.clock.now() - before >= 120


def test_the_pictures_of_the_documentation_can_be_taken(browser: Browser, tmp_path: Path) -> None:
    taken = take_pictures(browser, tmp_path)

    assert {path.name for path in taken} == {path.name for path in PICTURES.glob("board-*.png")}
    assert all(path.read_bytes().startswith(b"\x89PNG") for path in taken)
