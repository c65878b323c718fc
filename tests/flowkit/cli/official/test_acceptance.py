"""Every command and option of FATE's own command lines is accepted, held against a table of facts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click
import pytest

from flowkit.cli.app import app
from flowkit.cli.official.functions import FUNCTIONS

FACTS = json.loads(Path(__file__).with_name("official_commands.json").read_text("utf-8"))

COMMANDS = [
    pytest.param(line, id=f"{version} {line['group']} {line['command']}".replace("  ", " "))
    for version, lines in FACTS["flow"].items()
    for line in lines
]


def command_of(line: dict[str, Any]) -> click.Command:
    context = app.make_context("flowkit", [], resilient_parsing=True)
    found: click.Command | None = app
    for word in (line["group"], line["command"]):
        if word:
            assert isinstance(found, click.Group)
            found = found.get_command(context, word)
    assert found is not None, line["command"]
    return found


def spellings(command: click.Command) -> dict[str, click.Parameter]:
    return {
        spelling: parameter
        for parameter in command.params
        for spelling in (*parameter.opts, *parameter.secondary_opts)
    }


@pytest.mark.parametrize("line", COMMANDS)
def test_the_command_is_there_with_every_option(line: dict[str, Any]) -> None:
    known = spellings(command_of(line))
    for option in line["options"]:
        for spelling in option["spellings"]:
            assert spelling in known, f"{line['group']} {line['command']} {spelling}"


@pytest.mark.parametrize("line", COMMANDS)
def test_all_its_options_together_are_parsed(line: dict[str, Any]) -> None:
    """Once with the short spellings, once with the long ones; a flag needs no value."""
    command = command_of(line)
    for turn in (0, -1):
        words = []
        for option in line["options"]:
            words.append(option["spellings"][turn])
            if not option.get("flag"):
                words.append(option.get("choices", ["1"])[0])
        command.make_context("flowkit", words)


@pytest.mark.parametrize("line", COMMANDS)
def test_nothing_is_required_that_was_not(line: dict[str, Any]) -> None:
    known = spellings(command_of(line))
    listed = {spelling for option in line["options"] for spelling in option["spellings"]}
    needed = {id(known[spelling]) for spelling in listed}
    required = {
        parameter.name
        for parameter in known.values()
        if parameter.required and id(parameter) not in needed
    }
    assert not required


def test_every_function_of_fate_flow_client_is_known() -> None:
    assert set(FACTS["fate_flow_client.py"]["functions"]) == set(FUNCTIONS)


@pytest.mark.parametrize(
    "option", FACTS["fate_flow_client.py"]["options"], ids=lambda option: option["spellings"][0]
)
def test_every_option_of_fate_flow_client_is_known(option: dict[str, Any]) -> None:
    known = spellings(command_of({"group": "", "command": "legacy"}))
    for spelling in option["spellings"]:
        assert spelling in known
