"""What a docstring says, taken apart for help texts."""

from __future__ import annotations

import inspect
import re
from dataclasses import dataclass, field

__all__ = ["Description", "describe", "plain"]

SECTION = re.compile(r"(Args|Returns|Raises|Yields|Example|Examples|Attributes):$|Endpoint: ")
ARGUMENT = re.compile(r"    (\*{0,2}\w+): (.*)$")
MARKUP = re.compile(r"``(.+?)``|`(.+?)`")


@dataclass(slots=True)
class Description:
    """A docstring in parts.

    Attributes:
        text: what stands before the sections: a summary and further paragraphs.
        arguments: what is said of each argument, by name.
        endpoint: the line after ``Endpoint:``, without its full stop.
    """

    text: str = ""
    arguments: dict[str, str] = field(default_factory=dict)
    endpoint: str = ""

    @property
    def summary(self) -> str:
        """The first paragraph, on one line."""
        return " ".join(self.text.partition("\n\n")[0].split())


def describe(thing: object) -> Description:
    """Take apart the docstring of a function or class, as plain text."""
    description = Description()
    lines = (inspect.getdoc(thing) or "").splitlines()
    head: list[str] = []
    section, name = "", ""
    for line in lines:
        if match := SECTION.match(line):
            section = match[1] or "Endpoint"
            if section == "Endpoint":
                description.endpoint = plain(line.removeprefix("Endpoint: ").rstrip("."))
        elif not section:
            head.append(line)
        elif section == "Args" and (match := ARGUMENT.match(line)):
            name = match[1].lstrip("*")
            description.arguments[name] = match[2]
        elif section == "Args" and name and line.strip():
            description.arguments[name] += " " + line.strip()
    for name, text in description.arguments.items():
        description.arguments[name] = plain(text)
    description.text = plain("\n".join(head).strip())
    return description


def plain(text: str) -> str:
    """Return `text` without the marks around code."""
    return MARKUP.sub(lambda match: match[1] or match[2], text)
