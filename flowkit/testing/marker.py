"""The marker ``flow``: what a test says about its fixtures."""

from __future__ import annotations

from typing import Any

import pytest

from flowkit.inputs.spelling import nearest

__all__ = ["DECLARATION", "MOCK_SETTINGS", "marker_mistake", "marker_settings"]

#: Arguments that go to the mock server.
MOCK_SETTINGS = ("pace", "seed", "fate_version")
ARGUMENTS = ("cassette", *MOCK_SETTINGS, "hold_last", "network")
DECLARATION = (
    "flow(cassette=None, pace=None, seed=None, fate_version=None, hold_last=False, network=False): "
    "settings of flow_client and flow_mock: the cassette's file, the mock's pace (seconds a task, "
    "'instant' or 'manual'), seed and version, and whether the network is open"
)


def marker_settings(node: pytest.Item | pytest.Collector) -> dict[str, Any]:
    """Return the arguments of the ``flow`` markers of a test or module, the nearest winning."""
    found: dict[str, Any] = {}
    for marker in reversed(list(node.iter_markers("flow"))):
        found.update(marker.kwargs)
    return found


def marker_mistake(node: pytest.Item) -> str | None:
    """Return what is wrong with the ``flow`` markers of a test, None when nothing is."""
    known = ", ".join(f"{one}=…" for one in ARGUMENTS)
    text = f"{node.nodeid}: @pytest.mark.flow takes {known}; got"
    for marker in node.iter_markers("flow"):
        if marker.args:
            return f"{text} {marker.args[0]!r} without a name"
        for name in marker.kwargs:
            if name not in ARGUMENTS:
                return f"{text} {name!r}, did you mean {nearest(name, ARGUMENTS)!r}?"
    return None
