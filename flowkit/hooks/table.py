"""The hooks as data: what `flowkit.hooks.specs` declares, for checks, documentation and the command line."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from flowkit.call.markers import PROJECT
from flowkit.hooks import specs as hookspecs

__all__ = ["HOOKS", "Hook"]

FACT = re.compile(r"^(Runs|May change|May answer|Costs): (.*(?:\n    .*)*)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Hook:
    """One hook.

    Attributes:
        name: its name.
        arguments: the names of its arguments.
        answers: True when the first implementation that returns something ends it.
        observer: True when an exception in it is logged and stops nothing.
        specification: the function that declares it.
    """

    name: str
    arguments: tuple[str, ...]
    answers: bool
    observer: bool
    specification: Callable[..., Any]

    @property
    def wrappable(self) -> bool:
        """True when an implementation may be a wrapper."""
        return self.answers or self.name == "flowkit_sign"

    @property
    def signature(self) -> str:
        """The declaration as it is written, with its types."""
        return f"{self.name}{inspect.signature(self.specification)}".replace("'", "")

    @property
    def summary(self) -> str:
        """The first line of its documentation."""
        return self._text().partition("\n")[0]

    @property
    def explanation(self) -> str:
        """The paragraphs between the summary and the facts."""
        return self._text().partition("\n")[2].partition("Runs:")[0].strip()

    @property
    def facts(self) -> Mapping[str, str]:
        """When it runs, what it may change, whether it may answer and what it costs."""
        return {name: " ".join(text.split()) for name, text in FACT.findall(self._text())}

    @property
    def example(self) -> str:
        """An implementation, as source."""
        return inspect.cleandoc(self._text().partition("Example::")[2])

    def _text(self) -> str:
        return inspect.getdoc(self.specification) or ""


def _list_hooks() -> Mapping[str, Hook]:
    found = {}
    for name, member in vars(hookspecs).items():
        options = getattr(member, f"{PROJECT}_spec", None)
        if options is not None:
            arguments = tuple(inspect.signature(member).parameters)
            found[name] = Hook(
                name, arguments, bool(options["firstresult"]), name in hookspecs.OBSERVERS, member
            )
    return MappingProxyType(found)


#: Every hook by its name, in the order of their declaration.
HOOKS = _list_hooks()
