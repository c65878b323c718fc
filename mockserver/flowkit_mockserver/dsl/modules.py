"""The modules of FATE 1.6.1: which roles run them, with which parameter class and which defaults.

The table is `modules.json` beside this file; it holds what the server reads from one settings file a module.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from flowkit_mockserver.dsl.errors import DslError
from flowkit_mockserver.dsl.trees import copy_tree

__all__ = ["MODULES", "PLAIN_MAPS", "Module", "module_of"]

PLAIN_MAPS = frozenset({"allowed_metrics", "default_metrics", "nn_define", "optimizer"})
"""Parameters whose default is a map that is replaced as a whole; any other map is a nested class."""


@dataclass(frozen=True)
class Module:
    """An algorithm that a component can name.

    Attributes:
        name: as the DSL spells it, ``HeteroLR``.
        param_class: name of the class that describes its parameters, ``HeteroLogisticParam``.
        need_deploy: whether DSL v1 deploys it unless told otherwise.
        code_path: role -> path of the class that the role runs; a role that is absent skips it.
        defaults: every parameter with its default, nested classes as nested maps.
    """

    name: str
    param_class: str
    need_deploy: bool
    code_path: Mapping[str, str]
    defaults: Mapping[str, Any]

    @property
    def roles(self) -> tuple[str, ...]:
        """The roles that run the module."""
        return tuple(self.code_path)

    def fresh_defaults(self) -> dict[str, Any]:
        """Return the default parameters as a tree of their own."""
        tree: dict[str, Any] = copy_tree(dict(self.defaults))
        return tree


def _read() -> Mapping[str, Module]:
    text = (Path(__file__).parent / "modules.json").read_text(encoding="utf-8")
    return MappingProxyType(
        {name: Module(name, **entry) for name, entry in json.loads(text).items()}
    )


MODULES: Mapping[str, Module] = _read()
_SETTINGS = {f"{name}.json": module for name, module in MODULES.items()}


def module_of(component: str, name: str) -> Module:
    """Return the module that a component names.

    Raises:
        DslError: FATE has no such module.
    """
    # Looked up by the name of the settings file, like the server: what is no text stumbles here.
    module = _SETTINGS.get(name + ".json")
    if module is None:
        raise DslError(
            f"Component {component}, module {name} does not exist"
            " under the fold federatedml.setting_conf"
        )
    return module
