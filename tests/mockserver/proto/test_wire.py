from __future__ import annotations

import base64
import subprocess
import sys
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowkit_mockserver.proto.catalogue import (
    Field,
    fields_by_file,
    later_message,
    message_fields,
)
from flowkit_mockserver.proto.documents import message as render
from flowkit_mockserver.proto.wire import (
    WireError,
    append_bytes_field,
    decode,
    encode,
    read_bytes_field,
)

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


@pytest.mark.parametrize("shown", ["NaN", "Infinity", "-Infinity"])
def test_numbers_without_a_json_form_are_texts(shown: str) -> None:
    assert decode("LRModelMeta", encode("LRModelMeta", {"tol": shown}))["tol"] == shown


def test_fields_nobody_knows_are_skipped() -> None:
    data = append_bytes_field(REAL_META_BYTES, 100_000, b"whatever")
    assert decode("LRModelMeta", data) == REAL_META
    assert read_bytes_field(data, 100_000) == b"whatever"
    assert read_bytes_field(data, 100_001) == b""


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
    with pytest.raises(WireError):
        decode("LRModelMeta", data)


@given(
    st.binary(max_size=200), st.sampled_from(["LRModelParam", "BoostingTreeModelParam", "Pipeline"])
)
def test_any_bytes_are_read_or_refused(data: bytes, message: str) -> None:
    with suppress(WireError):
        decode(message, data)


VALUES: dict[str, st.SearchStrategy[Any]] = {
    "string": st.text(max_size=8),
    "bytes": st.sampled_from(["", "AAE=", "aGVsbG8="]),
    "bool": st.booleans(),
    "double": st.floats(allow_nan=False, allow_infinity=False),
    "float": st.floats(width=32, allow_nan=False, allow_infinity=False),
    "int32": st.integers(-(2**31), 2**31 - 1),
    "uint32": st.integers(0, 2**32 - 1),
    "int64": st.integers(-(2**63), 2**63 - 1).map(str),
}


def documents(message: str) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({f.json_name: _values(f) for f in message_fields(message)})


def _values(field: Field) -> st.SearchStrategy[Any]:
    single = VALUES[field.kind] if field.kind in VALUES else documents(field.kind)
    if field.key is not None:
        return st.dictionaries(VALUES[field.key].map(str), single, max_size=3)
    return st.lists(single, max_size=3) if field.repeated else single


@pytest.mark.parametrize(
    "message", ["LRModelParam", "FeatureBinningParam", "FeatureSelectionMeta", "NNModelParam"]
)
@settings(max_examples=20)
@given(data=st.data())
def test_messages_survive_the_journey(message: str, data: st.DataObject) -> None:
    document = data.draw(documents(message))
    assert decode(message, encode(message, document)) == document


MESSAGES = [message for messages in fields_by_file().values() for message in messages]


@pytest.mark.parametrize("message", MESSAGES)
def test_every_message_can_be_packed(message: str) -> None:
    assert encode(message, decode(message, b"")) == b""


@pytest.mark.parametrize("message", MESSAGES)
@settings(max_examples=5)
@given(data=st.data())
def test_what_components_render_is_what_the_library_renders(
    message: str, data: st.DataObject
) -> None:
    document = data.draw(documents(message))

    assert render(message, **document) == decode(message, encode(message, document))


def test_a_value_that_a_field_cannot_hold_is_refused() -> None:
    with pytest.raises(WireError, match="LRModelMeta cannot hold"):
        encode("LRModelMeta", {"tol": "little"})


def test_a_message_that_fate_does_not_have_is_refused() -> None:
    with pytest.raises(KeyError):
        encode("NoSuchMessage", {})


def test_the_library_is_not_loaded_before_a_message_is_packed() -> None:
    program = (
        "import sys, flowkit_mockserver\n"
        "flowkit_mockserver.MockServer().close()\n"
        "import flowkit_mockserver.proto.wire\n"
        "print([name for name in sys.modules if name.startswith('google')])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"


def test_the_buffer_of_a_transformation_names_its_columns_as_a_real_1_9_0_does() -> None:
    real = base64.b64decode("CgJ4MAoCeDEaAXkiACoAMg1ndWVzdF85OTk5X3gwMg1ndWVzdF85OTk5X3gx")
    replaced = {"missingReplaceValue": {}, "missingValueRatio": {}}
    outlying = {"outlierReplaceValue": {}, "outlierValueRatio": {}}
    document = {
        "header": ["x0", "x1"],
        "sidName": "",
        "labelName": "y",
        "imputerParam": replaced,
        "outlierParam": outlying,
        "anonymousHeader": ["guest_9999_x0", "guest_9999_x1"],
    }
    name = later_message("DataTransformParam")
    assert encode(name, document) == real
    assert decode(name, real) == document
