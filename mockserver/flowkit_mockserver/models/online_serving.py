"""Publishing to an online serving: FATE-Serving, which the server is set up for, and which is up or down."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from flowkit_mockserver.dialects import Dialect
from flowkit_mockserver.dialects.answers import text
from flowkit_mockserver.dialects.exceptions import show_text
from flowkit_mockserver.dsl.errors import server_texts
from flowkit_mockserver.errors import Refusal, require_fields
from flowkit_mockserver.models.cache import party_model_id
from flowkit_mockserver.models.federation import Answer, ask_parties
from flowkit_mockserver.models.service import Models
from flowkit_mockserver.party import Party

__all__ = ["SERVINGS", "bind", "load", "load_at", "unavailable"]

#: Where the configuration of the server says that servings listen.
SERVINGS = ("127.0.0.1:8000",)

_NOT_DEPLOYED = (
    "Only deployed models could be used to execute process of loading. "
    "Please deploy model before loading."
)
_STANDALONE = 0
# FATE-Serving's own codes, and what it does not take in the id of a service.
_MODEL_NULL = 104
_SYSTEM_ERROR = 110
_NOT_IN_SERVICE_IDS = ("?", ":", "/", "&")
_CONF = ("initiator", "role", "job_parameters")


def load(models: Models, config: Any) -> tuple[str, dict[str, Any], bool]:
    """Have every party load a deployed model into its serving (POST model/load).

    Args:
        models: the models of the server.
        config: the request: a conf, or `job_id`, the version of a model.

    Returns:
        The id that stands for the loading, the `data` of the answer, and whether all parties succeeded.

    Raises:
        Refusal: the version is unknown, or the conf is incomplete.
    """
    with server_texts():
        _complete(models, config, text(models.dialect, "no such model to load"))
        job_id = models.new_id()
        _ = config["initiator"]["party_id"], config["initiator"]["role"]
        parameters = config["job_parameters"]
        model_id, version = parameters["model_id"], parameters["model_version"]
        roles = {role: ids for role, ids in config.get("role").items() if role != "arbiter"}
        later = models.dialect.own_project
        mode = parameters.get("federated_mode") or (
            "SINGLE" if later or parameters["work_mode"] == _STANDALONE else "MULTIPLE"
        )

        def ask(role: str, party_id: object) -> Answer | None:
            there = models.partner(party_id, mode)
            if there is None:
                return None
            try:
                return load_at(there, Party.of(role, party_id), model_id, version)
            except Refusal as fault:
                if models.dialect.exceptions_as_repr:
                    fault.retmsg = show_text(fault.retmsg, fault.__cause__)
                raise

        data, codes = ask_parties(roles, ask)
    return job_id, data, not any(codes)


def load_at(models: Models, party: Party, model_id: object, version: object) -> Answer:
    """Load a party's part of a model into the servings, and return what that party answers.

    Raises:
        Refusal: there is no such model, it is not deployed, or no serving answers.
    """
    cache = models.cache(party, model_id, version)
    if cache is None:
        raise Refusal(
            f"Model {party_model_id(party, model_id)} {version} not exists in model local cache."
        )
    pipeline = cache.read_pipeline(models.root)
    if str(pipeline["train_runtime_conf"].get("dsl_version", "1")) != "1" and pipeline["parent"]:
        raise Refusal(_NOT_DEPLOYED)
    if models.serving == "down":
        raise Refusal(unavailable(SERVINGS[0], models.clock.now(), models.dialect))
    models.rows.count_load(party, model_id, version)
    return 0, "success"


def bind(models: Models, config: Any) -> None:
    """Have the servings bind a loaded model to a service (POST model/bind).

    Args:
        models: the models of the server.
        config: the request: as for `load`, with `service_id` and optionally `servings`.

    Raises:
        Refusal: the request is incomplete, no serving is reachable, or the serving has not loaded the model.
    """
    with server_texts():
        _complete(models, config, text(models.dialect, "no such model to bind"))
        servings: Iterable[str] = config.get("servings") or SERVINGS
        if not config.get("service_id"):
            raise Refusal("no service id", 101)
        if models.dialect.own_project:
            missing = [name for name in _CONF if name not in config]
            if missing:
                raise KeyError(f"required parameters are missing: {','.join(missing)}; ")
        require_fields(config, _CONF)
        initiator = Party.of(config["initiator"]["role"], config["initiator"]["party_id"])
        parameters = config["job_parameters"]
        model_id, version = parameters["model_id"], parameters["model_version"]
        if models.dialect.own_project:
            for _, parties in config["role"].items():
                iter(parties)
        if models.serving == "down":
            address = next(iter(servings))
            raise Refusal(unavailable(address, models.clock.now(), models.dialect))
        if any(character in str(config["service_id"]) for character in _NOT_IN_SERVICE_IDS):
            characters = json.dumps(_NOT_IN_SERVICE_IDS, separators=(",", ":"))
            told = f"Service id contains special characters, {characters}"
            raise Refusal(told, _SYSTEM_ERROR)
        if not models.rows.is_loaded(initiator, model_id, version):
            key = f"{version}_{party_model_id(initiator, model_id)}"
            raise Refusal(f"model {key} is not exist ", _MODEL_NULL)


def _complete(models: Models, config: Any, unknown: str) -> None:
    """Fill a conf that names nothing but a version from the model's row on a guest."""
    version = config.get("job_id")
    if not version:
        return
    rows = models.rows.query({"model_version": version, "role": "guest"})
    if not rows:
        if models.dialect.reworked:
            models.is_known(model_version=version, role="guest")
        raise Refusal(unknown.format(version) + "Please check if the model version is valid.", 101)
    row = rows[0]
    conf: Mapping[str, Any] = row["f_runtime_conf"] or row["f_train_runtime_conf"]
    parameters = conf["job_parameters"]
    if int(conf.get("dsl_version", 1)) == 2:
        parameters = parameters.get("common", {})
    config["initiator"] = {
        "party_id": str(row["f_initiator_party_id"]),
        "role": row["f_initiator_role"],
    }
    config["job_parameters"] = dict(parameters)
    config["role"] = {role: [str(party) for party in ids] for role, ids in conf["role"].items()}
    del config["job_id"]


