"""Every hook has a protocol, and a method of the client's hooks."""

from __future__ import annotations

import inspect

import pytest

from flowkit.hooks import protocols
from flowkit.hooks.runner import Hooks
from flowkit.hooks.table import HOOKS


@pytest.mark.parametrize("name", HOOKS)
def test_every_hook_has_a_protocol_with_its_arguments(name: str) -> None:
    typed = [
        getattr(member, name)
        for member in vars(protocols).values()
        if inspect.isclass(member) and name in vars(member)
    ]
    assert typed
    for function in typed:
        assert tuple(inspect.signature(function).parameters)[1:] == HOOKS[name].arguments


@pytest.mark.parametrize("name", HOOKS)
def test_every_hook_has_a_method_of_the_facade(name: str) -> None:
    method = name.removeprefix("flowkit_").replace("operation_groups", "groups")
    assert callable(getattr(Hooks, method))
