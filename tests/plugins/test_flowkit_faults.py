"""Faults by rule: which attempts they hit, what they do to them, and that they can be repeated."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from fakes import Server, envelope
from flowkit import (
    ConnectionFailed,
    FlowClient,
    FlowError,
    ManualClock,
    PluginError,
    Request,
    Response,
    Retry,
    ServerError,
)
from flowkit_faults import Faults, Rule, Rules, Stage, read_rules

RULES = """
seed = 7

[[rules]]
fault = "delay"
operation = "component.*"
nth = [2, 3]
probability = 0.5
seconds = { lognormal = [-2, 0.5] }

[[rules]]
fault = "answer"
path = "job/*"
status = 503
retry_after = 1
times = 3
"""


def client(*rules: Rule, attempts: int = 1, server: Server | None = None) -> FlowClient:
    plugins = [Faults(rules), server or Server()]
    return FlowClient(plugins=plugins, clock=ManualClock(), retry=Retry(attempts=attempts))


def test_a_refused_connection_may_be_tried_again_even_for_a_write() -> None:
    server = Server()
    assert client(Rule("refuse", nth=(1,)), attempts=2, server=server).tag.create("x").ok
    assert len(server.requests) == 1


def test_a_reset_comes_after_the_request_was_carried_out() -> None:
    server = Server()
    with pytest.raises(ConnectionFailed) as caught:
        client(Rule("reset"), attempts=3, server=server).tag.create("x")
    assert caught.value.sent
    assert len(server.requests) == 1


def test_a_delay_passes_on_the_clients_clock() -> None:
    flow = client(Rule("delay", seconds=3))
    before = flow.clock.monotonic()
    flow.tag.list()
    assert flow.clock.monotonic() - before == 3


@pytest.mark.parametrize(
    "seconds",
    [{"uniform": [1, 2]}, {"normal": [1, 0.1]}, {"lognormal": [0, 1]}, {"exponential": [1]}],
)
def test_a_delay_may_be_drawn_from_a_distribution(seconds: dict[str, list[float]]) -> None:
    flow = client(Rule("delay", seconds=seconds))
    flow.tag.list()
    first = flow.clock.monotonic()
    flow.tag.list()
    assert 0 < flow.clock.monotonic() - first < 60


def test_a_truncated_answer_ends_early() -> None:
    server = Server(lambda _: Response(200, {}, iter([b"0123456789"])))
    flow = client(Rule("truncate", keep=0.3), server=server)
    _, response = flow.open("job.log", {}, Request("GET", "http://flow", "/v1/x", download=True))
    assert response.read() == b"012"


def test_a_corrupt_answer_differs_in_so_many_bytes() -> None:
    server = Server(lambda _: Response(200, {}, b"x" * 100))
    flow = client(Rule("corrupt", bytes=1), server=server)
    _, response = flow.open("job.log", {}, Request("GET", "http://flow", "/v1/x", download=True))
    assert sum(byte != ord("x") for byte in response.read()) == 1


def test_an_answer_stands_for_the_servers() -> None:
    server = Server()
    with pytest.raises(ServerError, match="HTTP 502"):
        client(Rule("answer", status=502), server=server).tag.list()
    assert server.requests == []


def test_retry_after_is_sent_with_an_answer() -> None:
    flow = client(Rule("answer", times=1, retry_after=4), attempts=2)
    before = flow.clock.monotonic()
    assert flow.tag.list().ok
    assert flow.clock.monotonic() - before == 4


def test_rules_choose_by_operation_path_number_and_times() -> None:
    rules = Rules(
        [
            Rule("refuse", operation="job.*"),
            Rule("refuse", path="model/*"),
            Rule("refuse", operation="tag.list", nth=(2,)),
            Rule("refuse", operation="table.info", times=1),
        ]
    )
    asked = [
        ("job.query", "job/query"),
        ("tag.list", "model/tag/list"),
        ("tag.list", "model/tag/list"),
        ("table.info", "table/table_info"),
        ("table.info", "table/table_info"),
        ("queue.clean", "job/clean/queue"),
    ]
    assert [len(rules.hitting(*one)) for one in asked] == [1, 1, 2, 1, 0, 0]
    assert rules.hits == [1, 2, 1, 1]


def test_chances_depend_on_the_seed_and_nothing_else() -> None:
    def hits(seed: int) -> list[bool]:
        rules = Rules([Rule("refuse", probability=0.5)], seed)
        return [bool(rules.hitting("tag.list", "")) for _ in range(200)]

    assert hits(1) == hits(1) != hits(2)
    assert 60 < sum(hits(1)) < 140


@pytest.mark.parametrize("form", ["toml", "json"])
def test_rules_may_stand_in_a_file(tmp_path: Path, form: str) -> None:
    path = tmp_path / f"faults.{form}"
    rules = [{"fault": "answer", "path": "job/*", "times": 3, "retry_after": 1}]
    text = RULES if form == "toml" else json.dumps({"seed": 7, "rules": rules})
    path.write_text(text)
    last = read_rules(path).rules[-1]
    assert (last.fault, last.path, last.status, last.times) == ("answer", "job/*", 503, 3)
    flow = FlowClient(
        plugins=[Faults(path), Server(envelope([]))], clock=ManualClock(), retry=Retry(attempts=4)
    )
    assert flow.job.query("1").ok


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("rules = 1 1", "cannot be read"),
        ("other = 1", "nothing else"),
        ("[[rules]]\nfault = 'flood'", "'flood' is not a fault"),
        (
            "[[rules]]\nfault = 'delay'\nsecond = 1",
            "rule 1: 'second' is no field of a rule; there are fault,",
        ),
        ("[[rules]]\noperation = 'job.*'", "rule 1: fault is missing; it is one of refuse,"),
        (
            "[[rules]]\nfault = 'refuse'\nprobability = 'often'",
            "rule 1: probability must be from 0",
        ),
        (
            "[[rules]]\nfault = 'refuse'\ntimes = 0",
            "rule 1: times must be a whole number from 1 on",
        ),
        ("[[rules]]\nfault = 'refuse'\nnth = [0]", "rule 1: nth must be a list of numbers from 1"),
        ("[[rules]]\nfault = 'refuse'\npath = 1", "rule 1: path must be a text, got 1"),
        ("[[rules]]\nfault = 'answer'\nstatus = 99", "rule 1: status must be a whole number from"),
        ("[[rules]]\nfault = 'delay'\nseconds = 'soon'", "rule 1: seconds must be a number or one"),
        ("[[rules]]\nfault = 'delay'\nseconds = inf", "rule 1: seconds must be a number or one"),
        ("[[stages]]\nwait = nan", "stage 1: wait must be a number or one"),
        ("[[stages]]\nwait = {gamma = [1]}", "stage 1: wait must be a number or one"),
        ("rules = 1", "rules must be a list, got 1"),
        ("rules = [1]", "rule 1 must be an object, got 1"),
        ("seed = 'x'", "seed must be a whole number, got 'x'"),
        (
            "[[stages]]\nwait = -1\nfault = 'x'",
            "stage 1: 'fault' is no field of a stage; there are",
        ),
        ("[[stages]]\njitter = 0.1", "stage 1: jitter needs seconds"),
        ("[[stages]]\nseconds = 1\njitter = 2", "stage 1: jitter must be from 0 to 1, got 2"),
        ("[[stages]]\nlose = 1", "stage 1: lose must be true or false, got 1"),
        ("[[stages]]\nparty_id = 1.5", "stage 1: party_id must be a number or a text, got 1.5"),
        ("[[stages]]\nfail = 1", "stage 1: fail must be a text, got 1"),
        ("[[rules]]\nfault = 'refuse'\nprobability = 2", "probability must be from 0 to 1"),
        ("[[rules]]\nfault = 'delay'\nseconds = {uniform = [1]}", "uniform of 2"),
        ("[[rules]]\nfault = 'refuse'\nprobability = nan", "probability must be from 0 to 1"),
        (
            f"seed = '{'x' * 9999}'",
            "seed must be a whole number, got 'xxxxxxxxxxxx...xxxxxxxxxxxxx'",
        ),
        (f"seed = {'[' * 3000}", "is nested too deeply"),
    ],
)
def test_a_file_that_makes_no_sense_is_refused(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "faults.toml"
    path.write_text(text)
    with pytest.raises(PluginError, match=says):
        Faults(path)


def test_faults_are_flow_errors_like_any_other() -> None:
    flow = client(Rule("refuse"))
    with pytest.raises(FlowError):
        flow.tag.list()
    assert flow.with_options(on_error="reply").tag.list()["retcode"] == 100


STAGES = """
seed: 3
rules:
  - {fault: delay, seconds: 1, operation: tag.list}
