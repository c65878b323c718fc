"""table/bind and table/connector/…: tables whose data lies elsewhere, and how to get there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response

from flowkit_mockserver.errors import Refusal
from flowkit_mockserver.http.envelope import request_json, success
from flowkit_mockserver.wire.dispatch import current_state
from flowkit_mockserver.wire.later.column_values import compared, not_null, number
from flowkit_mockserver.wire.later.data import EXISTS

__all__ = ["blueprint"]

blueprint = Blueprint("later_binding", __name__, url_prefix="/table")

#: What the address of each engine holds, and what stands there unless a request says something else.
_ADDRESSES: Mapping[str, Mapping[str, Any]] = {
    "STANDALONE": dict.fromkeys(("home", "name", "namespace", "storage_type")),
    "EGGROLL": dict.fromkeys(("home", "name", "namespace")),
    "HDFS": dict.fromkeys(("name_node", "path")),
    "MYSQL": dict.fromkeys(("user", "passwd", "host", "port", "db", "name")),
    "PATH": {"path": None},
    "LOCALFS": {"path": None},
    "HIVE": {
        "host": None,
        "name": None,
        "port": 10000,
        "username": None,
        "database": "default",
        "auth_mechanism": "PLAIN",
        "password": None,
    },
    "LINKIS_HIVE": {
        "host": "127.0.0.1",
        "port": 9001,
        "username": "",
        "database": "_ind",
        "name": "",
        "run_type": "hql",
        "execute_application_name": "hive",
        "source": {},
        "params": {},
    },
    "API": {"method": "POST", "url": None, "header": {}, "body": {}},
}
#: What a connector keeps of an address.
_CONNECTIONS: Mapping[str, tuple[str, ...]] = {
    "STANDALONE": ("home",),
    "EGGROLL": ("home",),
    "HDFS": ("name_node",),
    "MYSQL": ("user", "passwd", "host", "port", "db"),
    "HIVE": ("host", "port", "username", "password", "auth_mechanism", "database"),
}
_SECRET = ("passwd", "password")
_NO_ENGINE = "'method-wrapper' object has no attribute '__code__'"
#: What the meta of a schema says unless a request says something else; what is null is left out.
_META: Mapping[str, Any] = {
    "delimiter": ",",
    "input_format": "dense",
    "tag_with_value": False,
    "tag_value_delimiter": ":",
    "with_match_id": False,
    "id_list": None,
    "id_range": 0,
    "exclusive_data_type": None,
    "data_type": "float64",
    "with_label": False,
    "label_name": "y",
    "label_type": "int",
}
_SID = "extend_sid"


@blueprint.post("/connector/create")
def create_connector() -> Response:
    """Keep how to reach an engine (POST table/connector/create)."""
    config = request_json()
    engine, name = config.get("engine"), config.get("connector_name")
    address = _address(engine, config.get("connector_info"))
    key = compared(name)
    not_null("t_storage_connector", f_name=name)
    kept = {field: address[field] for field in _CONNECTIONS.get(engine, ())}
    current_state().store.collection("connectors")[str(key)] = kept
    return success()


@blueprint.post("/connector/query")
def query_connector() -> Response:
    """Tell how to reach an engine (POST table/connector/query)."""
    return success(_connector(request_json().get("connector_name")))


@blueprint.post("/add")
@blueprint.post("/bind")
def bind() -> Response:
    """Register a table whose data lies elsewhere (POST table/bind, table/add)."""
    config = request_json()
    tables, dialect = current_state().tables, current_state().dialect
    engine = config["engine"]
    address = _address(engine, config["address"])
    namespace, name = config["namespace"], config["name"]
    again = int(config.get("drop", 0)) == 1
    if tables.get(namespace, name) is not None:
        if not again:
            raise Refusal(EXISTS)
        tables.delete(namespace, name)
    sid = config.get("id_column") or config.get("id_name")
    header = config.get("feature_column") or config.get("feature_name")
    extended = config.get(_SID, False)
    own = dict(config.get("schema", {}))
    if config.get("with_meta", False):
        own["meta"] = _meta(config.get("meta", {}), bool(extended))
    schema = ({"header": header or "", "sid": sid} if sid else {}) | own
    _check_engine(engine, address, config.get("partitions"))
    not_null("t_storage_table_meta", f_name=name, f_namespace=namespace)
    tables.bind(namespace, name, schema, number(config.get("partitions")))
    shown = {field: None if field in _SECRET else value for field, value in address.items()}
    tables.note(
        namespace,
        name,
        origin=config.get("origin", "table_bind"),
        address=shown,
        extend_sid=bool(extended),
    )
    if extended and dialect.reworked:
        if not dialect.guards_meta:
            own = dict(config.get("schema", {}))
        if not sid:
            raise AttributeError("'NoneType' object has no attribute 'update'")
        columns = config.get("id_delimiter").join([sid, header]) if header else sid
        tables.set_schema(
            namespace, name, {"header": columns, "sid": _SID, "extend_tag": True} | own
        )
    return success({"table_name": name, "namespace": namespace})


def _address(engine: Any, given: Any) -> dict[str, Any]:
    """Return the whole address of a table; what a request leaves out, a connector may know.

    Raises:
        AttributeError: there is no such engine, or the address is no object.
    """
    if engine not in _ADDRESSES:
        # The real server looks for the fields of the address, and has no class for it.
        raise AttributeError(_NO_ENGINE)
    address = {
        field: given.get(field) or standard for field, standard in _ADDRESSES[engine].items()
    }
    address["connector_name"] = connector = given.get("connector_name") or None
    if connector:
        address |= {
            field: value for field, value in _connector(connector).items() if value is not None
        }
    return address


def _connector(name: Any) -> dict[str, Any]:
    found: dict[str, Any] = (
        current_state().store.collection("connectors").get(str(compared(name)), {})
    )
    return found


def _meta(given: Any, with_match_id: bool) -> dict[str, Any]:
    """Return the meta of a schema.

    Raises:
        TypeError: it has a field that there is not.
    """
    for field in given:
        if field not in _META:
            raise TypeError(f"__init__() got an unexpected keyword argument '{field}'")
    meta = {**_META, **given}
    if not meta["with_label"]:
        meta |= {"label_name": None, "label_type": None}
    if with_match_id:
        meta["with_match_id"] = True
    return {field: value for field, value in meta.items() if value is not None}


def _check_engine(engine: str, address: Mapping[str, Any], partitions: Any) -> None:
    """Check what an engine needs; a standalone server reaches no other.

    Raises:
        Refusal: the engine cannot be reached.
        AssertionError: a standalone table without a number of partitions, where that is checked.
        ModuleNotFoundError: the server has no EggRoll.
    """
    if engine == "MYSQL":
        host = address["host"] or "localhost"
        text = f"Can't connect to MySQL server on '{host}' ([Errno 111] Connection refused)"
        raise Refusal("2003", data=text)
    dialect = current_state().dialect
    if not dialect.reworked:
        return
    if engine == "STANDALONE" and dialect.checks_partitions and not isinstance(partitions, int):
        raise AssertionError
    if engine == "EGGROLL":
        raise ModuleNotFoundError("No module named 'eggroll'")
