"""Servers that answer each for its own party: in this process, on one database, and as processes of their own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from flowkit import FlowClient, JobFailed, OperationError
from flowkit.demo.steps import COMPONENTS, NAMESPACE
from flowkit_mockserver import MockServer
from flowkit_mockserver.store import StoreInUse
from mock_process import mock_process
from two_parties import PARTIES, conf, dsl, train, upload_as

Pair = tuple[FlowClient, FlowClient]


@contextmanager
def in_process(**options: Any) -> Iterator[Pair]:
    with (
        MockServer(own_party=9999, **options) as mock,
        mock.for_party(10000) as partner,
        mock.client() as guest,
        partner.client() as host,
    ):
        yield guest, host


@contextmanager
def on_a_database(database: str, **options: Any) -> Iterator[Pair]:
    with (
        MockServer(own_party=9999, database=database, **options) as mock,
        MockServer(own_party=10000, database=database, **options) as partner,
        mock.client() as guest,
        partner.client() as host,
    ):
        yield guest, host


@contextmanager
def as_processes(database: str) -> Iterator[Pair]:
    options = ("--database", database, "--executor", "thread", "--own-party")
    with (
        mock_process(*options, "9999") as mock,
        mock_process(*options, "10000") as partner,
        FlowClient(mock.url) as guest,
        FlowClient(partner.url) as host,
    ):
        yield guest, host


@pytest.fixture(scope="module")
def pair() -> Iterator[Pair]:
    """Two servers in this process."""
    with in_process() as found:
        yield found


@pytest.fixture(scope="module")
def job_id(pair: Pair) -> str:
    """A training on both of them."""
    return str(train(*pair).job_id)


def rows(reply: Any) -> set[tuple[str, str]]:
    return {(row["f_role"], row["f_party_id"]) for row in reply.data}


# What every arrangement does


def check_flow(guest: FlowClient, host: FlowClient, folder: Path) -> None:
    """Train, look at both servers, deploy and predict."""
    trained = train(guest, host)
    job_id = trained.job_id
    assert rows(guest.job.query(job_id)) == {("guest", "9999")}
    assert rows(host.job.query(job_id)) == {("host", "10000"), ("arbiter", "10000")}
    for flow, role in ((guest, "guest"), (host, "host")):
        party = PARTIES[role]
        got = flow.component.output_data(job_id, role, party, "feature_scale_0", folder / role)
        assert (Path(got["directory"]) / "data.csv").is_file()
        model = flow.component.output_model(job_id, role, PARTIES[role], "hetero_lr_0").data
        assert model["weight"]
        assert flow.model.get_model_info(model_version=job_id, role=role).data

    model = guest.model.deploy(trained.model_id, trained.model_version, COMPONENTS)
    assert rows(host.model.get_model_info(model_version=model.model_version)) == {
        ("host", "10000"),
        ("arbiter", "10000"),
    }
    predicting: dict[str, Any] = guest.model.get_predict_conf(
        trained.model_id, model.model_version
    ).data
    predicting["job_parameters"]["common"] |= {"work_mode": 1, "backend": 0}
    for role in PARTIES:
        table = {"name": role, "namespace": NAMESPACE}
        predicting["component_parameters"]["role"][role]["0"]["reader_0"]["table"] = table
    predicted = guest.job.submit(predicting).job_id
    assert guest.job.wait(predicted).data["status"] == "success"
    assert rows(host.job.query(predicted)) == {("host", "10000"), ("arbiter", "10000")}


def test_two_parties_train_and_predict_in_process(tmp_path: Path) -> None:
    with in_process() as pair:
        check_flow(*pair, tmp_path)


def test_two_parties_train_and_predict_on_one_database(database: str, tmp_path: Path) -> None:
    with on_a_database(database) as pair:
        check_flow(*pair, tmp_path)


def test_two_parties_train_and_predict_as_processes(database: str, tmp_path: Path) -> None:
    with as_processes(database) as pair:
        check_flow(*pair, tmp_path)


# What is whose


def test_tables_are_those_of_the_party_they_were_uploaded_at(pair: Pair, job_id: str) -> None:
    guest, host = pair
    assert [flow.table.info(NAMESPACE, "guest").data["exist"] for flow in pair] == [1, 0]
    assert [flow.table.info(NAMESPACE, "host").data["exist"] for flow in pair] == [0, 1]
    assert upload_as(guest, "guest", "same") != 0
    assert upload_as(host, "host", "same") != 0
    schemas = [flow.table.info(NAMESPACE, "same").data["schema"]["header"] for flow in pair]
    assert schemas[0].startswith("y,")
    assert not schemas[1].startswith("y,")


def test_a_job_reads_each_party_s_table_at_its_server(tmp_path: Path) -> None:
    with in_process() as (guest, host):
        upload_as(guest, "guest")
        upload_as(guest, "host")  # at the wrong server
        job_id = guest.job.submit(conf(), dsl()).job_id
        with pytest.raises(JobFailed, match="reader_0 on host/10000"):
            guest.job.wait(job_id)
        log = host.job.log(job_id, tmp_path)
        text = "".join(path.read_text() for path in Path(log["directory"]).rglob("*.log"))
        assert "can not found table name: host namespace: flowkit_demo" in text


def test_the_server_of_the_initiator_has_the_tasks_of_all(pair: Pair, job_id: str) -> None:
    guest, host = pair
    mine, theirs = (guest.task.query(job_id).data, host.task.query(job_id).data)
    assert {row["f_role"] for row in mine} == {"guest", "host", "arbiter"}
    assert {row["f_role"] for row in theirs} == {"host", "arbiter"}
    (reported,) = (
        row for row in mine if (row["f_role"], row["f_component_name"]) == ("host", "hetero_lr_0")
    )
    (own,) = (
        row for row in theirs if (row["f_role"], row["f_component_name"]) == ("host", "hetero_lr_0")
    )
    same = ("f_status", "f_party_status", "f_start_time", "f_end_time", "f_elapsed")
    assert [reported[name] for name in same] == [own[name] for name in same]
    assert (reported["f_run_on_this_party"], own["f_run_on_this_party"]) == (False, True)
    assert (reported["f_run_ip"], reported["f_run_pid"]) == (None, None)
    assert own["f_run_pid"] is not None


def test_outputs_are_at_the_party_s_own_server(pair: Pair, job_id: str) -> None:
    guest, host = pair
    assert guest.component.metrics(job_id, "guest", 9999, "evaluation_0").data
    assert not host.component.metrics(job_id, "guest", 9999, "evaluation_0").data
    with pytest.raises(OperationError):
        guest.component.output_model(job_id, "host", 10000, "hetero_lr_0")
    # For the names of tables the server of the party is asked.
    named = guest.component.output_data_table(job_id, "host", 10000, "dataio_0").data
    assert named == host.component.output_data_table(job_id, "host", 10000, "dataio_0").data
    table = (named[0]["table_namespace"], named[0]["table_name"])
    assert [flow.table.info(*table).data["exist"] for flow in pair] == [0, 1]


def test_uploads_are_jobs_of_the_server_alone(pair: Pair, job_id: str) -> None:
    guest, host = pair
    upload = guest.data.upload_history().data
    assert upload
    for entry in upload:
        (upload_id,) = entry
        assert not host.job.query(upload_id).data
        assert rows(guest.job.query(upload_id)) == {("local", "0")}


def test_logs_are_those_of_the_party(pair: Pair, job_id: str, tmp_path: Path) -> None:
    for flow, there, absent in ((pair[0], "guest", "host"), (pair[1], "host", "guest")):
        found = flow.job.log(job_id, tmp_path / there)
        names = {path.name for path in Path(found["directory"]).iterdir()}
        assert there in names
        assert absent not in names


def test_tags_are_those_of_the_server(pair: Pair) -> None:
    guest, host = pair
    guest.tag.create("approved")
    assert "approved" not in str(host.tag.list(limit=10))


# What one server asks of another


def test_a_partner_stops_the_job_for_all() -> None:
    with in_process(pace="manual") as (guest, host):
        job_id = guest.job.submit(conf(), dsl()).job_id
        assert host.job.stop(job_id).ok
        assert guest.job.query(job_id).data[0]["f_status"] == "canceled"


def test_a_server_without_a_part_knows_nothing_of_a_job() -> None:
    with (
        MockServer(own_party=9999) as mock,
        mock.for_party(10000) as partner,
        mock.for_party(20000) as stranger,
        mock.client() as guest,
        partner.client() as host,
        stranger.client() as other,
    ):
        job_id = train(guest, host).job_id
        assert not other.job.query(job_id).data
        for ask in (other.job.stop, other.job.rerun):
            with pytest.raises(OperationError, match="can not found job"):
                ask(job_id)
        assert guest.job.query(job_id).data[0]["f_status"] == "success"


def test_a_partner_may_submit_for_the_initiator_but_predicts_with_models_of_its_own() -> None:
    with in_process() as (guest, host):
        trained = train(guest, host)
        job_id = host.job.submit(conf(), dsl()).job_id
        assert guest.job.wait(job_id).data["status"] == "success"

        version = guest.model.deploy(
            trained.model_id, trained.model_version, COMPONENTS
        ).model_version
        predicting = guest.model.get_predict_conf(trained.model_id, version).data
        with pytest.raises(OperationError):
            host.job.submit(predicting)


def test_a_standalone_job_stays_at_the_server_it_was_submitted_at() -> None:
    with in_process() as (guest, host):
        for role in PARTIES:
            upload_as(guest, role)
        job_id = guest.job.submit(conf(work_mode=0), dsl()).job_id
        assert guest.job.wait(job_id).data["status"] == "success"
        assert ("host", "10000") in rows(guest.job.query(job_id))
        assert not host.job.query(job_id).data


def test_parties_of_a_later_line_grant_each_other_permissions() -> None:
    with in_process(fate_version="1.11.2", permissions=True) as (guest, host):
        upload_as(guest, "guest")
        upload_as(host, "host")
        with pytest.raises(OperationError, match=r"host/10000.*permission check failed"):
            guest.job.submit(conf(), dsl(later=True))
        table = {"name": "host", "namespace": NAMESPACE}
        # Of no use: it is for the host to grant.
        guest.privilege.grant(9999, component="*", dataset=table)
        with pytest.raises(OperationError, match=r"host/10000.*permission check failed"):
            guest.job.submit(conf(), dsl(later=True))
        host.privilege.grant(9999, component="*", dataset=table)
        job_id = guest.job.submit(conf(), dsl(later=True)).job_id
        assert guest.job.wait(job_id).data["status"] == "success"


def test_each_party_answers_in_a_namespace_as_well() -> None:
    with MockServer(own_party=9999) as mock, mock.for_party(10000) as partner:
        with mock.namespace("a").client() as guest, partner.namespace("a").client() as host:
            train(guest, host)
        with partner.client() as other:
            assert not other.table.info(NAMESPACE, "host").data["exist"]


def test_a_snapshot_holds_what_all_parties_have() -> None:
    with MockServer(own_party=9999) as mock, mock.for_party(10000) as partner:
        with mock.client() as guest, partner.client() as host:
            job_id = train(guest, host).job_id
            guest.tag.create("approved")
            taken = mock.snapshot()
        other = MockServer(own_party=10000)
        with other, other.client() as again:
            other.restore(taken)
            assert rows(again.job.query(job_id)) == {("host", "10000"), ("arbiter", "10000")}
            assert again.table.info(NAMESPACE, "host").data["exist"] == 1


# What goes wrong


def test_one_server_for_all_parties_and_one_of_a_party_have_no_common_state(database: str) -> None:
    with (
        MockServer(own_party=9999, database=database),
        pytest.raises(StoreInUse, match="own-party"),
    ):
        MockServer(database=database)


def test_wrong_parties_are_refused() -> None:
    with pytest.raises(ValueError, match=r"own_party must be the id of a party.*got 'guest'"):
        MockServer(own_party="guest")
    with pytest.raises(ValueError, match=r"site_party must be 9999, got 10000"):
        MockServer(own_party=9999, site_party=10000, fate_version="1.11.2")
    with MockServer() as mock, pytest.raises(ValueError, match=r"MockServer\(own_party=\.\.\.\)"):
        mock.for_party(10000)
    with MockServer(own_party=9999) as mock, pytest.raises(ValueError, match="other than 9999"):
        mock.for_party("9999")


def test_a_partner_is_closed_with_the_server() -> None:
    mock = MockServer(own_party=9999)
    partner = mock.for_party(10000, port=0)
    assert partner.port
    mock.close()
    assert partner.port is None