def unavailable(address: str, moment: float, dialect: Dialect) -> str:
    """Return the text of a gRPC call that reached nobody."""
    if dialect.older_grpc:
        return _unavailable_before(moment)
    details = (
        f"failed to connect to all addresses; last error: UNKNOWN: ipv4:{address}: "
        "Failed to connect to remote host: Connection refused"
    )
    created = datetime.fromtimestamp(moment, UTC).isoformat()
    return (
        "<_InactiveRpcError of RPC that terminated with:\n"
        "\tstatus = StatusCode.UNAVAILABLE\n"
        f'\tdetails = "{details}"\n'
        '\tdebug_error_string = "UNKNOWN:Error received from peer  '
        f'{{created_time:"{created}", grpc_status:14, grpc_message:"{details}"}}"\n>'
    )


def _unavailable_before(moment: float) -> str:
    """Return it as gRPC says it before 1.25."""
    details = "failed to connect to all addresses"
    channel = "src/core/ext/filters/client_channel"
    created = f"@{moment:.9f}"
    first = {
        "created": created,
        "description": details,
        "file": f"{channel}/lb_policy/pick_first/pick_first.cc",
        "file_line": 395,
        "grpc_status": 14,
    }
    error = {
        "created": created,
        "description": "Failed to pick subchannel",
        "file": f"{channel}/client_channel.cc",
        "file_line": 3876,
        "referenced_errors": [first],
    }
    shown = json.dumps(error, separators=(",", ":"))
    return (
        "<_Rendezvous of RPC that terminated with:\n"
        "\tstatus = StatusCode.UNAVAILABLE\n"
        f'\tdetails = "{details}"\n'
        f'\tdebug_error_string = "{shown}"\n>'
    )
