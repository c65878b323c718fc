"""What a real FATE Flow 1.11.2 answered to odd values about a job that has ended, its model, logs and tags."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient

from flowkit_mockserver import MockServer
from later import conf, dsl, submit, trained, upload

Told = tuple[int, int, str]
NO_SQL = "SQLError('SQLError: near \")\": syntax error')"
NO_SPLIT = "AttributeError(\"'NoneType' object has no attribute 'split'\")"


@pytest.fixture(scope="module")
def ended() -> Iterator[tuple[FlaskClient, dict[str, Any]]]:
    """Return a client, and what requests are made of: `job`, `model`, and the roles."""
    with MockServer(fate_version="1.11.4") as mock:
        client, job_id, ids = trained(mock)
        roles = {"guest": [9999], "host": [10000], "arbiter": [10000]}
        model = {**ids, "role": "guest", "party_id": 9999}
        task = {"job_id": job_id, "role": "guest", "party_id": 9999, "component_name": "lr_0"}
        yield client, {"model": model, "ids": ids, "task": task, "roles": roles}


def asked(
    ended: tuple[FlaskClient, dict[str, Any]], path: str, kind: str, change: dict[str, Any]
) -> Told:
    client, known = ended
    answer = client.post(f"/v1/{path}", json={**known[kind], **change})
    body = answer.get_json()
    return answer.status_code, body["retcode"], body["retmsg"]


@pytest.mark.parametrize(
    ("path", "change", "said"),
    [
        ("model/export", {"model_id": ""}, NO_SPLIT),
        (
            "model/export",
            {"role": 0},
            "TypeError('sequence item 0: expected str instance, int found')",
        ),
        ("model/query", {"model_version": ""}, "KeyError('model_proto')"),
        ("model/query/detail", {"model_version": ""}, "KeyError('model_proto')"),
        ("model/get/predict/dsl", {"model_version": ""}, "KeyError('model_proto')"),
        ("model/deploy", {"model_version": ""}, "KeyError('model_proto')"),
        ("component/woe_array/extract", {"model_id": None, "component_name": "lr_0"}, NO_SPLIT),
        (
            "component/woe_array/extract",
            {"model_version": 0, "component_name": "lr_0"},
            "TypeError('expected str, bytes or os.PathLike object, not int')",
        ),
        (
            "checkpoint/get",
            {"component_name": "lr_0", "step_name": []},
            "TypeError(\"unhashable type: 'list'\")",
        ),
    ],
)
def test_what_names_no_model_fails_as_python_does(
    ended: tuple[FlaskClient, dict[str, Any]], path: str, change: dict[str, Any], said: str
) -> None:
    assert asked(ended, path, "model", change) == (200, 100, said)


@pytest.mark.parametrize("field", ["model_id", "model_version"])
@pytest.mark.parametrize("value", [None, 0, {}])
def test_a_model_that_is_not_there_is_not_deployed(
    ended: tuple[FlaskClient, dict[str, Any]], field: str, value: Any
) -> None:
    ids = {**ended[1]["ids"], field: value}
    told = f"Deploy model failed. Model {ids['model_id']} {ids['model_version']} not found."
    assert asked(ended, "model/deploy", "ids", {field: value}) == (404, 404, told)


@pytest.mark.parametrize(("value", "kind"), [(None, "NoneType"), (0, "int")])
def test_what_is_no_list_of_components_fails_at_every_party(
    ended: tuple[FlaskClient, dict[str, Any]], value: Any, kind: str
) -> None:
    client, known = ended
    answer = client.post("/v1/model/deploy", json={**known["ids"], "cpn_list": value}).get_json()
    assert (answer["retcode"], answer["data"]["guest"]) == (101, {"9999": 100})
    assert answer["data"]["detail"]["guest"]["9999"]["retmsg"] == (
        "deploy model of role guest 9999 failed, details: "
        f"TypeError(\"'{kind}' object is not iterable\")"
    )


@pytest.mark.parametrize(
    ("version", "status", "said"),
    [
        ("x", 404, "Model not found."),
        (-1, 200, "TypeError('expected str, bytes or os.PathLike object, not int')"),
    ],
)
def test_only_a_known_model_is_packed(
    ended: tuple[FlaskClient, dict[str, Any]], version: Any, status: int, said: str
) -> None:
    client, known = ended
    named = {"party_model_id": f"guest#9999#{known['ids']['model_id']}", "model_version": version}
    answer = client.post("/v1/model/archive/packaging", json=named)
    assert (answer.status_code, answer.get_json()["retmsg"]) == (status, said)


def test_a_registration_takes_a_text(ended: tuple[FlaskClient, dict[str, Any]]) -> None:
    assert asked(ended, "model/service/register", "ids", {"party_model_id": 0}) == (
        200,
        100,
        "AttributeError(\"'int' object has no attribute 'replace'\")",
    )


@pytest.mark.parametrize(
    ("roles", "said"),
    [
        (None, "AttributeError(\"'NoneType' object has no attribute 'items'\")"),
        ("x", "AttributeError(\"'str' object has no attribute 'items'\")"),
        ({"x": 1}, "TypeError(\"'int' object is not iterable\")"),
    ],
)
def test_a_model_is_bound_for_roles_with_parties(
    ended: tuple[FlaskClient, dict[str, Any]], roles: Any, said: str
) -> None:
    client, known = ended
    conf = {"initiator": {"role": "guest", "party_id": 9999}, "job_parameters": known["ids"]}
    answer = client.post("/v1/model/bind", json={**conf, "role": roles, "service_id": "s"})
    assert answer.get_json() == {"retcode": 100, "retmsg": said}


@pytest.mark.parametrize(
    ("change", "retcode", "said"),
    [
        ({"role": None}, 100, "'NoneType' object has no attribute 'keys'"),
        ({"migrate_role": "x"}, 100, "'str' object has no attribute 'keys'"),
        ({"job_parameters": None}, 101, "failed"),
        ({"job_parameters": []}, 101, "failed"),
    ],
)
def test_what_makes_no_migration_is_told_as_it_is(
    ended: tuple[FlaskClient, dict[str, Any]], change: dict[str, Any], retcode: int, said: str
) -> None:
    assert asked(ended, "model/migrate", "ids", {**migration(ended[1]), **change}) == (
        200,
        retcode,
        said,
    )


def migration(known: dict[str, Any]) -> dict[str, Any]:
    return {
        "migrate_initiator": {"role": "guest", "party_id": 77},
        "role": known["roles"],
        "migrate_role": {"guest": [77], "host": [78], "arbiter": [79]},
        "execute_party": {"guest": [9999], "host": [10000]},
        "job_parameters": {"federated_mode": "SINGLE"},
    }


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"model_id": None}, "'NoneType' object has no attribute 'split'"),
        ({"model_version": []}, "expected str, bytes or os.PathLike object, not list"),
        ({"model_version": "x"}, "Can not found {model_id} x model local cache."),
    ],
)
def test_every_party_says_why_it_migrates_nothing(
    ended: tuple[FlaskClient, dict[str, Any]], change: dict[str, Any], said: str
) -> None:
    client, known = ended
    body = {**known["ids"], **migration(known), **change}
    detail = client.post("/v1/model/migrate", json=body).get_json()["data"]["detail"]
    expected = {"retcode": 100, "retmsg": said.format(**known["ids"])}
    assert detail == {"guest": {"9999": expected}, "host": {"10000": expected}}


def test_a_migrated_model_is_that_of_its_new_parties(
    ended: tuple[FlaskClient, dict[str, Any]],
) -> None:
    client, known = ended
    body = {**known["ids"], **migration(known), "unify_model_version": "unified"}
    assert client.post("/v1/model/migrate", json=body).get_json()["retcode"] == 0
    rows = client.post("/v1/model/query", json={"model_version": "unified"}).get_json()["data"]
    assert {row["f_party_id"] for row in rows} == {"77", "78"}
    for row in rows:
        assert row["f_roles"] == {"guest": [77], "host": [78], "arbiter": [79]}
        own = row["f_runtime_conf_on_party"]
        assert own["initiator"] == {"role": "guest", "party_id": 77}
        assert own["job_parameters"]["model_version"] == "unified"


@pytest.mark.parametrize("component", [None, "", 0, [], {}, "pipeline"])
def test_metrics_without_a_component_are_those_of_the_job(
    ended: tuple[FlaskClient, dict[str, Any]], component: Any
) -> None:
    client, known = ended
    task = {**known["task"], "component_name": component}
    named = client.post("/v1/tracking/component/metrics", json=task).get_json()
    assert named["data"] == {"job": ["job_view"]}
    shown = client.post("/v1/tracking/component/metric/all", json=task).get_json()
    view = {"data": [], "meta": {"metric_type": None, "name": None}}
    assert shown["data"] == {"job": {"job_view": view}}


@pytest.mark.parametrize(
    ("path", "change", "told"),
    [
        (
            "tracking/component/metric_data",
            {"job_id": -1, "metric_namespace": "train", "metric_name": "loss"},
            (200, 100, "TypeError(\"unsupported operand type(s) for +: 'int' and 'str'\")"),
        ),
        (
            "tracking/component/metric_data",
            {"job_id": "", "metric_namespace": "train", "metric_name": "loss"},
            (200, 0, "success"),
        ),
        (
            "tracking/component/summary/download",
            {"job_id": ["x"]},
            (210, 210, 'can only concatenate list (not "str") to list'),
        ),
        ("tracking/component/list", {"job_id": []}, (200, 100, NO_SQL)),
        ("tracking/job/data_view", {"job_id": ""}, (200, 101, "error")),
        ("tracking/job/data_view", {"job_id": []}, (200, 100, NO_SQL)),
        ("tracking/job/data_view", {"role": []}, (200, 100, NO_SQL)),
        ("tracking/component/output/data", {"component_name": None}, (200, 0, "no data")),
        (
            "tracking/component/output/data/table",
            {"role": ""},
            (200, 100, "<NotFound '404: Not Found'>"),
        ),
        (
            "job/stop",
            {"job_id": 1.5},
            (200, 100, "TypeError(\"unsupported operand type(s) for +: 'float' and 'str'\")"),
        ),
        (
            "job/list/task",
            {"component_name": ["x"]},
            (200, 100, "AttributeError(\"'TextField' object has no attribute 'x'\")"),
        ),
        (
            "job/list/task",
            {"job_id": ["x"]},
            (200, 100, "AttributeError(\"'CharField' object has no attribute 'x'\")"),
        ),
        ("model/tag/update", {"tag_name": []}, (200, 100, NO_SQL)),
        ("model/tag/destroy", {"tag_name": []}, (200, 100, NO_SQL)),
        ("model/model_tag/create", {"tag_name": []}, (200, 100, NO_SQL)),
        ("model/model_tag/retrieve", {"job_id": []}, (200, 100, NO_SQL)),
        ("forward/x/do", {}, (200, 404, 'role "x" not supported')),
    ],
)
def test_odd_values_are_answered(
    ended: tuple[FlaskClient, dict[str, Any]], path: str, change: dict[str, Any], told: Told
) -> None:
    assert asked(ended, path, "task", change) == told


@pytest.mark.parametrize("missing", ["role", "party_id"])
def test_the_view_of_a_job_is_by_default_that_of_its_initiator(
    ended: tuple[FlaskClient, dict[str, Any]], missing: str
) -> None:
    client, known = ended
    body = {name: value for name, value in known["task"].items() if name != missing}
    shown = client.post("/v1/tracking/job/data_view", json=body).get_json()
    assert (shown["retcode"], sorted(shown["data"]["dataset"])) == (0, ["guest", "host"])


def test_the_newest_task_is_the_one_made_last(ended: tuple[FlaskClient, dict[str, Any]]) -> None:
    client, known = ended
    body = {"job_id": known["task"]["job_id"], "role": "guest", "party_id": 9999}
    order = {"order_by": "create_time", "order": "desc"}
    tasks = client.post("/v1/job/list/task", json={**body, **order}).get_json()["data"]["tasks"]
    first = client.post("/v1/job/list/task", json=body).get_json()["data"]["tasks"]
    names = [task["component_name"] for task in first]
    assert [task["component_name"] for task in tasks] == names[::-1]


def test_a_role_is_told_of_what_it_runs(ended: tuple[FlaskClient, dict[str, Any]]) -> None:
    client, known = ended
    body = {**known["task"], "role": "arbiter", "party_id": 10000}
    shown = client.post("/v1/pipeline/dag/dependency", json=body).get_json()["data"]
    assert set(shown["component_need_run"]) < set(shown["component_list"])
    assert all(shown["component_need_run"].values())


@pytest.mark.parametrize(
    ("between", "numbers"),
    [
        ({}, "all"),
        ({"begin": 2, "end": 2}, [2, 3]),
        ({"begin": 2, "end": 3}, [2, 3, 4]),
        ({"begin": 2}, "from 2"),
        ({"end": -1}, "but 1"),
        ({"begin": 3, "end": 1}, "from 3 but 1"),
        ({"begin": -5}, []),
        ({"begin": 1.5}, []),
        ({"begin": "x"}, []),
        ({"end": "x"}, []),
    ],
)
def test_lines_of_a_log_are_taken_as_tail_and_head_take_them(
    ended: tuple[FlaskClient, dict[str, Any]], between: dict[str, Any], numbers: Any
) -> None:
    client, known = ended
    body = {**known["task"], "log_type": "componentInfo"}
    count = client.post("/v1/log/size", json=body).get_json()["data"]["size"]
    assert count > 3
    shown = client.post("/v1/log/cat", json={**body, **between}).get_json()["data"]
    expected = {
        "all": list(range(1, count + 2)),
        "from 2": list(range(2, count + 2)),
        "but 1": list(range(1, count + 1)),
        "from 3 but 1": list(range(3, count + 1)),
    }
    assert [line["line_num"] for line in shown] == (
        expected[numbers] if isinstance(numbers, str) else numbers
    )


@pytest.mark.parametrize(
    ("between", "said"),
    [
        ({"begin": "1", "end": "1"}, "unsupported operand type(s) for -: 'str' and 'str'"),
        ({"begin": ["x"], "end": 1}, "unsupported operand type(s) for -: 'int' and 'list'"),
        ({"begin": 1, "end": {"x": 1}}, "unsupported operand type(s) for -: 'dict' and 'int'"),
    ],
)
def test_ends_of_a_log_are_numbers(
    ended: tuple[FlaskClient, dict[str, Any]], between: dict[str, Any], said: str
) -> None:
    told = asked(ended, "log/cat", "task", {"log_type": "componentInfo", **between})
    assert told == (200, 100, f'TypeError("{said}")')


def test_a_changed_conf_counts_for_tasks_that_are_made_later() -> None:
    with MockServer(fate_version="1.11.4", pace="manual") as mock:
        client = mock.app.test_client()
        upload(client)
        mock.advance(60)
        job_id = submit(client)["jobId"]
        mock.advance(0.5)
        changed = {"common": {"lr_0": {"max_iter": 7}}}
        client.post(
            "/v1/job/parameter/update", json={"job_id": job_id, "component_parameters": changed}
        )
        task = {"job_id": job_id, "role": "guest", "party_id": 9999, "component_name": "lr_0"}

        def iterations() -> list[int]:
            shown = client.post("/v1/job/task/query", json={**task, "only_latest": False})
            stored = [row["f_component_parameters"] for row in shown.get_json()["data"]]
            return [one["ComponentParam"]["max_iter"] for one in stored]

        config = {"job_id": job_id, "role": "guest", "party_id": 9999}
        kept = client.post("/v1/job/config", json=config).get_json()["data"]["runtime_conf"]
        assert kept["component_parameters"]["common"]["lr_0"]["max_iter"] == 7
        assert iterations() == [2]
        mock.advance(60)
        assert iterations() == [7]


def test_a_table_was_read_by_jobs_whose_readers_have_ended() -> None:
    with MockServer(fate_version="1.11.4", pace="manual") as mock:
        client = mock.app.test_client()
        upload(client)
        mock.advance(60)
        job_id = submit(client)["jobId"]
        table = {"table_name": "guest", "namespace": "e"}

        def readers() -> list[str]:
            found = client.post("/v1/table/tracking/job", json=table).get_json()["data"]
            return list(found["job"])

        assert readers() == []
        mock.advance(60)
        assert readers() == [job_id]


def test_a_job_that_never_ran_was_not_watched() -> None:
    with MockServer(fate_version="1.11.4", pace="manual") as mock:
        client = mock.app.test_client()
        upload(client)
        mock.advance(60)
        submit(client, task_cores=18)
        last = submit(client, task_cores=18)["jobId"]
        client.post("/v1/job/stop", json={"job_id": last})
        content = client.post("/v1/job/log/download", json={"job_id": last}).data
        with tarfile.open(fileobj=io.BytesIO(content)) as archive:
            names = sorted(archive.getnames())
        assert names == ["fate_flow_audit.log", "fate_flow_schedule.log", "fate_flow_sql.log"]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"job_parameters": None}, "TypeError: argument of type 'NoneType' is not iterable"),
        ({"job_parameters": []}, "TypeError: list indices must be integers or slices, not str"),
        (
            {"job_parameters": {"common": None}},
            "TypeError: type object argument after ** must be a mapping, not NoneType",
        ),
        (
            {"job_parameters": {"common": {"inheritance_info": "x"}}},
            "AttributeError: 'str' object has no attribute 'get'",
        ),
    ],
)
def test_a_job_whose_parameters_are_none_is_refused(
    ended: tuple[FlaskClient, dict[str, Any]], changed: dict[str, Any], said: str
) -> None:
    body = {"job_dsl": dsl(), "job_runtime_conf": {**conf(), **changed}}
    answer = ended[0].post("/v1/job/submit", json=body).get_json()
    assert (answer["retcode"], answer["retmsg"]) == (
        103,
        f"Traceback (most recent call last):\n{said}\n",
    )


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ({"common": None}, "AttributeError: \\\\\\'NoneType\\\\\\' object has no attribute"),
        ({"common": {"lr_0": "x"}}, "AttributeError: \\\\\\'str\\\\\\' object has no attribute"),
        (
            {"role": {"guest": {"0": {"reader_0": None}}}},
            "TypeError: argument of type \\\\\\'NoneType\\\\\\' is not iterable",
        ),
    ],
)
def test_a_party_refuses_what_are_no_parameters_of_components(
    ended: tuple[FlaskClient, dict[str, Any]], parameters: dict[str, Any], said: str
) -> None:
    body = {"job_dsl": dsl(), "job_runtime_conf": {**conf(), "component_parameters": parameters}}
    answer = ended[0].post("/v1/job/submit", json=body).get_json()
    assert answer["retcode"] == 103
    assert "Exception: ('create job failed', {" in answer["retmsg"]
    assert said in answer["retmsg"]


@pytest.mark.parametrize(
    ("where", "provider", "named"),
    [
        ("dsl", "nosuch", "nosuch does not support in Reader"),
        ("component", "fate@9.9", "fate version: 9.9 does not support in HeteroLR"),
    ],
)
def test_a_dsl_may_name_providers_that_are_there(
    ended: tuple[FlaskClient, dict[str, Any]], where: str, provider: str, named: str
) -> None:
    graph = dsl()
    target = graph if where == "dsl" else graph["components"]["lr_0"]
    target["provider"] = provider
    body = {"job_dsl": graph, "job_runtime_conf": conf()}
    answer = ended[0].post("/v1/job/submit", json=body).get_json()
    assert answer["retcode"] == 103
    assert f"ValueError('Provider: {named}, please register')" in answer["retmsg"]


def test_what_is_no_list_of_components_is_not_rerun(
    ended: tuple[FlaskClient, dict[str, Any]],
) -> None:
    told = asked(ended, "job/rerun", "task", {"component_name": 1})
    assert told == (
        200,
        103,
        'rerun job failed:\n{"guest": {"9999": {"retcode": 100, '
        '"retmsg": "TypeError(\\"\'int\' object is not iterable\\")"}}}',
    )


def test_data_views_compare_lists_as_they_are(ended: tuple[FlaskClient, dict[str, Any]]) -> None:
    assert asked(ended, "job/data/view/query", "task", {"component_name": ["lr_0"]})[1] == 0
    two = asked(ended, "job/data/view/query", "task", {"component_name": ["lr_0", "reader_0"]})
    assert two == (200, 101, "find data view failed")


def test_jobs_have_no_versions_to_be_ordered_by(
    ended: tuple[FlaskClient, dict[str, Any]],
) -> None:
    told = asked(ended, "job/list/job", "task", {"order_by": "task_version", "order": "desc"})
    assert told[2] == "AttributeError(\"type object 'Job' has no attribute 'f_task_version'\")"


def test_a_conf_that_is_broken_leaves_the_job_readable() -> None:
    with MockServer(fate_version="1.11.4") as mock:
        client, job_id, _ = trained(mock)
        changed = {"job_id": job_id, "component_parameters": {"common": None}}
        client.post("/v1/job/parameter/update", json=changed)
        task = {"job_id": job_id, "role": "guest", "party_id": 9999, "component_name": "lr_0"}
        for path in ("metric/all", "output/model", "output/data"):
            answer = client.post(f"/v1/tracking/component/{path}", json=task).get_json()
            assert answer["retcode"] == 0, path
        body = {**task, "log_type": "componentInfo"}
        assert client.post("/v1/log/cat", json=body).get_json()["retcode"] == 0
