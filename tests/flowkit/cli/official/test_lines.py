"""Lines of ``flow`` as FATE's documentation has them, word for word, against the mock."""
# ruff: noqa: E501 (a line is a line)

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from flowkit import FlowClient, demo
from flowkit_inprocess import InProcess
from flowkit_mockserver import MockServer
from terminal import run

FACTS = json.loads(Path(__file__).with_name("official_commands.json").read_text("utf-8"))

LINES = """
flow component list -j $JOB_ID
flow component metrics -j $JOB_ID -r guest -p 9999 -cpn evaluation_0
flow component metric-all -j $JOB_ID -r guest -p 9999 -cpn evaluation_0
flow component metric-delete -j $JOB_ID
flow component parameters -j $JOB_ID -r host -p 10000 -cpn hetero_lr_0
flow component output-data -j $JOB_ID -r host -p 10000 -cpn intersection_0 --output-path ./examples/
flow component output-data -j $JOB_ID -r host -p 10000 -cpn intersection_0 -o ./examples/ -l 3
flow component output-model -j $JOB_ID -r host -p 10000 -cpn hetero_lr_0
flow component output-data-table -j $JOB_ID -r host -p 10000 -cpn intersection_0
flow component get-summary -j $JOB_ID -r guest -p 9999 -cpn hetero_lr_0
flow component download-summary -j $JOB_ID -r guest -p 9999 -cpn hetero_lr_0 -o ./examples/
flow data upload -c examples/upload_guest.json --verbose --drop
flow data download -c examples/download_host.json
flow data upload-history -l 20
flow job submit -c examples/test_hetero_lr_job_conf.json -d examples/test_hetero_lr_job_dsl.json
flow job list -l 30
flow job query -r guest -p 9999 -s success
flow job query -j $JOB_ID -cpn hetero_lr_0
flow job view -j $JOB_ID -r guest -p 9999 -cpn intersection_0
flow job stop -j $JOB_ID
flow job config -j $JOB_ID -r host -p 10000 --output-path ./examples/
flow job log -j $JOB_ID --output-path ./examples/
flow job dsl --cpn-list "dataio_0, hetero_lr_0" --train-dsl-path examples/test_hetero_lr_job_dsl.json -o examples/
flow job dsl --cpn-list [dataio_0,hetero_lr_0] --train-dsl-path examples/test_hetero_lr_job_dsl.json -o examples/
flow job dsl --cpn-path examples/component_list.txt --train-dsl-path examples/test_hetero_lr_job_dsl.json
flow model deploy --model-id $MODEL_ID --model-version $JOB_ID
flow model deploy --model_id $MODEL_ID --model_version $JOB_ID
flow model deploy --model-id $MODEL_ID --model-version $JOB_ID --cpn-list "reader_0, dataio_0, intersection_0, feature_scale_0, hetero_lr_0"
flow model deploy --model-id $MODEL_ID --model-version $JOB_ID --cpn-path examples/component_list.txt
flow model get-predict-dsl --model-id $MODEL_ID --model-version $DEPLOYED -o ./examples/
flow model get-predict-conf --model_id $MODEL_ID --model_version $DEPLOYED -o ./examples/
flow model get-model-info --model-id $MODEL_ID --model-version $JOB_ID
flow model get-model-info --model-version $JOB_ID -r guest -p 9999 --detail
flow model model-info --model-id $MODEL_ID --model-version $JOB_ID --detail
flow model export -c examples/export_model.json
flow model export -c examples/store_model.json --to-database
flow model import -c examples/restore_model.json --from-database
flow model migrate -c examples/migrate_model.json
flow model tag-model -j $JOB_ID -t $TAG_NAME
flow model tag-list -j $JOB_ID
flow queue clean
flow task list -l 25
flow task query -cpn hetero_lr_0 -s success
flow task query -j $JOB_ID -p 9999 -r guest
flow table info -n flowkit_demo -t guest
flow table add -c examples/bind_hdfs_table.json
flow table bind -c examples/bind_hdfs_table.json
flow tag create -t new_tag -d "Some words."
flow tag list -l 3
flow tag query -t $TAG_NAME
flow tag query -t $TAG_NAME --with-model
flow tag update -t $TAG_NAME --new-tag-desc "This is the new description."
flow tag update -t $TAG_NAME --new-tag-name tag2
flow tag delete -t $TAG_NAME
flow tracking metrics -j $JOB_ID -r guest -p 9999 -cpn evaluation_0
flow tracking metric-all -j $JOB_ID -r guest -p 9999 -cpn evaluation_0
flow tracking parameters -j $JOB_ID -r host -p 10000 -cpn hetero_lr_0
flow tracking output-data -j $JOB_ID -r host -p 10000 -cpn intersection_0 -o ./examples/
flow tracking output-model -j $JOB_ID -r host -p 10000 -cpn hetero_lr_0
flow tracking output-data-table -j $JOB_ID -r host -p 10000 -cpn intersection_0
flow tracking get-summary -j $JOB_ID -r guest -p 9999 -cpn hetero_lr_0
flow test toy -gid 9999 -hid 10000 --timeout 30 --task-cores 2
flow legacy -f submit_job -c examples/test_hetero_lr_job_conf.json -d examples/test_hetero_lr_job_dsl.json
flow legacy -f query_job -j $JOB_ID -r guest -p 9999
flow legacy -f stop_job -j $JOB_ID
flow legacy -f job_config -j $JOB_ID -r guest -p 9999 -o ./examples/
flow legacy -f job_log -j $JOB_ID -o ./examples/
flow legacy -f query_task -j $JOB_ID -r guest -p 9999
flow legacy -f data_view_query -j $JOB_ID -r guest -p 9999
flow legacy -f clean_job -j $JOB_ID
flow legacy -f clean_queue
flow legacy -f component_parameters -j $JOB_ID -r host -p 10000 -cpn hetero_lr_0
flow legacy -f component_metrics -j $JOB_ID -r guest -p 9999 -cpn evaluation_0
flow legacy -f component_metric_all -j $JOB_ID -r guest -p 9999 -cpn evaluation_0
flow legacy -f component_metric_delete -j $JOB_ID
flow legacy -f component_output_model -j $JOB_ID -r host -p 10000 -cpn hetero_lr_0
flow legacy -f component_output_data -j $JOB_ID -r host -p 10000 -cpn intersection_0 -o ./examples/
flow legacy -f component_output_data_table -j $JOB_ID -r host -p 10000 -cpn intersection_0
flow legacy -f upload -c examples/upload_guest.json -drop 1 -verbose 0
flow legacy -f download -c examples/download_host.json
flow legacy -f upload_history -limit 5
flow legacy -f table_info -n flowkit_demo -t guest
flow legacy -f table_delete -n flowkit_demo -t guest
flow legacy -f table_add -c examples/bind_hdfs_table.json
flow legacy -f table_bind -c examples/bind_hdfs_table.json
flow legacy -f export -c examples/export_model.json
flow legacy -f store -c examples/store_model.json
flow legacy -f restore -c examples/restore_model.json
flow legacy -f grant_privilege -src_party_id 9999 -src_role guest -privilege_role all
""".strip().splitlines()

