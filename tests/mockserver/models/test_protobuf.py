from __future__ import annotations

import json
from contextlib import suppress
from importlib.resources import files
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowkit_mockserver.models.definitions import Field, definition_files, message_fields
from flowkit_mockserver.models.protobuf import DecodeError, decode, encode, encode_bytes_field

REAL_META = {
    "penalty": "L2",
    "tol": 0.0001,
    "alpha": 0.01,
    "optimizer": "rmsprop",
    "partyWeight": 0.0,
    "batchSize": "320",
    "learningRate": 0.15,
    "maxIter": "5",
    "earlyStop": "diff",
    "reEncryptBatches": "0",
    "fitIntercept": True,
    "needOneVsRest": False,
}
REAL_META_BYTES = bytes.fromhex(
    "0a024c32112d431cebe2361a3f197b14ae47e17a843f2207726d7370726f70"
    "30c00239333333333333c33f40054a0464696666"
    "5801"
)


def test_bytes_are_those_that_fate_writes() -> None:
    assert encode("LRModelMeta", REAL_META) == REAL_META_BYTES
    assert decode("LRModelMeta", REAL_META_BYTES) == REAL_META


def test_defaults_take_no_room_and_come_back() -> None:
    assert (
        encode("StatisticMeta", {"statistics": [], "quantileError": 0.0, "needRun": False}) == b""
    )
    assert decode("StatisticMeta", b"") == {
        "statistics": [],
        "staticColumns": [],
        "quantileError": 0.0,
        "needRun": False,
    }


def test_unset_messages_stay_out() -> None:
    assert "imputerMeta" not in decode("DataIOMeta", b"")
    set_but_empty = encode("DataIOMeta", {"imputerMeta": {}})
    assert decode("DataIOMeta", set_but_empty)["imputerMeta"] == {
        "isImputer": False,
        "strategy": "",
        "missingValue": [],
    }


def test_negative_numbers_survive() -> None:
    document = decode("LRModelParam", encode("LRModelParam", {"bestIteration": -1}))
    assert document["bestIteration"] == -1


@pytest.mark.parametrize(("number", "shown"), [(float("nan"), "NaN"), (float("-inf"), "-Infinity")])
def test_numbers_without_a_json_form_are_texts(number: float, shown: str) -> None:
    assert decode("LRModelMeta", encode("LRModelMeta", {"tol": number}))["tol"] == shown
    assert decode("LRModelMeta", encode("LRModelMeta", {"tol": shown}))["tol"] == shown


def test_fields_nobody_knows_are_skipped() -> None:
    data = REAL_META_BYTES + encode_bytes_field(100_000, b"whatever")
    assert decode("LRModelMeta", data) == REAL_META


@pytest.mark.parametrize(
    "data",
    [
        REAL_META_BYTES[:-1] + b"\x80",
        REAL_META_BYTES[:20],
        b"\x0a\xff\xff\xff\xff\x0f",
        b"\xff" * 12,
        b"\x0b",
    ],
)
def test_bytes_that_are_no_message_are_refused(data: bytes) -> None:
    with pytest.raises(DecodeError):
        decode("LRModelMeta", data)


@given(
    st.binary(max_size=200), st.sampled_from(["LRModelParam", "BoostingTreeModelParam", "Pipeline"])
)
def test_any_bytes_are_read_or_refused(data: bytes, message: str) -> None:
    with suppress(DecodeError):
        decode(message, data)


SCALARS: dict[str, st.SearchStrategy[Any]] = {
    "string": st.text(max_size=8),
    "bytes": st.sampled_from(["", "AAE=", "aGVsbG8="]),
    "bool": st.booleans(),
    "double": st.floats(allow_nan=False, allow_infinity=False),
    "int32": st.integers(-(2**31), 2**31 - 1),
    "uint32": st.integers(0, 2**32 - 1),
    "int64": st.integers(-(2**63), 2**63 - 1).map(str),
}


def documents(message: str) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({f.json_name: _values(f) for f in message_fields(message)})


def _values(field: Field) -> st.SearchStrategy[Any]:
    single = SCALARS[field.kind] if field.kind in SCALARS else documents(field.kind)
    if field.key is not None:
        return st.dictionaries(SCALARS[field.key].map(str), single, max_size=3)
    return st.lists(single, max_size=3) if field.repeated else single


@pytest.mark.parametrize(
    "message", ["LRModelParam", "FeatureBinningParam", "FeatureSelectionMeta", "NNModelParam"]
)
@given(data=st.data())
def test_messages_survive_the_journey(message: str, data: st.DataObject) -> None:
    document = data.draw(documents(message))
    assert decode(message, encode(message, document)) == document


def test_every_type_of_a_field_is_known() -> None:
    for text in definition_files().values():
        for line in text.splitlines():
            if line.startswith("message "):
                assert message_fields(line.split()[1]) is not None
    for message in ("BoostingTreeModelParam", "HeteroNNParam", "PearsonModelParam"):
        encode(message, decode(message, b""))


def test_definition_files_read_like_definitions() -> None:
    text = definition_files()["psi-model-param.proto"]
    assert "message PsiSummary {" in text
    assert "    map<string, double> total_score = 1;" in text


def test_every_message_that_components_save_can_be_packed() -> None:
    text = files("flowkit_mockserver.components.core").joinpath("messages.json").read_text("utf-8")
    for message, fields in json.loads(text).items():
        assert [field.json_name for field in message_fields(message)] == list(fields), message
