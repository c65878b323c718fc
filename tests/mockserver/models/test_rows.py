from __future__ import annotations

import pytest

from flowkit.clock import ManualClock
from flowkit_mockserver.models.rows import COLUMNS, ModelRows
from flowkit_mockserver.store import Store

BASE = {"role": "guest", "party_id": 7001, "model_id": "m", "model_version": "1", "job_id": "1"}


@pytest.fixture
def rows(store: Store, clock: ManualClock) -> ModelRows:
    rows = ModelRows(store.collection("model_rows"), clock)
    for role, party_id in (("arbiter", 7009), ("guest", 7001)):
        assert rows.add({**BASE, "role": role, "party_id": party_id, "initiator_party_id": 7001})
    return rows


def test_a_model_has_one_row_for_each_party(rows: ModelRows) -> None:
    assert not rows.add(BASE)
    assert rows.add({**BASE, "model_version": "2"})
    assert [row["f_role"] for row in rows.query({"model_version": "1"})] == ["arbiter", "guest"]


def test_columns_come_in_their_order_with_dates_of_their_own(rows: ModelRows) -> None:
    (row,) = rows.query({"model_version": "1", "role": "guest"})
    assert list(row) == list(COLUMNS)
    assert row["f_create_time"] == 1_622_512_984_000
    assert row["f_create_date"].startswith("2021-0")
    assert (row["f_party_id"], row["f_initiator_party_id"]) == ("7001", "7001")


def test_numbers_match_the_texts_of_columns(rows: ModelRows) -> None:
    assert len(rows.query({"model_version": 1, "party_id": 7009})) == 1


def test_empty_filters_match_everything(rows: ModelRows) -> None:
    assert len(rows.query({"model_version": "", "role": None})) == 2


def test_chosen_columns_come_in_the_order_of_the_choice(rows: ModelRows) -> None:
    (row,) = rows.query({"role": "guest", "query_filters": ["job_id", "nosuch", "role"]})
    assert list(row.items()) == [("f_job_id", "1"), ("f_role", "guest")]


def test_only_unknown_columns_mean_all(rows: ModelRows) -> None:
    (row,) = rows.query({"role": "guest", "query_filters": ["nosuch"]})
    assert list(row) == list(COLUMNS)


def test_rows_are_found_again_after_a_restart(
    store: Store, clock: ManualClock, rows: ModelRows
) -> None:
    assert list(ModelRows(store.collection("model_rows"), clock).find(model_version="1")) == list(
        rows.find(model_version="1")
    )