# Lines that the mock refuses as a standalone server does: it has nothing to serve models with, and
# permissions are off; or that it refuses because what they need has been there before.
REFUSED = """
flow model load -j $JOB_ID
flow model load -c examples/publish_load_model.json
flow model bind -c examples/bind_model_service.json -j $JOB_ID
flow model import -c examples/import_model.json
flow model tag-model -j $JOB_ID -t $TAG_NAME --remove
flow table delete -j $JOB_ID -r guest -p 9999
flow table delete -n nobody -t nothing
flow component metric-delete -d 20200101
flow legacy -f load -c examples/publish_load_model.json
flow legacy -f bind -c examples/bind_model_service.json
flow legacy -f import -c examples/import_model.json
flow legacy -f delete_privilege -src_party_id 9999 -src_role guest -privilege_command stop
flow legacy -f query_privilege -src_party_id 9999 -src_role guest
""".strip().splitlines()


@dataclass(frozen=True)
class Site:
    """A mock on which a model was trained and deployed."""

    mock: MockServer
    names: dict[str, str]

    def type(self, line: str) -> Result:
        """Run a line, its placeholders filled in."""
        for name, value in self.names.items():
            line = line.replace(f"${name}", value)
        return run(*shlex.split(line)[1:], plugins=(InProcess(self.mock.app),))


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    monkeypatch.chdir(tmp_path)
    with MockServer() as mock, mock.client() as client:
        for name in ("guest", "host"):
            demo.upload(client, name)
        trained = demo.train(client)
        client.job.wait(trained.job_id)
        deployed = demo.deploy(client, trained)
        client.tag.create("gold", "the best")
        names = {
            "JOB_ID": trained.job_id,
            "MODEL_ID": trained.model_id,
            "DEPLOYED": deployed,
            "TAG_NAME": "gold",
        }
        write_examples(tmp_path / "examples", client, names)
        yield Site(mock, names)


