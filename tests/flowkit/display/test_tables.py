"""Rows as HTML tables."""

from __future__ import annotations

from flowkit.display.tables import cell_text, html_table, pairs_table


def test_rows_and_what_is_left_out() -> None:
    made = html_table([{"a": 1, "b": None}] * 60, total=200, caption="Rows")
    assert made.startswith('<table><caption>Rows</caption><thead><tr><th scope="col">a</th>')
    assert made.count("<tr>") == 51
    assert made.endswith("<p>50 of 200 rows</p>")
    wide = html_table([{f"c{number}": number for number in range(30)}])
    assert "20 of 30 columns: without c20, c21" in wide


def test_names_are_escaped_and_secrets_masked() -> None:
    made = html_table([{"<b>": "<i>", "password": "hunter2"}])
    assert "<b>" not in made
    assert "<i>" not in made
    assert "hunter2" not in made
    assert "***" in made
    assert "hunter2" not in pairs_table({"conf": {"secret_key": "hunter2"}})


def test_cells() -> None:
    assert cell_text(None) == ""
    assert cell_text(1 / 3) == "0.333333"
    assert cell_text({"a": [1, 2]}) == "{'a': [1, 2]}"
    assert len(cell_text("x" * 1000)) == 200
