"""``flow model deploy``: components, prediction DSL and checkpoints as its options have them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from flowkit.cli.official.amendment import Amendment
from flowkit.cli.options import SpelledOption
from flowkit.errors import ArgumentError
from flowkit.inputs.arguments import integer, names
from flowkit.inputs.documents import read_text

__all__ = ["Deployment"]


class Deployment(Amendment):
    """Options of ``flow model deploy`` that stand for arguments of another form."""

    def options(self) -> list[click.Option]:
        """Return ``--cpn-path``, ``--dsl-path``, ``--cpn-step-index`` and ``--cpn-step-name``."""
        path: dict[str, Any] = {"metavar": "PATH", "type": click.Path()}
        step: dict[str, Any] = {"multiple": True, "metavar": "COMPONENT:STEP"}
        return [
            SpelledOption(
                ["--cpn-path", "--cpn_path"],
                help="File with the components to keep, with commas between; for --cpn-list.",
                **path,
            ),
            SpelledOption(["--dsl-path", "--dsl_path"], help="The same as --predict-dsl.", **path),
            SpelledOption(
                ["--cpn-step-index", "--cpn_step_index"],
                help="Take a component's checkpoint by the number of its step; repeatable.",
                **step,
            ),
            SpelledOption(
                ["--cpn-step-name", "--cpn_step_name"],
                help="Take a component's checkpoint by the name of its step; repeatable.",
                **step,
            ),
        ]

    def prepare(self, method: Callable[..., Any], given: dict[str, Any]) -> dict[str, Any]:
        """Return the arguments of `client.model.deploy`."""
        listed, dsl = given.pop("cpn_path", None), given.pop("dsl_path", None)
        if listed is not None and not given.get("cpn_list"):
            given["cpn_list"] = names("cpn_path", read_text("cpn_path", listed)[1])
        if dsl is not None:
            given.setdefault("predict_dsl", dsl)
        steps = [("step_index", text) for text in given.pop("cpn_step_index", ())]
        steps += [("step_name", text) for text in given.pop("cpn_step_name", ())]
        chosen: dict[str, Any] = dict(given.get("components_checkpoint") or {})
        for kind, text in steps:
            component, colon, step = text.rpartition(":")
            argument = f"cpn_{kind}"
            if not (component and colon and step):
                must = f"{argument} must be a component, a colon and its step, got {text!r}"
                raise ArgumentError(must, argument=argument, value=text)
            if component in chosen:
                twice = f"{argument} names component {component!r}, which has a step already"
                raise ArgumentError(twice, argument=argument, value=text)
            chosen[component] = {kind: integer(argument, step) if kind == "step_index" else step}
        if chosen:
            given["components_checkpoint"] = chosen
        return given
