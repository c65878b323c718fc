"""Lines of ``flow`` 1.11.3 whose endpoints came after 1.6: what they send."""
# ruff: noqa: E501 (a line is a line)

from __future__ import annotations

import io
import json
import shlex
import tarfile
from pathlib import Path
from typing import Any

import pytest

from fakes import Server, envelope
from flowkit import Response
from terminal import run

FACTS = json.loads(Path(__file__).with_name("official_commands.json").read_text("utf-8"))

FOUR = {"role": "guest", "party_id": "9999", "component_name": "lr_0"}
MODEL = {"model_id": "m", "model_version": "1"}
TABLE = {"namespace": "n", "table_name": "t"}

# What the line is, the path it asks for, and the body it sends; CONF is a file that holds `conf`.
LINES: list[tuple[str, dict[str, Any], str, Any]] = [
    ("flow checkpoint list -r guest -p 9999 --model-id m --model-version 1 -cpn lr_0", {},
     "checkpoint/list", {**MODEL, **FOUR}),
    ("flow checkpoint get -r guest -p 9999 --model-id m --model-version 1 -cpn lr_0 --step-index 3", {},
     "checkpoint/get", {**MODEL, **FOUR, "step_index": 3}),
    ("flow checkpoint get -r guest -p 9999 --model-id m --model-version 1 -cpn lr_0 --step-name round_3", {},
     "checkpoint/get", {**MODEL, **FOUR, "step_name": "round_3"}),
    ("flow component hetero-model-merge --model-id m --model-version 1 --guest-party-id 9999 --host-party-ids 9998,9997 --component-name lr_0 --model-type secureboost --output-format pmml --target-name y --no-host-rename --no-include-guest-coef --output-path model.xml", {},
     "component/hetero/merge",
     {**MODEL, "guest_party_id": "9999", "host_party_ids": ["9998", "9997"], "component_name": "lr_0",
      "model_type": "secureboost", "output_format": "pmml", "target_name": "y", "host_rename": False,
      "include_guest_coef": False}),
    ("flow component hetero-model-merge --model-id m --model-version 1 -gid 9999 -hids 9998 -cpn lr_0 --model-type lr --output-format pmml --host-rename -o model.xml", {},
     "component/hetero/merge",
     {**MODEL, "guest_party_id": "9999", "host_party_ids": ["9998"], "component_name": "lr_0",
      "model_type": "lr", "output_format": "pmml", "host_rename": True}),
    ("flow component woe-array-extract --model-id m --model-version 1 --role guest --party-id 9999 --component-name lr_0 --output-path woe_array.json", {},
     "component/woe_array/extract", {**MODEL, **FOUR}),
    ("flow component woe-array-merge --model-id m --model-version 1 --role guest --party-id 9999 --component-name lr_0 --input-path CONF", {"x0": [0.1, -0.2]},
     "component/woe_array/merge", {**MODEL, **FOUR, "woe_array": {"x0": [0.1, -0.2]}}),
    ("flow data writer -c CONF", {"table_name": "t", "namespace": "n", "storage_engine": "MYSQL"},
     "data/writer", {"table_name": "t", "namespace": "n", "storage_engine": "MYSQL"}),
    ("flow job rerun -j 7 --force -cpn lr_0", {},
     "job/rerun", {"job_id": "7", "component_name": "lr_0", "force": True}),
    ("flow job parameter-update -j 7 -c CONF", {"component_parameters": {"common": {"lr_0": {"alpha": 0.02}}}},
     "job/parameter/update", {"job_id": "7", "component_parameters": {"common": {"lr_0": {"alpha": 0.02}}}}),
    ("flow key save -c CONF", {"party_id": 10000, "key": "PEM"},
     "key/public/save", {"party_id": "10000", "key": "PEM"}),
    ("flow key delete -p 10000", {}, "key/public/delete", {"party_id": "10000"}),
    ("flow key query -p 10000", {}, "key/query", {"party_id": "10000"}),
    ("flow model deploy --model-id m --model-version 1 --cpn-step-index lr_0:3 --cpn-step-name nn_0:round_1", {},
     "model/deploy",
     {**MODEL, "components_checkpoint": {"lr_0": {"step_index": 3}, "nn_0": {"step_name": "round_1"}}}),
    ("flow model deploy --model-id m --model-version 1 --dsl-path CONF", {"components": {}},
     "model/deploy", {**MODEL, "predict_dsl": {"components": {}}}),
    ("flow model homo-convert -c CONF", MODEL, "model/homo/convert", MODEL),
    ("flow model homo-deploy -c CONF", {**MODEL, "service_id": "s"},
     "model/homo/deploy", {**MODEL, "service_id": "s"}),
    ("flow privilege grant -c CONF", {"party_id": 10000, "component": "reader,dataio"},
     "permission/grant", {"party_id": "10000", "component": "reader,dataio"}),
    ("flow privilege delete -c CONF", {"party_id": 10000, "dataset": {"namespace": "n", "name": "t"}},
     "permission/delete", {"party_id": "10000", "dataset": {"namespace": "n", "name": "t"}}),
    ("flow privilege query -p 10000", {}, "permission/query", {"party_id": "10000"}),
    ("flow provider list", {}, "provider/get", {}),
    ("flow provider list -n fate", {}, "provider/fate/get", {"provider_name": "fate"}),
    ("flow provider register -c CONF", {"name": "fate", "version": "1.11.4", "path": "/data/fate"},
     "provider/register", {"name": "fate", "version": "1.11.4", "path": "/data/fate"}),
    ("flow provider list-components", {}, "component/get", {}),
    ("flow resource query", {}, "resource/query", {}),
    ("flow resource return -j 7", {}, "resource/return", {"job_id": "7"}),
    ("flow server versions", {}, "server/version/get", {}),
    ("flow server reload", {}, "server/reload", {}),
    ("flow service registry", {}, "server/service/get", {}),
    ("flow table bind -c CONF --drop", {"engine": "PATH", "name": "t", "namespace": "n", "address": {"path": "x"}, "meta": {}},
     "table/bind",
     {"engine": "PATH", "name": "t", "namespace": "n", "address": {"path": "x"}, "drop": 1, "meta": {}}),
    ("flow table disable -n n -t t", {}, "table/disable", TABLE),
    ("flow table enable -n n -t t", {}, "table/enable", TABLE),
    ("flow table disable-delete", {}, "table/disable/delete", {}),
    ("flow table connector-create -c CONF",
     {"connector_name": "c", "engine": "MYSQL", "connector_info": {"host": "db"}},
     "table/connector/create", {"connector_name": "c", "engine": "MYSQL", "connector_info": {"host": "db"}}),
    ("flow table connector-query --connector-name xxx", {},
     "table/connector/query", {"connector_name": "xxx"}),
    ("flow table tracking-source -n n -t t", {}, "table/tracking/source", TABLE),
    ("flow table tracking_job -n n -t t", {}, "table/tracking/job", TABLE),
]  # fmt: skip

