"""provider/…, key/…, resource/… and smaller ones: what a server has been told, and what it has to give."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, request

from flowkit_mockserver.dialects.answers import refusal
from flowkit_mockserver.dialects.facts import FLOW_PROVIDER, ML_PROVIDER, server_facts
from flowkit_mockserver.errors import HttpRefusal, Refusal
from flowkit_mockserver.http.envelope import file_response, request_json, success
from flowkit_mockserver.jobs.job import RUNNING, job_status
from flowkit_mockserver.models.site_keys import PUBLIC
from flowkit_mockserver.wire.dispatch import current_state
from flowkit_mockserver.wire.later.column_values import compared, not_null

__all__ = ["blueprints"]

provider = Blueprint("later_provider", __name__, url_prefix="/provider")
key = Blueprint("later_key", __name__, url_prefix="/key")
resource = Blueprint("later_resource", __name__, url_prefix="/resource")
worker = Blueprint("later_worker", __name__, url_prefix="/worker")
template = Blueprint("later_template", __name__, url_prefix="/template")

blueprints = (provider, key, resource, worker, template)

_INSTANCE = "flow-127.0.0.1-9380"
#: Numbers of files that any server has open, which are there for it, and which it cannot read by name.
_OPEN = (0, 1, 2)


# Providers


@provider.post("/get")
def providers() -> Response:
    """Show all providers of components (POST provider/get)."""
    return success(current_state().jobs.providers.describe())


@provider.post("/registry/get")
def registry() -> Response:
    """Show all providers and components (POST provider/registry/get)."""
    state = current_state()
    own = state.jobs.providers
    providers = {name: own.describe_one(name) for name in own.describe()}
    defaults = {
        "class_path": server_facts(state.dialect.line, "class_path"),
        "fate": {"default_version_key": "FATE"},
        "fate_flow": {"default_version_key": "FATEFlow"},
    }
    return success(
        {"components": own.components(), "default_settings": defaults, "providers": providers}
    )


@provider.post("/<name>/get")
def one_provider(name: str) -> Response:
    """Show one provider (POST provider/NAME/get)."""
    return success(current_state().jobs.providers.describe_one(name))


@provider.post("/update")
def update_provider() -> Response:
    """Load a provider that is registered (POST provider/update)."""
    config = request_json()
    hash(config.get("name"))
    versions = current_state().jobs.providers.versions(str(config.get("name")))
    if config.get("version") not in versions:
        raise Refusal("not load into memory", 103)
    return success()


@provider.post("/register")
def register_provider() -> Response:
    """Register another version of FATE's components (POST provider/register).

    A path of this machine is looked at only below what the server may touch; others are taken on trust.
    """
    config = request_json() or request.form.to_dict()
    state = current_state()
    own = state.jobs.providers
    dialect = state.dialect
    path = config["path"]
    if not isinstance(path, str):
        # The words of the Python of the server.
        kind = type(path).__name__
        raise TypeError(f"expected str, bytes or os.PathLike object, not {kind}")
    if dialect.reworked and not path.startswith("/"):
        path = f"{state.settings.root}/{path}".rstrip("/")
    home, _, folder = path.rpartition("/")
    crowded = path in own.versions(str(config["name"])).values() or home.endswith("fate/python")
    # Until 1.9 nobody looks what lies beside it, and other instances are not told.
    if crowded and dialect.reworked:
        text = (
            f"there are other directories or files in '{home}' besides '{folder}' and '__init__.py'"
        )
        raise HttpRefusal(400, text)
    if config["name"] not in (ML_PROVIDER, FLOW_PROVIDER) and not dialect.reworked:
        raise Refusal(f"not support {config['name']} provider")
    if Path(path).name != "federatedml":
        worker = hashlib.sha256(path.encode()).hexdigest()[:32]
        logs = f"{state.settings.root}{dialect.folder}/logs/provider_registrar/{worker}"
        log = f"{logs}/provider_registrar_{worker}"
        raise refusal(dialect, "no folder of a provider", path=path, folder=logs, log=log)
    own.register(config["name"], str(config["version"]), path)
    if not dialect.reworked:
        return success()
    return success({_INSTANCE: {"retcode": 0, "retmsg": "success"}})


# Keys of sites


@key.post("/public/save")
def save_key() -> Response:
    """Keep the public key of a party (POST key/public/save)."""
    config = request_json()
    party, value = config.get("party_id"), config.get("key")
    owner = compared(party)
    not_null("t_site_key_info", f_party_id=party, f_key=value)
    updated = current_state().site_keys.save(owner, value)
    return success("update success" if updated else "save success")


@key.post("/query")
def query_key() -> Response:
    """Tell the key of a party (POST key/query)."""
    config = request_json()
    keys = current_state().site_keys
    party, name = config.get("party_id"), config.get("key_name", PUBLIC)
    # Without a party the real server tells the first key that it has.
    return success(keys.first(name) if party is None else keys.get(party, name))


@key.post("/public/delete")
def delete_key() -> Response:
    """Forget the public key of a party (POST key/public/delete)."""
    current_state().site_keys.forget(request_json().get("party_id"))
    return success()


# Resources


@resource.post("/query")
def query_resource() -> Response:
    """Tell how many cores there are, and who has them (POST resource/query)."""
    config = request_json()
    if not isinstance(config, dict):
        kind = type(config).__name__
        text = f"query_resource() argument after ** must be a mapping, not {kind}"
        raise Refusal(text)
    for name in config:
        if name not in ("resource_in_use", "engine_name"):
            raise TypeError(f"query_resource() got an unexpected keyword argument '{name}'")
    state = current_state()
    jobs = state.jobs
    now = jobs.now()
    using: list[dict[str, Any]] = []
    for job_id in jobs.store:
        job = jobs.store.get(job_id)
        if job is not None and job_status(job, job.moment(now)) == RUNNING:
            using += [
                {
                    "core": job.cores[party],
                    "job_id": job_id,
                    "memory": 0,
                    "party_id": party.party_id,
                    "role": party.role,
                }
                for party in job.parties
                if job.is_at(jobs.site, party)
            ]
    cores = state.settings.cores
    engine = {
        "f_cores": cores,
        "f_create_date": state.dialect.format_date(now),
        "f_create_time": now,
        "f_engine_config": {"cores_per_node": cores, "nodes": 1},
        "f_engine_entrance": "fate_on_standalone",
        "f_engine_name": "STANDALONE",
        "f_engine_type": "computing",
        "f_memory": 0,
        "f_nodes": 1,
        "f_remaining_cores": cores - sum(entry["core"] for entry in using),
        "f_remaining_memory": 0,
        "f_update_date": state.dialect.format_date(now),
        "f_update_time": now,
    }
    return success({"computing_engine_resource": engine, "use_resource_job": using})


@resource.post("/return")
def return_resource() -> Response:
    """Give back what an ended job still has; here none has anything (POST resource/return)."""
    job_id = request_json()["job_id"]
    jobs = current_state().jobs
    rows = jobs.queries.find_jobs({"job_id": job_id})
    if not rows:
        raise Refusal(f"no found job {job_id}")
    return success(
        [
            {
                "job_id": job_id,
                "party_id": row.party.party_id,
                "resource_in_use": False,
                "resource_return_status": False,
                "role": row.party.role,
            }
            for row in rows
        ]
    )


# The rest


@worker.post("/config/load")
def load_config() -> Response:
    """Read a configuration of a worker; none is read from this machine (POST worker/config/load)."""
    path = request_json().get("config_path")
    if not isinstance(path, (str, bytes, int)):
        kind = type(path).__name__
        raise TypeError(f"stat: path should be string, bytes, os.PathLike or integer, not {kind}")
    if isinstance(path, int) and path in _OPEN:
        kind = type(path).__name__
        raise TypeError(f"expected str, bytes or os.PathLike object, not {kind}")
    return success({})


@template.post("/download")
def download_template() -> Response:
    """Return examples to begin with (POST template/download)."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        for name, document in server_facts(current_state().dialect.line, "template").items():
            content = json.dumps(document, indent=4).encode()
            member = tarfile.TarInfo(f"examples/reader_{name}.json")
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return file_response(buffer.getvalue(), "template.tar.gz", "application/x-tar")
