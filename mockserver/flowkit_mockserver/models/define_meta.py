"""``define/define_meta.yaml``: which components a model has, of which modules, in which buffers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["dump", "dump_plain", "parse"]

_DESCRIPTION = "This is the model definition meta"
#: Levels of maps: the parts of the file, components, aliases, buffers.
_DEEPEST = 4


def dump(component_define: Mapping[str, Any], model_proto: Mapping[str, Any]) -> str:
    """Return the text of the file.

    Args:
        component_define: component → ``{"module_name": module}``.
        model_proto: component → alias → buffer → message.
    """
    import yaml

    document: dict[str, Any] = {"describe": _DESCRIPTION}
    if component_define:
        document |= {"component_define": component_define, "model_proto": model_proto}
    dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
    return str(yaml.dump(document, Dumper=dumper, sort_keys=False, default_flow_style=False))


def dump_plain(document: Mapping[str, Any]) -> str:
    """Return a document as YAML."""
    import yaml

    dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
    return str(yaml.dump(dict(document), Dumper=dumper, sort_keys=False, default_flow_style=False))


def parse(text: str) -> dict[str, Any]:
    """Return what the file says: nested maps whose leaves are texts.

    Raises:
        ValueError: the text is no YAML, or more than nested maps.
    """
    import yaml

    try:
        # Every scalar stays the text it is; no tag of an archive from elsewhere makes an object.
        document = yaml.load(text, Loader=getattr(yaml, "CBaseLoader", yaml.BaseLoader))
    except yaml.YAMLError as error:
        raise ValueError(f"the model definition is no YAML: {error}") from error
    if not document:
        return {}
    if not isinstance(document, dict) or not _is_plain(document, _DEEPEST):
        raise ValueError("a model definition is nested maps of texts and nothing else")
    return document


def _is_plain(value: object, levels: int) -> bool:
    if isinstance(value, dict):
        return levels > 0 and all(
            isinstance(key, str) and _is_plain(item, levels - 1) for key, item in value.items()
        )
    return isinstance(value, str)
