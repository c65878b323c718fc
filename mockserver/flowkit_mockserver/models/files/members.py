"""What lies in the folder of a model, as the real server keeps it: names and bytes are the same.

An archive is a zip of it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from flowkit_mockserver.dialects import Dialect
from flowkit_mockserver.dialects.dialect import ChangedKind
from flowkit_mockserver.dialects.releases import absent_definitions
from flowkit_mockserver.models.cache import STEP_NAME, ModelCache, buffers_of, pipeline_message
from flowkit_mockserver.models.define_meta import dump_plain
from flowkit_mockserver.models.files.checkpoints import checkpoint_entry
from flowkit_mockserver.proto.catalogue import definition_files

__all__ = ["DEFINITION", "first_members", "kilobytes", "later_members", "members_on"]

Members = Iterator[tuple[str, bytes]]

DEFINITION = "define/define_meta.yaml"
_FOLDERS = ("define/", "run_parameters/", "variables/", "variables/data/")
#: What the first servers that were a project of their own kept besides.
_OWN_FOLDERS = (
    "checkpoint/",
    "define/proto/",
    "define/proto_generated_python/",
    "variables/index/",
)
_PIPELINE_PROTO = "pipeline.proto"


def members_on(dialect: Dialect) -> Callable[[ModelCache], Members]:
    """Return what yields the members of a model's folder on a line."""
    if dialect.reworked:
        return later_members
    return partial(_own_members, dialect.kinds or {}) if dialect.own_project else first_members


def first_members(cache: ModelCache) -> Members:
    """Yield name and content of what lies in the folder of a model on the first lines; folders end with a slash."""
    if not cache.defined:
        yield ".lock", b""
        return
    buffers = list(cache.buffers())
    yield "define/", b""
    yield "variables/", b""
    yield ".lock", b""
    if cache.pipeline is not None:
        yield "pipeline.pb", buffers[-1][3]
    yield "define/proto/", b""
    yield DEFINITION, cache.definition().encode()
    absent = () if cache.pipeline is None else absent_definitions(cache.pipeline["fate_version"])
    for name, text in definition_files().items():
        if name not in absent:
            yield f"define/proto/{name}", text.encode()
    yield "variables/data/", b""
    yield "variables/index/", b""
    folders: set[str] = set()
    for component, alias, name, content in buffers:
        for folder in (f"variables/data/{component}/", f"variables/data/{component}/{alias}/"):
            if folder not in folders:
                folders.add(folder)
                yield folder, b""
        yield f"variables/data/{component}/{alias}/{name}", content


def _own_members(kinds: Mapping[str, ChangedKind], cache: ModelCache) -> Members:
    """Yield what lies in the folder on 1.7 and 1.8: as later, with the definition of the pipeline.

    Each component that the party runs has a folder for checkpoints. The Python of the definition is left out.
    """
    for folder in _OWN_FOLDERS:
        yield folder, b""
    if cache.pipeline is not None:
        if cache.pipeline.get("parent_info"):
            yield "pipeline.pb", list(cache.buffers())[-1][3]
        for component, entry in cache.pipeline["train_dsl"].get("components", {}).items():
            kind = kinds.get(entry["module"])
            if kind is not None and cache.party.role in kind.roles:
                yield f"checkpoint/{component}/", b""
    yield f"define/proto/{_PIPELINE_PROTO}", definition_files()[_PIPELINE_PROTO].encode()
    yield from later_members(cache, described=True)


def later_members(cache: ModelCache, *, described: bool = False) -> Members:
    """Yield name and content of what lies in the folder of a model on the later lines; folders end with a slash."""
    for folder in _FOLDERS:
        yield folder, b""
    yield ".lock", b""
    for component in (*cache.components, "pipeline"):
        text = json.dumps(_as_given(cache.run_parameters.get(component, {})))
        yield f"run_parameters/{component}/run_parameters.json", text.encode()
    yield DEFINITION, cache.definition(described=described).encode()
    for component, alias, name, content in cache.buffers():
        path = f"variables/data/{component}/{alias}/{name}"
        yield path, content
        yield f"{path}.json", json.dumps(_as_json(cache, component, alias, name)).encode()
    for component, path in cache.converted.items():
        yield path, json.dumps(cache.components[component]["models"]).encode()
    for component, saved in cache.checkpoints.items():
        for checkpoint in saved:
            folder = f"checkpoint/{component}/{checkpoint['step_index']}#{STEP_NAME}"
            yield f"{folder}/.lock", b""
            model = checkpoint["model"]
            for name, content in buffers_of(model).items():
                yield f"{folder}/{name}.pb", content
                part = "meta" if name == model["meta_name"] else "param"
                yield f"{folder}/{name}.json", json.dumps(model[part]).encode()
            yield f"{folder}/database.yaml", dump_plain(checkpoint_entry(checkpoint)).encode()


def kilobytes(cache: ModelCache, dialect: Dialect) -> int:
    """Return what the folder of a model weighs on the disk of a real server."""
    if not dialect.own_project:
        return cache.kilobytes()
    return round(sum(len(content) for _, content in members_on(dialect)(cache)) / 1024)


def _as_given(stored: Mapping[str, Any]) -> dict[str, Any]:
    """Return the stored parameters of a component with those only that the user gave."""
    whole = stored.get("ComponentParam", {})
    if "_user_feeded_params" not in whole:
        return dict(stored)
    fed = [path.split(".") for path in whole["_user_feeded_params"]]
    given: dict[str, Any] = {}
    for path in fed:
        if any(other[: len(path)] == path and other != path for other in fed):
            continue  # what the user gave of it follows by itself
        *folders, name = path
        source, target = whole, given
        for folder in folders:
            source, target = source[folder], target.setdefault(folder, {})
        target[name] = source[name]
    return {**stored, "ComponentParam": given}


def _as_json(cache: ModelCache, component: str, alias: str, name: str) -> Any:
    if component == "pipeline" and cache.pipeline is not None:
        return pipeline_message(cache.pipeline)
    model = cache.components[component]["models"][alias]
    return model["meta" if name == model["meta_name"] else "param"]
