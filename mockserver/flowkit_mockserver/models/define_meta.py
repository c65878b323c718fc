"""``define/define_meta.yaml``: which components a model has, of which modules, in which buffers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["dump", "dump_plain", "parse"]

_DESCRIPTION = "This is the model definition meta"
#: Levels of maps: the parts of the file, components, aliases, buffers.
_DEEPEST = 4
#: On each level, those that stand there by an alias as well.
_MOST_ENTRIES = 20_000


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
        ValueError: the text is no YAML, or more than nested maps, or more than any model has.
    """
    import yaml

    try:
        # Every scalar stays the text it is; no tag of an archive from elsewhere makes an object.
        document = yaml.load(text, Loader=getattr(yaml, "CBaseLoader", yaml.BaseLoader))
    except yaml.YAMLError as error:
        raise ValueError(f"the model definition is no YAML: {error}") from error
    if not document:
        return {}
    if not isinstance(document, dict) or not _is_plain(document):
        raise ValueError(
            "a model definition is nested maps of texts and nothing else,"
            f" at most {_MOST_ENTRIES} entries on a level"
        )
    return document


def _is_plain(document: dict[Any, Any]) -> bool:
    """Say whether a document is nested maps of texts; looks no further than at as many entries as a model has."""
    level = [document]
    for _ in range(_DEEPEST):
        if sum(map(len, level)) > _MOST_ENTRIES:
            return False
        entries = [entry for one in level for entry in one.items()]
        if not all(isinstance(key, str) and isinstance(item, dict | str) for key, item in entries):
            return False
        level = [item for _, item in entries if isinstance(item, dict)]
    return not level
