"""The verbs: each is a method, a route and a line of the table, with the same arguments."""

from __future__ import annotations

import inspect
import re

from flowkit_mockserver import MockServer
from flowkit_mockserver.control.controls.controls import Controls
from flowkit_mockserver.control.verbs import VERBS
from import_graph import ROOT


def test_each_verb_is_a_method_with_its_fields() -> None:
    for verb in VERBS:
        parameters = inspect.signature(getattr(Controls, verb.name)).parameters
        assert {field.name for field in verb.fields} <= set(parameters) - {"self"}, verb.name
        required = {
            name
            for name, parameter in parameters.items()
            if parameter.default is parameter.empty and name != "self"
        }
        assert {field.name for field in verb.fields if field.required} == required, verb.name


def test_each_method_is_a_verb() -> None:
    methods = {name for name, _ in inspect.getmembers(Controls, inspect.isfunction)}
    assert {name for name in methods if not name.startswith("_")} - {"report_unmatched"} == {
        verb.name for verb in VERBS
    }


def test_each_verb_has_a_route() -> None:
    with MockServer() as mock:
        rules = {
            (method, rule.rule)
            for rule in mock.app.url_map.iter_rules()
            for method in rule.methods or ()
        }
    paths = {verb.path: re.sub(r"{(\w+)}", r"<\1>", verb.path) for verb in VERBS}
    assert {(verb.method, f"/_flowkit{paths[verb.path]}") for verb in VERBS} <= rules


def test_each_verb_has_an_example_in_the_documentation() -> None:
    page = (ROOT / "docs/reference/control.md").read_text("utf-8")
    examples = "".join(re.findall(r"^```python\n(.*?)^```", page, re.MULTILINE | re.DOTALL))
    missing = [verb.name for verb in VERBS if not re.search(rf"\.{verb.name}\(", examples)]
    assert not missing
