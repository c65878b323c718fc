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
from typing import Any, TypedDict, cast

from flowkit_mockserver.dialects.releases import absent_definitions
from flowkit_mockserver.errors import Refusal
from flowkit_mockserver.models.define_meta import dump, dump_plain
from flowkit_mockserver.party import Party
from flowkit_mockserver.proto.catalogue import shown_name, wider_message
from flowkit_mockserver.proto.wire import (
    append_bytes_field,
    decode,
    encode,
    read_bytes_field,
)

__all__ = [
    "STEP_NAME",
    "Checkpoint",
    "ModelCache",
    "Pipeline",
    "SavedComponent",
    "buffers_of",
    "in_wider_messages",
    "model_from_buffers",
    "model_key",
    "party_model_id",
    "pipeline_document",
    "pipeline_from_bytes",
    "set_fields",
]

#: The name of every step of a training that has checkpoints: FATE forgot to put the variable in.
STEP_NAME = "step_name"

ModelDocument = Mapping[str, Any]
"""`components.interface.Model` as JSON."""


class Pipeline(TypedDict):
    """The fields of the Pipeline message by name, with JSON documents in place of the bytes of JSON documents."""

    inference_dsl: dict[str, Any]
    train_dsl: dict[str, Any]
    train_runtime_conf: dict[str, Any]
    fate_version: str
    model_id: str
    model_version: str
    parent: bool
    loaded_times: int
    roles: dict[str, Any]
    work_mode: int
    initiator_role: str
    initiator_party_id: int
    runtime_conf_on_party: dict[str, Any]
    parent_info: dict[str, Any]


class SavedComponent(TypedDict):
    """What a component saved: its module, and by alias the Model documents."""

    module: str
    models: dict[str, ModelDocument]


class Checkpoint(TypedDict):
    """The model of a component after an iteration: which one it was, when it was saved, and the Model document."""

    step_index: int
    create_time: str
    model: ModelDocument


#: What the definition files of 1.6.1 weigh, and how much more than those of 1.5.3; ours are leaner, and sizes are to
#: be those of the real server.
DEFINITION_BYTES = 39_081
_LATER_DEFINITION_BYTES = 1_713

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
        party, model_id, model_version: where it lies; an imported one may lie elsewhere than its pipeline says.
        pipeline: None when the job did not come to its end.
        components: by name what the components saved.
        defined: False for the empty shell that a refused import leaves.
        run_parameters: by component, the job's conf and what the user gave of its parameters (later lines only).
        checkpoints: by component, its checkpoints, oldest first (later lines only).
        converted: by component, the file to which its model has been converted (later lines only).
    """

    party: Party
    model_id: str
    model_version: str
    pipeline: Pipeline | None = None
    components: dict[str, SavedComponent] = field(default_factory=dict)
    defined: bool = True
    run_parameters: dict[str, Any] = field(default_factory=dict)
    checkpoints: dict[str, list[Checkpoint]] = field(default_factory=dict)
    converted: dict[str, str] = field(default_factory=dict)

    @property
    def party_model_id(self) -> str:
        """Its id with role and party."""
        return party_model_id(self.party, self.model_id)

    @property
    def key(self) -> str:
        """Under which it is kept."""
        return model_key(self.party_model_id, self.model_version)

    def read_pipeline(self, root: str) -> Pipeline:
        """Return the pipeline.

        Args:
            root: the server's directory, for the text.

        Raises:
            Refusal: the cache is defective; the text is that of the real server's own error.
        """
        if not self.defined:
            path = f"{root}/model_local_cache/{self.key}/define/define_meta.yaml"
            raise Refusal(f"[Errno 2] No such file or directory: '{path}'")
        if self.pipeline is None:
            raise Refusal("'Pipeline'")
        return self.pipeline

    def put_model(self, component: str, module: str, alias: str, model: ModelDocument) -> None:
        """Keep what a component saved."""
        entry = self.components.setdefault(component, {"module": module, "models": {}})
        entry["models"][alias] = model

    def definition(self, *, described: bool = True) -> str:
        """Return the text of ``define_meta.yaml``, which the first lines begin with a description."""
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
        if not described:
            parts = {"component_define": modules, "model_proto": protos}
            return dump_plain({part: dict(sorted(own.items())) for part, own in parts.items()})
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
        if self.pipeline is not None and absent_definitions(self.pipeline["fate_version"]):
            size -= _LATER_DEFINITION_BYTES
        for entry in self.components.values():
            for model in entry["models"].values():
                size += sum(map(len, buffers_of({**model, "state": {}}).values()))
        if self.pipeline is not None:
            size += 2 * len(pipeline_bytes(self.pipeline))
        return round(size / 1024)


def party_model_id(party: Party, model_id: object) -> str:
    """Return the id of one party's part of a model, ``guest#9999#guest-9999#host-10000#model``."""
    return f"{party.role}#{party.party_id}#{model_id}"


def model_key(party_model: str, model_version: object) -> str:
    """Return the key under which one party's part of a model is kept."""
    return f"{party_model}/{model_version}"


def pipeline_document(pipeline: Pipeline) -> dict[str, Any]:
    """Return the Pipeline message as JSON: documents are texts of bytes in it, base64."""
    return {
        _JSON_NAMES[name]: base64.b64encode(json.dumps(value).encode()).decode()
        if name in _DOCUMENTS
        else value
        for name, value in pipeline.items()
    }


def pipeline_bytes(pipeline: Pipeline) -> bytes:
    """Return the bytes of the Pipeline message."""
    return encode("Pipeline", pipeline_document(pipeline))


def pipeline_from_bytes(data: bytes) -> Pipeline:
    """Return the pipeline that the bytes hold.

    Raises:
        ValueError: they hold none.
    """
    document = decode("Pipeline", data)
    pipeline: dict[str, Any] = {}
    for name, json_name in _JSON_NAMES.items():
        value = document[json_name]
        if name in _DOCUMENTS:
            value = json.loads(base64.b64decode(value) or b"{}")
            if not isinstance(value, dict):
                raise ValueError(f"{name} of the pipeline is not a map")
        pipeline[name] = value
    return cast(Pipeline, pipeline)


def buffer_messages(model: ModelDocument) -> dict[str, str]:
    """Return the buffers of a model, name → message."""
    named = (("meta_name", "meta_message"), ("param_name", "param_message"))
    return {model[name]: shown_name(model[message]) for name, message in named if model[name]}


def in_wider_messages(model: ModelDocument) -> ModelDocument:
    """Return a model whose buffers are the messages of the later lines, which have fields for all that it says."""
    return {
        **model,
        **{part: wider_message(model[part]) for part in ("meta_message", "param_message")},
    }


def set_fields(pipeline: Pipeline) -> dict[str, Any]:
    """Return the fields of a pipeline that its bytes hold: numbers and flags only where they are not zero."""
    return {name: value for name, value in pipeline.items() if isinstance(value, dict) or value}


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
            model[part] = decode(model[f"{part}_message"], content)
            model["state"] |= _state(content)
    return model


def _state(buffer: bytes) -> dict[str, Any]:
    state = json.loads(read_bytes_field(buffer, STATE_FIELD) or b"{}")
    if not isinstance(state, dict):
        raise ValueError("the state of a model is not a map")
    return state
