"""The page of a component."""

from __future__ import annotations

from boarding import Board, board_of_demo, text_of
from flowkit import demo


def test_it_shows_metrics_summary_model_output_and_parameters(board: Board) -> None:
    text = text_of(board.get("component", **board.component("hetero_lr_0")))

    assert "Coefficients intercept -0.0938414" in text
    assert '"is_converged": true' in text
    assert "rows 1 to 25 of 201" in text
    assert "c0001 1 1 0.630066" in text
    assert "learning_rate 0.15" in text


def test_curves_come_with_their_numbers(board: Board) -> None:
    html = board.get("component", **board.component("evaluation_0"))

    assert html.count('<div class="plot"') == 6
    assert html.count('<details class="numbers">') == 6
    assert "AUC 0.869643" in html


def test_what_a_party_does_not_have_is_said_and_where_else_to_look(board: Board) -> None:
    guest = text_of(board.get("component", **board.component("hetero_lr_0")))
    arbiter = text_of(board.get("component", **board.component("reader_0", "arbiter", "10000")))

    assert "It measured nothing on this party. Elsewhere: host 10000 , arbiter 10000" in guest
    assert "arbiter 10000 has no part in this component" in arbiter


def test_output_rows_come_page_by_page(board: Board) -> None:
    second = board.get("component/rows", first=26, **board.component("hetero_lr_0"))
    whole = board.get("component", first=26, **board.component("hetero_lr_0"))

    assert "rows 26 to 50 of 201" in text_of(second)
    assert second.lstrip().startswith('<div id="rows">')
    assert "Earlier rows" in second
    assert "rows 26 to 50 of 201" in text_of(whole)


def test_the_log_is_a_page_and_a_part_of_one(board: Board) -> None:
    query = board.component("hetero_lr_0")
    page = board.get("component/log", **query)
    part = board.mock.app.test_client().get(
        "/board/component/log", query_string=query, headers={"HX-Request": "true"}
    )

    assert "<h1>Log</h1>" in page
    assert 'aria-current="true">INFO.log' in page
    assert 'class="level-info"' in page
    assert part.text.lstrip().startswith('<div id="component-log">')


def test_another_file_of_the_log_can_be_chosen_but_no_file_of_the_machine(board: Board) -> None:
    query = board.component("hetero_lr_0")
    chosen = board.get("component/log", file="DEBUG.log", **query)
    outside = board.get("component/log", file="../../../../../../etc/passwd", **query)

    assert 'aria-current="true">DEBUG.log' in chosen
    assert "root:" not in outside


def test_a_component_that_failed_shows_why(board: Board) -> None:
    query = board.component("hetero_lr_0") | {"job_id": board.failed.job_id}

    assert "Why it failed not enough memory" in text_of(board.get("component", **query))
    assert 'class="level-error"' in board.get("component/log", file="ERROR.log", **query)


def test_a_component_that_there_is_not_is_refused(board: Board) -> None:
    html = board.get("component", expect=404, **board.component("nothing_0"))

    assert "has no component nothing_0" in text_of(html)


def test_a_component_is_looked_at_again_until_it_has_ended() -> None:
    with board_of_demo(pace="manual") as board:
        running = demo.train(board.flow).job_id
        query = board.component("hetero_lr_0") | {"job_id": running}
        http = board.mock.app.test_client()

        before = http.get("/board/component/live", query_string=query)
        board.flow.job.wait(running)
        after = http.get("/board/component/live", query_string=query)
        page = board.get("component", **query)

    assert 'hx-get="/board/component/live?job_id=' in before.text
    assert "HX-Refresh" not in before.headers
    assert after.headers["HX-Refresh"] == "true"
    assert "hx-get" not in after.text
    assert "component/live" not in page
