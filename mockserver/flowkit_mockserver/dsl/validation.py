"""component/validate: the parameters of one component, checked on their own."""

from __future__ import annotations

from typing import Any

from flowkit_mockserver.dsl.conf import require
from flowkit_mockserver.dsl.errors import STUMBLES, DslError, python37_text, server_texts
from flowkit_mockserver.dsl.parameters import merge_component
from flowkit_mockserver.dsl.trees import copy_tree
from flowkit_mockserver.errors import HttpRefusal

__all__ = ["validate_component"]

_CONF_KEYS = {
    1: ("role", "role_parameters", "algorithm_parameters"),
    2: ("role", "component_parameters"),
}


def validate_component(body: Any) -> None:
    """Check the body of component/validate.

    Raises:
        HttpRefusal: 400 with the text of the first problem, 500 if the version is no number.
    """
    if not body or not isinstance(body, dict):
        raise HttpRefusal(400, "bad request")
    try:
        version = int(body.get("dsl_version", 0))
    except STUMBLES as error:
        raise HttpRefusal(500, python37_text(error)) from error
    if version not in _CONF_KEYS:
        raise HttpRefusal(400, "unsupported dsl_version")
    keys = _CONF_KEYS[version]
    try:
        with server_texts():
            require(body, ("component_name", "component_module_name", *keys))
            conf = copy_tree({key: body[key] for key in keys})
            module, component = body["component_module_name"], body["component_name"]
            merge_component(conf, module, component, version=version)
    except DslError as error:
        raise HttpRefusal(400, error.retmsg) from error
