"""What each operation sends: method, path and body, for every line of the table."""

from __future__ import annotations

import json
from typing import Any

import pytest

from fakes import Server, envelope
from flowkit import OPERATIONS, ArgumentError, FlowClient
from flowkit.servers import line_of

FOUR = (7, "guest", 9999, "lr_0")
FOUR_SENT = {"job_id": "7", "role": "guest", "party_id": "9999", "component_name": "lr_0"}
PARTY_SENT = {"job_id": "7", "role": "guest", "party_id": "9999"}
MODEL_SENT = {"model_id": "m", "model_version": "8"}
CONF = {"model_id": "m", "model_version": 8}
MERGE = ("m", 8, 1, [2, "3"], "lr_0", "logistic_regression", "pmml")
MERGE_SENT = {
    **MODEL_SENT,
    "guest_party_id": "1",
    "host_party_ids": ["2", "3"],
    "component_name": "lr_0",
    "model_type": "logistic_regression",
    "output_format": "pmml",
}
TABLE = ("MYSQL", "t", "ns", {"port": 3306})
TABLE_SENT = {"engine": "MYSQL", "name": "t", "namespace": "ns", "address": {"port": 3306}}

Case = tuple[str, tuple[Any, ...], dict[str, Any], str, Any]

CASES: list[Case] = [
    ("job.submit", ({"notes": 1}, {"b": 2}), {}, "POST job/submit",
     {"job_dsl": {"b": 2}, "job_runtime_conf": {"notes": 1}}),
    ("job.submit", (), {"config_data": {"notes": 1}, "dsl_data": {"b": 2}}, "POST job/submit",
     {"job_dsl": {"b": 2}, "job_runtime_conf": {"notes": 1}}),
    ("job.submit", ({"notes": 1},), {}, "POST job/submit",
     {"job_dsl": {}, "job_runtime_conf": {"notes": 1}}),
    ("job.stop", (7,), {}, "POST job/stop", {"job_id": "7"}),
    ("job.query", (), {}, "POST job/query", {}),
    ("job.query", (7, "guest", 9999, "running"), {}, "POST job/query",
     {**PARTY_SENT, "status": "running"}),
    ("job.query", ("7",), {"component_name": "lr_0"}, "POST job/query",
     {"job_id": "7", "component_name": "lr_0"}),
    ("job.list", (), {}, "POST job/list/job", {"limit": 10}),
    ("job.list", (0,), {}, "POST job/list/job", {"limit": 0}),
    ("job.view", (7, "guest", 9999, "success"), {"component_name": "lr_0"},
     "POST job/data/view/query", {**FOUR_SENT, "status": "success"}),
    ("job.generate_dsl", ({"a": 1}, None, ["b", "c"]), {}, "POST job/dsl/generate",
     {"cpn_str": ["b", "c"], "train_dsl": '{"a": 1}', "version": "2"}),
    ("job.generate_dsl", ({"a": 1},), {"version": 1}, "POST job/dsl/generate",
     {"cpn_str": "", "train_dsl": '{"a": 1}', "version": "1"}),
    ("job.generate_dsl", (), {"train_dsl": '{"a":1}', "cpn": "b, c"}, "POST job/dsl/generate",
     {"cpn_str": "b, c", "train_dsl": '{"a":1}', "version": "2"}),
    ("job.rerun", (7,), {}, "POST job/rerun", {"job_id": "7", "component_name": "pipeline"}),
    ("job.rerun", (7, ["a"]), {}, "POST job/rerun", {"job_id": "7", "component_name": "a"}),
    ("job.rerun", (7, ["a", "b"], True), {}, "POST job/rerun",
     {"job_id": "7", "component_name": ["a", "b"], "force": True}),
    ("job.update", (7, "guest", 9999, "mine"), {}, "POST job/update",
     {**PARTY_SENT, "notes": "mine"}),
    ("job.clean", (7, "guest", 9999, "lr_0"), {}, "POST job/clean", FOUR_SENT),
    ("job.url", (7, "guest", 9999), {}, "POST job/url/get", PARTY_SENT),
    ("job.parameter_update", (7,), {"component_parameters": {"common": {}}},
     "POST job/parameter/update", {"job_id": "7", "component_parameters": {"common": {}}}),
    ("component.parameters", FOUR, {}, "POST tracking/component/parameters", FOUR_SENT),
    ("component.metric_all", FOUR, {}, "POST tracking/component/metric/all", FOUR_SENT),
    ("component.metrics", FOUR, {}, "POST tracking/component/metrics", FOUR_SENT),
    ("component.metric_delete", (), {"job_id": 7}, "POST tracking/component/metric/delete",
     {"job_id": "7"}),
    ("component.metric_delete", ("20210601", 7), {}, "POST tracking/component/metric/delete",
     {"model": 20210601}),
    ("component.output_model", FOUR, {}, "POST tracking/component/output/model", FOUR_SENT),
    ("component.output_data_table", FOUR, {}, "POST tracking/component/output/data/table",
     FOUR_SENT),
    ("component.list", (7,), {}, "POST tracking/component/list", {"job_id": "7"}),
    ("component.get_summary", FOUR, {}, "POST tracking/component/summary/download", FOUR_SENT),
    ("component.metric_data", (*FOUR, "train", "loss"), {},
     "POST tracking/component/metric_data",
     {**FOUR_SENT, "metric_namespace": "train", "metric_name": "loss"}),
    ("component.output_data_preview", FOUR, {}, "POST tracking/component/output/data", FOUR_SENT),
    ("component.dependency", (7, "guest", 9999), {}, "POST pipeline/dag/dependency", PARTY_SENT),
    ("component.dependency", (), {"role": "guest", "party_id": 1, "job_dsl": {"a": 1}},
     "POST pipeline/dag/dependency", {"role": "guest", "party_id": "1", "job_dsl": {"a": 1}}),
    ("component.validate", ("lr_0", "HeteroLR", {"guest": [1]}, {"common": {}}), {},
     "POST component/validate",
     {"component_name": "lr_0", "component_module_name": "HeteroLR", "role": {"guest": [1]},
      "component_parameters": {"common": {}}, "dsl_version": 2}),
    ("component.hetero_model_merge", MERGE, {"host_rename": False},
     "POST component/hetero/merge", {**MERGE_SENT, "host_rename": False}),
    ("component.woe_array_extract", ("m", 8, 9999, "guest", "lr_0"), {},
     "POST component/woe_array/extract",
     {**MODEL_SENT, "role": "guest", "party_id": "9999", "component_name": "lr_0"}),
    ("component.woe_array_merge", ("m", 8, 2, "host", "lr_0", {"x": [1]}), {},
     "POST component/woe_array/merge",
     {**MODEL_SENT, "role": "host", "party_id": "2", "component_name": "lr_0",
      "woe_array": {"x": [1]}}),
    ("data.download", ({"namespace": "ns", "output_path": "/out"},), {}, "POST data/download",
     {"namespace": "ns", "output_path": "/out"}),
    ("data.upload", ({"file": "/there", "use_local_data": 0},), {"drop": 1}, "POST data/upload",
     {"file": "/there", "use_local_data": 0, "verbose": 0, "drop": 1}),
    ("data.upload_history", (), {}, "POST data/upload/history", {"limit": 10}),
    ("data.upload_history", (2, 7), {}, "POST data/upload/history", {"limit": 2, "job_id": "7"}),
    ("data.view", (7, "guest", 9999), {}, "POST tracking/job/data_view", PARTY_SENT),
    ("task.list", (), {}, "POST job/list/task", {"limit": 10}),
    ("task.query", (), {}, "POST job/task/query", {}),
    ("task.query", (*FOUR, "failed"), {}, "POST job/task/query",
     {**FOUR_SENT, "status": "failed"}),
    ("model.load", (CONF,), {}, "POST model/load", MODEL_SENT),
    ("model.load", (), {"config_data": CONF}, "POST model/load", MODEL_SENT),
    ("model.load", (None, 7), {}, "POST model/load", {"job_id": "7"}),
    ("model.bind", ({"service_id": "s"}, 7), {}, "POST model/bind",
     {"service_id": "s", "job_id": "7"}),
    ("model.export_model", (CONF, True), {}, "POST model/store", MODEL_SENT),
    ("model.import_model", (CONF, True), {}, "POST model/restore", MODEL_SENT),
    ("model.migrate", (CONF,), {}, "POST model/migrate", MODEL_SENT),
    ("model.migrate", (CONF, True), {}, "POST model/migrate",
     {**MODEL_SENT, "to_database": True}),
    ("model.tag_list", (7,), {}, "POST model/model_tag/retrieve", {"job_id": "7"}),
    ("model.tag_model", (7, "gold"), {}, "POST model/model_tag/create",
     {"job_id": "7", "tag_name": "gold"}),
    ("model.tag_model", (7, "gold", True), {}, "POST model/model_tag/remove",
     {"job_id": "7", "tag_name": "gold"}),
    ("model.deploy", ("m", 8), {}, "POST model/deploy", MODEL_SENT),
    ("model.deploy", ("m", "8", ("a", "b"), {"c": 1}, {"lr_0": {"step_index": 3}}), {},
     "POST model/deploy",
     {**MODEL_SENT, "cpn_list": ["a", "b"], "predict_dsl": {"c": 1},
      "components_checkpoint": {"lr_0": {"step_index": 3}}}),
    ("model.get_predict_dsl", ("m", 8), {}, "POST model/get/predict/dsl", MODEL_SENT),
    ("model.get_predict_conf", ("m", 8), {}, "POST model/get/predict/conf", MODEL_SENT),
    ("model.get_model_info", (None, 8, "guest", 9999, ["tag"]), {"page": 1}, "POST model/query",
     {"model_version": "8", "role": "guest", "party_id": "9999", "query_filters": ["tag"],
      "page": 1}),
    ("model.store", ("m", 8, "guest", 9999), {"force_update": True}, "POST model/store",
     {**MODEL_SENT, "role": "guest", "party_id": "9999", "force_update": True}),
    ("model.restore", ("m", 8, "guest", 9999), {}, "POST model/restore",
     {**MODEL_SENT, "role": "guest", "party_id": "9999"}),
    ("model.homo_convert", (CONF,), {}, "POST model/homo/convert", MODEL_SENT),
    ("model.homo_deploy", (CONF,), {}, "POST model/homo/deploy", MODEL_SENT),
    ("tag.create", ("gold", "the best"), {}, "POST model/tag/create",
     {"tag_name": "gold", "tag_desc": "the best"}),
    ("tag.update", ("gold", "silver"), {}, "POST model/tag/update",
     {"tag_name": "gold", "new_tag_name": "silver"}),
    ("tag.list", (), {}, "POST model/tag/list", {"limit": 10}),
    ("tag.query", ("gold",), {}, "POST model/tag/retrieve",
     {"tag_name": "gold", "with_model": False}),
    ("tag.query", ("gold", True), {}, "POST model/tag/retrieve",
     {"tag_name": "gold", "with_model": True}),
    ("tag.delete", ("gold",), {}, "POST model/tag/destroy", {"tag_name": "gold"}),
    ("table.info", ("ns", "t"), {}, "POST table/table_info",
     {"namespace": "ns", "table_name": "t"}),
    ("table.delete", ("ns", "t"), {}, "POST table/delete", {"namespace": "ns", "table_name": "t"}),
    ("table.delete", (None, None, *FOUR), {}, "POST table/delete", FOUR_SENT),
    ("table.bind", TABLE, {"head": True, "id_delimiter": ",", "id_name": "id"},
     "POST table/bind", {**TABLE_SENT, "head": 1, "id_delimiter": ",", "id_name": "id"}),
    ("table.add", TABLE, {"head": 1}, "POST table/add", {**TABLE_SENT, "head": 1}),
    ("table.list", (7, "guest", 9999), {}, "POST table/list", PARTY_SENT),
    ("queue.clean", (), {}, "POST job/clean/queue", None),
    ("privilege.query", (9999, "guest"), {}, "POST permission/query/privilege",
     {"src_party_id": "9999", "src_role": "guest"}),
    ("privilege.grant", (9999, "guest", "all", ["stop", "run"]), {},
     "POST permission/grant/privilege",
     {"src_party_id": "9999", "src_role": "guest", "privilege_role": "all",
      "privilege_command": "stop,run"}),
    ("privilege.delete", (9999, "guest"), {"privilege_component": "heterolr"},
     "POST permission/delete/privilege",
     {"src_party_id": "9999", "src_role": "guest", "privilege_component": "heterolr"}),
    ("checkpoint.list_checkpoints", ("guest", 9999, "m", 8, "lr_0"), {}, "POST checkpoint/list",
     {**MODEL_SENT, "role": "guest", "party_id": "9999", "component_name": "lr_0"}),
    ("checkpoint.get_checkpoint", ("guest", 9999, "m", 8, "lr_0", 0), {}, "POST checkpoint/get",
     {**MODEL_SENT, "role": "guest", "party_id": "9999", "component_name": "lr_0",
      "step_index": 0}),
    ("data.writer", ({"namespace": "n"},), {}, "POST data/writer", {"namespace": "n"}),
    ("table.disable", ("ns",), {}, "POST table/disable", {"namespace": "ns"}),
    ("table.enable", (None, "t"), {}, "POST table/enable", {"table_name": "t"}),
    ("table.disable_delete", (), {}, "POST table/disable/delete", {}),
    ("table.connector_create", ("c", "MYSQL", {"port": 3306}), {}, "POST table/connector/create",
     {"connector_name": "c", "engine": "MYSQL", "connector_info": {"port": 3306}}),
    ("table.connector_query", ("c",), {}, "POST table/connector/query", {"connector_name": "c"}),
    ("table.tracking_source", ("ns", "t"), {}, "POST table/tracking/source",
     {"namespace": "ns", "table_name": "t"}),
    ("table.tracking_job", ("ns", "t"), {}, "POST table/tracking/job",
     {"namespace": "ns", "table_name": "t"}),
    ("provider.list", (), {}, "POST provider/get", {}),
    ("provider.list", ("fate",), {}, "POST provider/fate/get", {"provider_name": "fate"}),
    ("provider.register", ("fate", "1.11.4", "/data/fate"), {}, "POST provider/register",
     {"name": "fate", "version": "1.11.4", "path": "/data/fate"}),
    ("provider.list_components", (), {}, "POST component/get", {}),
    ("resource.query", (), {}, "POST resource/query", {}),
    ("resource.release", (7,), {}, "POST resource/return", {"job_id": "7"}),
    ("service.versions", (), {}, "POST server/version/get", {}),
    ("service.reload", (), {}, "POST server/reload", {}),
    ("service.registry", (), {}, "POST server/service/get", {}),
    ("key.save", (9999, "PEM"), {}, "POST key/public/save", {"party_id": "9999", "key": "PEM"}),
    ("key.delete", (9999,), {}, "POST key/public/delete", {"party_id": "9999"}),
    ("key.query", (9999,), {}, "POST key/query", {"party_id": "9999"}),
    ("remote_version.get", ("FATE",), {}, "POST version/get", {"module": "FATE"}),
    ("remote_version.get", (), {}, "POST version/get", {}),
]  # fmt: skip

