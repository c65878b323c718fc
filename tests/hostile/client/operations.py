"""Uses of the client's operations, for attacks that answer them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from flowkit import FlowClient

__all__ = ["Use", "operations"]

Use = tuple[str, Callable[[FlowClient], Any]]

CONF = {"model_id": "m", "model_version": "8"}
FOUR = (7, "guest", 9999, "lr_0")
#: Method and arguments.
CALLS: list[tuple[str, tuple[Any, ...]]] = [
    ("job.submit", ({"a": 1}, {"b": 2})),
    ("job.stop", (7,)),
    ("job.query", (7,)),
    ("job.list", (3,)),
    ("job.view", ()),
    ("job.generate_dsl", ({"a": 1}, None, ["b"])),
    ("job.rerun", (7,)),
    ("job.url", (7, "guest", 9999)),
    ("component.parameters", FOUR),
    ("component.metric_all", FOUR),
    ("component.metrics", FOUR),
    ("component.output_model", FOUR),
    ("component.output_data_table", FOUR),
    ("component.list", (7,)),
    ("component.get_summary", FOUR),
    ("component.dependency", (7, "guest", 9999)),
    ("data.download", ({"namespace": "n", "output_path": "/o"},)),
    ("data.upload", ({"file": "/there", "use_local_data": 0, "table_name": "t"},)),
    ("data.upload_history", ()),
    ("task.list", ()),
    ("task.query", (7,)),
    ("model.load", (CONF,)),
    ("model.bind", ({"service_id": "s"}, 7)),
    ("model.migrate", (CONF,)),
    ("model.tag_list", (7,)),
    ("model.deploy", ("m", 8)),
    ("model.get_predict_dsl", ("m", 8)),
    ("model.get_model_info", (None, 8)),
    ("tag.create", ("gold",)),
    ("tag.query", ("gold",)),
    ("table.info", ("ns", "t")),
    ("table.bind", ("MYSQL", "t", "ns", {"port": 1})),
    ("queue.clean", ()),
    ("privilege.query", (9999, "guest")),
    ("checkpoint.list_checkpoints", ("guest", 9999, "m", 8, "lr_0")),
    ("remote_version.get", ("FATE",)),
    ("remote_version.fate", ()),
]


def operations(folder: Path) -> list[Use]:
    """Return a use of every kind of operation.

    Args:
        folder: where downloads go.
    """
    into = {"output_path": str(folder / "downloads")}
    uses = [(name, _call(name, arguments)) for name, arguments in CALLS]
    waits: list[Use] = [("job.wait", lambda flow: flow.job.wait(7, timeout=20))] * 12
    files: list[Use] = [
        ("job.config", lambda flow: flow.job.config(7, "guest", 9999, into["output_path"])),
        ("job.log", lambda flow: flow.job.log(7, into["output_path"])),
        (
            "component.output_data",
            lambda flow: flow.component.output_data(*FOUR, into["output_path"]),
        ),
        ("model.export_model", lambda flow: flow.model.export_model({**CONF, **into})),
    ]
    return uses + waits + files * 3


def _call(name: str, arguments: tuple[Any, ...]) -> Callable[[FlowClient], Any]:
    group, method = name.split(".")
    return lambda flow: getattr(getattr(flow, group), method)(*arguments)
