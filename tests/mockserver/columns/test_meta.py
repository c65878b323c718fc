"""What the meta of a table says of its columns."""

from __future__ import annotations

from flowkit_mockserver.columns.meta import column_meta


def test_defaults_stand_for_what_is_not_given() -> None:
    assert column_meta({"delimiter": ";"}, numbered=False) == {
        "data_type": "float64",
        "delimiter": ";",
        "id_range": 0,
        "input_format": "dense",
        "tag_value_delimiter": ":",
        "tag_with_value": False,
        "with_label": False,
        "with_match_id": False,
    }


def test_a_label_is_described_only_where_there_is_one() -> None:
    labelled = column_meta({"with_label": True, "label_name": "x0"}, numbered=False)
    assert (labelled["label_name"], labelled["label_type"]) == ("x0", "int")
    assert "label_name" not in column_meta({"label_name": "x0"}, numbered=False)


def test_keys_of_numbered_rows_are_match_ids() -> None:
    assert column_meta({"with_match_id": False}, numbered=True)["with_match_id"] is True
