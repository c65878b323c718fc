"""A model's cache: one party's part of a model, as the real server keeps it in a directory of its own.

A `ModelCache` holds the pipeline (DSLs, confs, ids), and what each component saved. Some caches are defective the way
the real ones are: a refused import leaves an empty directory behind, which has no definition (`defined` is false), and
a job that never came to its end leaves one without a pipeline.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from flowkit_mockserver.errors import FlowFault
from flowkit_mockserver.models.define_meta import dump
from flowkit_mockserver.models.identity import model_key, party_model_id
from flowkit_mockserver.proto.wire import append_bytes_field, decode, encode, read_bytes_field

__all__ = ["ModelCache", "Pipeline", "buffers_of", "model_from_buffers", "pipeline_from_bytes"]

Pipeline = dict[str, Any]
"""The fields of the Pipeline message by name, with JSON documents in place of the bytes of JSON documents."""

ModelDocument = Mapping[str, Any]
"""`components.interface.Model` as JSON."""

#: What the definition files of 1.6.1 weigh; ours are leaner, and sizes are to be those of the real server.
DEFINITION_BYTES = 39_081

#: What stands in for a buffer all of whose fields have their defaults: nothing would look like no buffer.
EMPTY_BUFFER = b"\n\x03set"

#: A field no definition knows, in which a parameter buffer carries `Model.state`. Other readers skip it.
STATE_FIELD = 100_000

_DOCUMENTS = (
    "inference_dsl",
    "train_dsl",
    "train_runtime_conf",
    "roles",
    "runtime_conf_on_party",
    "parent_info",
)
_JSON_NAMES = {
    "inference_dsl": "inferenceDsl",
    "train_dsl": "trainDsl",
    "train_runtime_conf": "trainRuntimeConf",
    "fate_version": "fateVersion",
    "model_id": "modelId",
    "model_version": "modelVersion",
    "parent": "parent",
    "loaded_times": "loadedTimes",
    "roles": "roles",
    "work_mode": "workMode",
    "initiator_role": "initiatorRole",
    "initiator_party_id": "initiatorPartyId",
    "runtime_conf_on_party": "runtimeConfOnParty",
    "parent_info": "parentInfo",
}


@dataclass(slots=True)
class ModelCache:
    """One party's part of a model.

    Attributes:
        role, party_id, model_id, model_version: where it lies; an imported one may lie elsewhere than its
            pipeline says.
        pipeline: None when the job did not come to its end.
        components: component → ``{"module", "models": {alias: Model document}}``.
        defined: False for the empty shell that a refused import leaves.
    """

    role: str
    party_id: str
    model_id: str
    model_version: str
    pipeline: Pipeline | None = None
    components: dict[str, dict[str, Any]] = field(default_factory=dict)
    defined: bool = True

    @property
    def party_model_id(self) -> str:
        """Its id with role and party."""
        return party_model_id(self.role, self.party_id, self.model_id)

    @property
    def key(self) -> str:
        """Under which it is kept."""
        return model_key(self.party_model_id, self.model_version)

    def to_document(self) -> dict[str, Any]:
        """Return the cache as plain JSON."""
        return {name: getattr(self, name) for name in self.__slots__}

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> ModelCache:
        """Return the cache that `to_document` had turned into JSON."""
        return cls(**document)

    def read_pipeline(self, root: str) -> Pipeline:
        """Return the pipeline, or stumble as the real server does over a cache without one.

        Args:
            root: the server's directory, for the text.

        Raises:
            FlowFault: the cache is defective.
        """
        if not self.defined:
            path = f"{root}/model_local_cache/{self.key}/define/define_meta.yaml"
            raise FlowFault(f"[Errno 2] No such file or directory: '{path}'")
        if self.pipeline is None:
            raise FlowFault("'Pipeline'")
        return self.pipeline

    def put_model(self, component: str, module: str, alias: str, model: ModelDocument) -> None:
        """Keep what a component saved."""
        entry = self.components.setdefault(component, {"module": module, "models": {}})
        entry["models"][alias] = model

    def definition(self) -> str:
        """Return the text of ``define_meta.yaml``."""
        modules = {
            name: {"module_name": entry["module"]} for name, entry in self.components.items()
        }
        protos: dict[str, Any] = {
            name: {alias: buffer_messages(model) for alias, model in entry["models"].items()}
            for name, entry in self.components.items()
        }
        if self.pipeline is not None:
            modules["pipeline"] = {"module_name": "Pipeline"}
            protos["pipeline"] = {"pipeline": {"Pipeline": "Pipeline"}}
        return dump(modules, protos)

    def buffers(self) -> Iterator[tuple[str, str, str, bytes]]:
        """Yield component, alias, name and bytes of each buffer, the pipeline's last."""
        for component, entry in self.components.items():
            for alias, model in entry["models"].items():
                for name, content in buffers_of(model).items():
                    yield component, alias, name, content
        if self.pipeline is not None:
            yield "pipeline", "pipeline", "Pipeline", pipeline_bytes(self.pipeline)

    def kilobytes(self) -> int:
        """Return what the cache would weigh on the real server's disk."""
        size = DEFINITION_BYTES + len(self.definition().encode())
        for entry in self.components.values():
            for model in entry["models"].values():
                size += sum(map(len, buffers_of({**model, "state": {}}).values()))
        if self.pipeline is not None:
            size += 2 * len(pipeline_bytes(self.pipeline))
        return round(size / 1024)


