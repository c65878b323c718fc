from __future__ import annotations

import pytest

from flowkit_mockserver.proto.catalogue import (
    SCALARS,
    Field,
    definition_files,
    fields_by_file,
    later_message,
    message_fields,
    package_of,
    shown_name,
    wider_message,
)


def test_a_field_knows_its_names_its_number_and_its_type() -> None:
    fields = {field.name: field for field in message_fields("LRModelParam")}

    assert fields["loss_history"] == Field(
        "loss_history", "lossHistory", 2, "double", repeated=True
    )
    assert fields["weight"] == Field("weight", "weight", 4, "double", key="string")


def test_a_message_that_fate_does_not_have_is_refused() -> None:
    with pytest.raises(KeyError, match="NoSuchMessage"):
        message_fields("NoSuchMessage")


def test_every_type_of_a_field_is_known() -> None:
    messages = {name for messages in fields_by_file().values() for name in messages}
    for fields in map(message_fields, messages):
        for field in fields:
            assert field.kind in SCALARS or field.kind in messages, field


def test_definition_files_read_like_definitions() -> None:
    text = definition_files()["psi-model-param.proto"]

    assert text.startswith(
        'syntax = "proto3";\n\npackage com.webank.ai.fate.core.mlmodel.buffer;\n'
    )
    assert "message PsiSummary {" in text
    assert "    map<string, double> total_score = 1;" in text


def test_two_files_of_fate_have_a_package_of_their_own() -> None:
    assert package_of("sir-meta.proto") == "com.webank.ai.fate.common.mlmodel.buffer"


def test_a_line_may_have_a_message_of_its_own_under_an_old_name() -> None:
    assert later_message("HomoNNParam") == "HomoNNParam@later"
    assert later_message("PoissonModelParam") == "PoissonModelParam"
    assert shown_name("HomoNNParam@later") == shown_name("HomoNNParam") == "HomoNNParam"
    assert "modelBytes" in {field.json_name for field in message_fields("HomoNNParam@later")}
    assert "modelBytes" not in {field.json_name for field in message_fields("HomoNNParam")}


@pytest.mark.parametrize(
    ("message", "wider"),
    [
        ("DataTransformParam", "DataTransformParam@later"),
        # A field that was single is a list in the later one.
        ("HeteroNNParam", "HeteroNNParam"),
        # There is no later one.
        ("StatisticMeta", "StatisticMeta"),
    ],
)
def test_a_later_message_is_wider_only_with_all_fields_of_the_first(
    message: str, wider: str
) -> None:
    assert wider_message(message) == wider