stages:
  - {component: "hetero_lr_*", wait: 5, seconds: {uniform: [50, 60]}, jitter: 0.1}
  - {component: intersection_0, role: host, party_id: 10000, fail: no memory, probability: 0.5}
"""


def test_yaml_holds_rules_for_clients_and_stages_for_servers(tmp_path: Path) -> None:
    path = tmp_path / "faults.yaml"
    path.write_text(STAGES)
    rules = read_rules(path)

    assert [stage.component for stage in rules.stages] == ["hetero_lr_*", "intersection_0"]
    flow = FlowClient(plugins=[Faults(path), Server()], clock=ManualClock())
    before = flow.clock.monotonic()
    flow.tag.list()
    assert flow.clock.monotonic() - before == 1


def test_stages_choose_by_component_and_party() -> None:
    rules = Rules((), stages=[Stage("lr_*", role="host", party_id=7, times=2), Stage(nth=(2,))])

    def hits(component: str, *parties: tuple[str, str]) -> list[int]:
        found = [stage for stage, _ in rules.staging(component, parties)]
        return [rules.stages.index(stage) for stage in found]

    assert hits("lr_0", ("host", "7")) == [0]
    assert hits("lr_0", ("host", "8"), ("guest", "7")) == [1]
    assert hits("nn_0", ("host", "7")) == []
    assert hits("lr_1", ("guest", "1"), ("host", "7")) == [0]
    assert hits("lr_1", ("host", "7")) == []


def test_a_seed_repeats_what_stages_draw() -> None:
    def draw(seed: int) -> list[float]:
        stage = Stage(wait={"exponential": [3]}, seconds=60, jitter=0.5, probability=0.7)
        rules = Rules((), seed, [stage])
        found = [hit for _ in range(20) for hit in rules.staging("lr_0", [("guest", "1")])]
        return [
            value
            for one, chance in found
            for value in (one.delay(chance), one.duration(chance) or 0)
        ]

    assert draw(1) == draw(1)
    assert draw(1) != draw(2)
    assert all(30 <= seconds <= 90 for seconds in draw(1)[1::2])


def test_what_has_hit_nothing_is_listed() -> None:
    rules = Rules(
        [Rule("delay", operation="job.*"), Rule("reset", path="tag/*"), Rule("refuse")],
        stages=[Stage("lr_*", wait=1, fail="x"), Stage(lose=True)],
        name="faults.yaml",
    )
    rules.hitting("tag.list", "model/tag/list")

    assert rules.unmatched() == [
        "rule 1 of faults.yaml: delay of job.*",
        "rule 2 of faults.yaml: reset at tag/*",
        "stage 1 of faults.yaml: wait and fail of lr_*",
        "stage 2 of faults.yaml: lose of *",
    ]


def test_no_delay_is_longer_than_a_year() -> None:
    rules = Rules((), stages=[Stage(wait={"lognormal": [1000, 1]})])
    ((stage, chance),) = rules.staging("lr_0", [("guest", "1")])

    assert stage.delay(chance) == 366 * 24 * 3600
