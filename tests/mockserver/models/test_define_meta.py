from __future__ import annotations

import pytest
import yaml

from flowkit_mockserver.models.define_meta import dump, parse

COMPONENTS = {"dataio_0": {"module_name": "DataIO"}, "pipeline": {"module_name": "Pipeline"}}
PROTOS = {
    "dataio_0": {"model": {"DataIOMeta": "DataIOMeta", "DataIOParam": "DataIOParam"}},
    "pipeline": {"pipeline": {"Pipeline": "Pipeline"}},
}


def test_what_is_written_is_yaml() -> None:
    text = dump(COMPONENTS, PROTOS)
    assert yaml.safe_load(text) == {
        "describe": "This is the model definition meta",
        "component_define": COMPONENTS,
        "model_proto": PROTOS,
    }
    assert parse(text) == yaml.safe_load(text)


def test_a_model_without_components_has_nothing_but_a_description() -> None:
    assert parse(dump({}, {})) == {"describe": "This is the model definition meta"}


def test_a_component_without_models_keeps_its_place() -> None:
    assert parse(dump(COMPONENTS, {"dataio_0": {}}))["model_proto"] == {"dataio_0": {}}


def test_quotes_and_comments_are_understood() -> None:
    assert parse("# written by hand\n'model_proto':\n  \"lr_0\": {}\n") == {
        "model_proto": {"lr_0": {}}
    }


@pytest.mark.parametrize(
    "text",
    ["- a\n- b\n", "just words\n", "\n".join(f"{' ' * n}k:" for n in range(20))],
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="nested maps of texts and nothing else"):
        parse(text)


def test_more_than_a_model_has_is_refused_however_short_it_is_written() -> None:
    maps = "{" + ", ".join(f"k{n}: text" for n in range(30)) + "}"
    text = f"a: &a {maps}\n"
    for name, inner in (("b", "a"), ("c", "b")):
        entries = ", ".join(f"k{n}: *{inner}" for n in range(30))
        text += f"{name}: &{name} {{{entries}}}\n"
    with pytest.raises(ValueError, match="at most 20000 entries on a level"):
        parse(text)


def test_what_is_no_yaml_is_refused() -> None:
    with pytest.raises(ValueError, match="the model definition is no YAML"):
        parse("a: [b\n")


def test_words_that_yaml_reads_as_something_else_stay_words() -> None:
    assert parse(dump({"no": {"module_name": "1.0"}}, {"no": {}})) == {
        "describe": "This is the model definition meta",
        "component_define": {"no": {"module_name": "1.0"}},
        "model_proto": {"no": {}},
    }
