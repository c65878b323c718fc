"""``define/define_meta.yaml``: which components a model has, of which modules, in which buffers.

The file is nothing but nested maps of plain words, so a few lines read and write it without a YAML library.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

__all__ = ["dump", "parse"]

_DESCRIPTION = "This is the model definition meta"
_DEEPEST = 8


def dump(component_define: Mapping[str, Any], model_proto: Mapping[str, Any]) -> str:
    """Return the text of the file.

    Args:
        component_define: component → ``{"module_name": module}``.
        model_proto: component → alias → buffer → message.
    """
    document: dict[str, Any] = {"describe": _DESCRIPTION}
    if component_define:
        document |= {"component_define": component_define, "model_proto": model_proto}
    return "".join(f"{line}\n" for line in _lines(document, ""))


def _lines(document: Mapping[str, Any], indent: str) -> Iterator[str]:
    for key, value in document.items():
        if isinstance(value, Mapping) and value:
            yield f"{indent}{key}:"
            yield from _lines(value, indent + "  ")
        else:
            yield f"{indent}{key}: {value if isinstance(value, str) else '{}'}"


def parse(text: str) -> dict[str, Any]:
    """Return what the file says: nested maps whose leaves are texts.

    Raises:
        ValueError: the text is more than nested maps.
    """
    root: dict[str, Any] = {}
    open_maps: list[tuple[int, dict[str, Any]]] = [(-1, root)]
    for line in text.splitlines():
        content = line.strip()
        if not content or content.startswith("#"):
            continue
        indent = len(line) - len(line.lstrip(" "))
        key, colon, value = content.partition(":")
        if not colon or len(open_maps) > _DEEPEST:
            raise ValueError(f"not a line of a model definition: {content[:80]!r}")
        while indent <= open_maps[-1][0]:
            open_maps.pop()
        key, value = _unquoted(key), value.strip()
        if value in {"", "{}"}:
            inner: dict[str, Any] = {}
            open_maps[-1][1][key] = inner
            open_maps.append((indent, inner))
        else:
            open_maps[-1][1][key] = _unquoted(value)
    return root


def _unquoted(word: str) -> str:
    word = word.strip()
    return word[1:-1] if len(word) > 1 and word[0] == word[-1] and word[0] in "'\"" else word