ELSEWHERE = {
    "job.config",  # test_downloads
    "job.log",
    "component.output_data",
    "template.download",  # test_later_lines
    "test.toy",  # test_beyond
}


@pytest.mark.parametrize(("name", "given", "named", "line", "body"), CASES)
def test_what_is_sent(
    name: str, given: tuple[Any, ...], named: dict[str, Any], line: str, body: Any
) -> None:
    old = OPERATIONS[name].is_on(line_of("1.6"))
    server = Server(envelope({}), version="1.6.1" if old else "1.11.4")
    group, _, method = name.partition(".")
    getattr(getattr(FlowClient(plugins=[server]), group), method)(*given, **named)
    (request,) = server.requests
    assert f"{request.method} {request.path.removeprefix('/v1/')}" == line
    assert request.query == ""
    assert (None if request.body is None else json.loads(request.read())) == body
    assert request.headers.get("Content-Type") == ("application/json" if body is not None else None)


def test_every_operation_is_covered() -> None:
    assert {case[0] for case in CASES} | ELSEWHERE == {it.name for it in FlowClient().operations}


@pytest.mark.parametrize(
    ("name", "given", "line", "body"),
    [
        ("privilege.query", (9999,), "POST permission/query", {"party_id": "9999"}),
        ("job.list", (), "POST job/list/job", {"limit": 10}),
        ("model.get_model_info", (), "POST model/query", {}),
    ],
)
def test_a_later_server_is_spoken_to_in_its_own_way(
    name: str, given: tuple[Any, ...], line: str, body: Any
) -> None:
    server = Server(envelope({}))
    group, _, method = name.partition(".")
    flow = FlowClient(plugins=[server], server="1.11")
    getattr(getattr(flow, group), method)(*given)
    (request,) = server.requests
    assert f"{request.method} {request.path.removeprefix('/v1/')}" == line
    assert json.loads(request.read()) == body


def test_privileges_of_a_later_server_are_components_and_datasets() -> None:
    server = Server(envelope())
    flow = FlowClient(plugins=[server], server="1.11")
    dataset = {"namespace": "ns", "name": "t"}
    flow.privilege.grant(9999, component=["reader", "dataio"], dataset=[dataset])
    assert server.requests[0].path == "/v1/permission/grant"
    assert json.loads(server.requests[0].read()) == {
        "party_id": "9999",
        "component": "reader,dataio",
        "dataset": [dataset],
    }


@pytest.mark.parametrize(
    ("line", "named", "takes"),
    [
        ("1.11", {"privilege_component": "all"}, r"FATE Flow 1\.11 takes component and dataset"),
        (
            "1.8",
            {"component": "reader"},
            "takes privilege_role and privilege_command and privilege",
        ),
    ],
)
def test_privileges_of_another_line_are_not_dropped_silently(
    line: str, named: dict[str, Any], takes: str
) -> None:
    server = Server(envelope())
    flow = FlowClient(plugins=[server], server=line)
    with pytest.raises(ArgumentError, match=takes):
        flow.privilege.grant(9999, "guest", **named)
    assert server.requests == []