def pipeline_bytes(pipeline: Pipeline) -> bytes:
    """Return the bytes of the Pipeline message."""
    document = {
        _JSON_NAMES[name]: base64.b64encode(json.dumps(value).encode()).decode()
        if name in _DOCUMENTS
        else value
        for name, value in pipeline.items()
    }
    return encode("Pipeline", document)


def pipeline_from_bytes(data: bytes) -> Pipeline:
    """Return the pipeline that the bytes hold.

    Raises:
        ValueError: they hold none.
    """
    document = decode("Pipeline", data)
    pipeline: Pipeline = {}
    for name, json_name in _JSON_NAMES.items():
        value = document[json_name]
        if name in _DOCUMENTS:
            value = json.loads(base64.b64decode(value) or b"{}")
            if not isinstance(value, dict):
                raise ValueError(f"{name} of the pipeline is not a map")
        pipeline[name] = value
    return pipeline


def buffer_messages(model: ModelDocument) -> dict[str, str]:
    """Return the buffers of a model, name → message."""
    named = (("meta_name", "meta_message"), ("param_name", "param_message"))
    return {model[name]: model[message] for name, message in named if model[name]}


def buffers_of(model: ModelDocument) -> dict[str, bytes]:
    """Return the buffers of a model, name → bytes."""
    found: dict[str, bytes] = {}
    for part, name in ((part, model[f"{part}_name"]) for part in ("meta", "param")):
        if name:
            content = encode(model[f"{part}_message"], model[part])
            if part == "param" and model["state"]:
                state = json.dumps(model["state"]).encode()
                content = append_bytes_field(content, STATE_FIELD, state)
            found[name] = content or EMPTY_BUFFER
    return found


def model_from_buffers(
    module: str, messages: Mapping[str, str], buffers: Mapping[str, bytes]
) -> dict[str, Any]:
    """Return the Model document that buffers hold; the reverse of `buffers_of`.

    Args:
        module: the component's.
        messages: buffer → message.
        buffers: buffer → bytes.

    Raises:
        ValueError: a buffer does not hold its message.
        KeyError: FATE has no such message.
    """
    model: dict[str, Any] = {"module": module, "state": {}}
    for part, suffix in (("meta", "Meta"), ("param", "Param")):
        name = next((name for name in messages if name.endswith(suffix)), "")
        model |= {f"{part}_name": name, f"{part}_message": messages.get(name, ""), part: {}}
        if name:
            content = b"" if buffers[name] == EMPTY_BUFFER else buffers[name]
            model[part] = decode(messages[name], content)
            model["state"] |= _state(content)
    return model


def _state(buffer: bytes) -> dict[str, Any]:
    state = json.loads(read_bytes_field(buffer, STATE_FIELD) or b"{}")
    if not isinstance(state, dict):
        raise ValueError("the state of a model is not a map")
    return state