def write_examples(folder: Path, client: FlowClient, names: dict[str, str]) -> None:
    """Write the files that FATE's examples have."""
    folder.mkdir()
    model = {"model_id": names["MODEL_ID"], "model_version": names["JOB_ID"]}
    guest = {**model, "role": "guest", "party_id": "9999"}
    roles = {"guest": ["9999"], "host": ["10000"], "arbiter": ["10000"]}
    exported = client.model.export_model({**guest, "output_path": str(folder)})["file"]
    files: dict[str, Any] = {
        "upload_guest": {
            "file": str(demo.DATA / "guest.csv"),
            "head": 1,
            "partition": 4,
            "work_mode": 0,
            "namespace": "experiment",
            "table_name": "breast_hetero_guest",
        },
        "download_host": {
            "delimiter": ",",
            "work_mode": 0,
            "namespace": "flowkit_demo",
            "table_name": "host",
            "output_path": str(folder / "host.csv"),
        },
        "export_model": {**guest, "output_path": str(folder)},
        "store_model": guest,
        "restore_model": guest,
        "import_model": {**guest, "file": exported},
        "migrate_model": {
            "job_parameters": {"federated_mode": "SINGLE"},
            "role": {"guest": [9999], "host": [10000], "arbiter": [10000]},
            "migrate_initiator": {"role": "guest", "party_id": 99},
            "migrate_role": {"guest": [99], "host": [100], "arbiter": [101]},
            "execute_party": {"guest": [9999], "host": [10000]},
            **model,
        },
        "publish_load_model": {
            "initiator": {"party_id": "9999", "role": "guest"},
            "role": roles,
            "job_parameters": {"work_mode": 0, **model},
        },
        "bind_model_service": {
            "service_id": "service",
            "initiator": {"party_id": "9999", "role": "guest"},
            "role": roles,
            "job_parameters": {"work_mode": 0, **model},
            "servings": ["127.0.0.1:8000"],
        },
        "bind_hdfs_table": {
            "engine": "HDFS",
            "address": {"name_node": "hdfs://fate-cluster", "path": "/data/breast.csv"},
            "namespace": "experiment",
            "name": "breast_on_hdfs",
            "head": 1,
            "id_delimiter": ",",
            "partitions": 10,
        },
        "test_hetero_lr_job_conf": json.loads((demo.DATA / "train_conf.json").read_text("utf-8")),
        "test_hetero_lr_job_dsl": json.loads((demo.DATA / "train_dsl.json").read_text("utf-8")),
    }
    for name, content in files.items():
        (folder / f"{name}.json").write_text(json.dumps(content), encoding="utf-8")
    (folder / "component_list.txt").write_text(",".join(demo.COMPONENTS), encoding="utf-8")


def command_of(line: str) -> tuple[str, str]:
    words = shlex.split(line)
    return words[1], words[2]


@pytest.mark.parametrize("line", LINES)
def test_the_line_ends_with_0(line: str, site: Site) -> None:
    result = site.type(line)
    assert result.exit_code == 0, result.output


@pytest.mark.parametrize("line", REFUSED)
def test_the_line_reaches_a_server_that_refuses_it(line: str, site: Site) -> None:
    result = site.type(line)
    assert result.exit_code == 1, result.output
    assert json.loads(result.stdout)["retcode"] != 0


def test_every_command_of_flow_1_6_1_is_among_them() -> None:
    typed = {command_of(line) for line in (*LINES, *REFUSED)}
    official = {
        (line["group"], line["command"]) for line in FACTS["flow"]["1.6.1"] if line["group"]
    }
    assert official <= typed


def test_every_function_of_fate_flow_client_is_among_them() -> None:
    typed = {shlex.split(line)[3] for line in (*LINES, *REFUSED) if " legacy " in line}
    assert typed == set(FACTS["fate_flow_client.py"]["functions"])