# Tested where they have more to do than to send.
ELSEWHERE = {("template", "download"), ("test", "min"), ("test", "toy")}


@pytest.mark.parametrize(("line", "conf", "path", "body"), LINES, ids=[line[0] for line in LINES])
def test_the_line_asks_for(
    line: str,
    conf: dict[str, Any],
    path: str,
    body: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("CONF").write_text(json.dumps(conf), encoding="utf-8")
    server = Server(envelope({"answer": 1}))
    words = shlex.split(line)[1:]
    result = run("--server", "1.11", *words, plugins=(server,))
    assert result.exit_code == 0, result.output
    assert result.stderr == ""
    (request,) = server.requests
    assert request.path == f"/v1/{path}"
    assert json.loads(request.read()) == body


def test_every_command_that_came_after_1_6_1_is_among_them() -> None:
    def commands(version: str) -> set[tuple[str, str]]:
        return {(line["group"], line["command"]) for line in FACTS["flow"][version]}

    typed = {tuple(line[0].replace("tracking_job", "tracking-job").split()[1:3]) for line in LINES}
    came = {line for line in commands("1.11.3") - commands("1.6.1") if line[0] != "tracking"}
    assert came <= typed | ELSEWHERE


def test_templates_are_unpacked_below_the_folder(tmp_path: Path) -> None:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        entry = tarfile.TarInfo("dsl/conf.json")
        entry.size = 2
        archive.addfile(entry, io.BytesIO(b"{}"))
    headers = {"Content-Disposition": "attachment; filename=template.tar.gz"}
    server = Server(Response(200, headers, packed.getvalue()), version="1.11.4")
    folder = str(tmp_path)
    result = run(
        "template", "download", "--min-data", "1", "--output-path", folder, plugins=(server,)
    )
    assert result.exit_code == 0, result.output
    assert (tmp_path / "template/dsl/conf.json").read_text() == "{}"
    assert json.loads(server.requests[0].read()) == {"min_data": 1}


def test_an_operation_that_the_server_does_not_have_is_not_sent() -> None:
    server = Server(version="1.6.1")
    result = run("provider", "list", plugins=(server,))
    assert (result.exit_code, server.requests) == (2, [])
    told = "provider.list: FATE Flow 1.6 has no such operation; 1.7 has it. Nothing was sent"
    assert told in result.stderr


def test_a_server_without_the_endpoint_is_told_from_a_wrong_address() -> None:
    page = Response(404, {"Content-Type": "text/html"}, b"<h1>Not Found</h1>")
    result = run("provider", "list", plugins=(Server(page, version="1.11.4"),))
    assert result.exit_code == 4
    assert "provider.list is from 1.7 on at provider/get" in result.stderr
