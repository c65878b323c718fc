"""Arguments that cannot be used: nothing is sent, and the error says what to do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from fakes import Server
from flowkit import ArgumentError, FlowClient

MODEL = {"model_id": "m", "model_version": 8, "role": "guest", "party_id": 1}


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda it: it.job.submit(),
            "conf_path is missing; it must be the path of a JSON file, or a mapping",
        ),
        (lambda it: it.job.submit("nosuch.json"), "conf_path 'nosuch.json' does not exist"),
        (lambda it: it.job.submit({}, "nosuch.json"), "dsl_path 'nosuch.json' does not exist"),
        (lambda it: it.job.submit({}, config_data={}), "are the same argument"),
        (
            lambda it: it.model.migrate({"job_parameters": {"work_mode": 0}}),
            'job_parameters in conf_path must be a mapping with "federated_mode"',
        ),
        (lambda it: it.job.stop(None), "job_id is missing; it must be an id"),
        (lambda it: it.job.stop(True), "job_id must be an id"),
        (lambda it: it.job.stop(-7), "job_id must be an id"),
        (lambda it: it.job.query(7, "boss"), "role must be one of guest, host, arbiter, local"),
        (lambda it: it.job.query(7, "guest", 99.0), "party_id must be a party id"),
        (lambda it: it.job.log("", "out"), "job_id must be an id"),
        (lambda it: it.job.log(7, None), "output_path is missing; it must be a path"),
        (lambda it: it.job.config(7, "guest", 1, ""), "output_path must be a path"),
        (lambda it: it.job.list(None), "limit is missing; it must be a whole number"),
        (lambda it: it.job.generate_dsl(), "train_dsl_path is missing; it must be"),
        (lambda it: it.job.generate_dsl({}, version=3), "version must be 1 or 2"),
        (lambda it: it.job.generate_dsl({}, "nosuch"), "cpn_file_path 'nosuch' does not exist"),
        (lambda it: it.job.clean(None), "job_id is missing; it must be an id"),
        (
            lambda it: it.component.metrics(7, "guest", 1, None),
            "component_name is missing; it must be a text",
        ),
        (lambda it: it.component.metric_delete(), "date or job_id is required"),
        (lambda it: it.component.metric_delete(2021), "date must be a day as eight digits"),
        (lambda it: it.component.output_data(7, "guest", 1, "../x", "out"), "a name, not a path"),
        (lambda it: it.component.output_data(7, "guest", 1, "x", "out", "all"), "limit must be"),
        (lambda it: it.data.upload({}, drop=2), "drop must be 0 or 1"),
        (lambda it: it.data.upload({}, "loud"), "verbose must be 0 or 1"),
        (
            lambda it: it.data.upload({}),
            "file in conf_path is missing; it must be the path of the file to send",
        ),
        (lambda it: it.data.upload({"file": "nosuch.csv"}), "file in conf_path does not exist"),
        (lambda it: it.data.download(), "conf_path is missing; it must be"),
        (lambda it: it.model.load(), "Load model failed. No arguments received"),
        (lambda it: it.model.load({}, 7), "Please do not provide job id and conf path at the same"),
        (lambda it: it.model.bind(), "conf_path is missing; it must be"),
        (
            lambda it: it.model.export_model({}),
            "model_id in conf_path is missing; it must be given",
        ),
        (
            lambda it: it.model.export_model(MODEL),
            "output_path in conf_path is missing; it must be a path",
        ),
        (
            lambda it: it.model.import_model(MODEL),
            "file in conf_path is missing; it must be the path",
        ),
        (lambda it: it.model.deploy("m"), "model_version is missing; it must be given"),
        (lambda it: it.model.deploy(None, 8), "model_id is missing; it must be a text"),
        (lambda it: it.model.deploy("m", 8, [1]), "cpn_list must be a list of names"),
        (lambda it: it.model.get_model_info("m"), "model_version is missing; it must be given"),
        (lambda it: it.model.get_model_info("m", 8, odd={1}), "odd must be made of JSON values"),
        (lambda it: it.model.tag_model(7, "gold", "yes"), "remove must be 0 or 1"),
        (lambda it: it.tag.create(None), "tag_name is missing; it must be a text"),
        (lambda it: it.tag.update(""), "tag_name must be a text"),
        (lambda it: it.tag.list(-1), "limit must be a whole number from 0 on"),
        (lambda it: it.tag.query("gold", "yes"), "with_model must be 0 or 1"),
        (lambda it: it.tag.delete(5), "tag_name must be a text"),
        (lambda it: it.table.info("ns", None), "table_name is missing; it must be a text"),
        (lambda it: it.table.delete(), "namespace is missing; it must be given, with table_name"),
        (lambda it: it.privilege.grant(9999), "src_role is missing; it must be one of"),
        (lambda it: it.checkpoint.get_checkpoint("guest", 1, "m", 8, "lr_0"), "step_index or step"),
        (lambda it: it.test.toy("guest", 1), "guest_party_id must be a party id"),
    ],
)
def test_refused_before_anything_is_sent(call: Callable[[Any], Any], message: str) -> None:
    server = Server()
    with pytest.raises(ArgumentError, match=message):
        call(FlowClient(plugins=[server]))
    assert server.requests == []


def test_where_replies_are_wanted_a_refusal_is_one() -> None:
    flow = FlowClient(plugins=[Server()], on_error="reply")
    reply = flow.model.load()
    assert reply == {
        "retcode": 100,
        "retmsg": "Load model failed. No arguments received, "
        "please provide one of arguments from job id and conf path.",
    }
