"""Predicting with models of a real FATE 1.6.1, which have the fields of its buffers and no others."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from component_bench import GUEST, HOST, column, run
from flowkit_mockserver.components.core.instance import Instances
from flowkit_mockserver.components.core.interface import Model, TableData

RECORDED: dict[str, Any] = json.loads(
    (Path(__file__).parent / "data" / "hetero_lr.json").read_text(encoding="utf-8")
)


def table(role: str) -> TableData:
    first = 2 if role == "guest" else 1
    lines = [line.split(",") for line in RECORDED["rows"][role]]
    labels = [int(line[1]) for line in lines] if role == "guest" else None
    header = RECORDED["header"][role].split(",")[first:]
    rows = [[float(cell) for cell in line[first:]] for line in lines]
    return Instances.from_rows([line[0] for line in lines], rows, labels, None, header).table()


def model(role: str, *, intercept: bool) -> Model:
    meta = {"fitIntercept": intercept, "needOneVsRest": False}
    return Model("HeteroLR", "m", meta, "p", RECORDED["models"][role]["data"], "x", "y")


def test_a_model_of_the_real_server_predicts() -> None:
    models = {GUEST: model("guest", intercept=True), HOST: model("host", intercept=False)}
    inputs = {GUEST: {"test_data": table("guest")}, HOST: {"test_data": table("host")}}

    results = run("HeteroLR", inputs, models=models, job_type="predict")

    recorded = [float(line.split(",")[3]) for line in RECORDED["predictions"]]
    assert column(results[GUEST].tables[0], 2) == pytest.approx(recorded, rel=1e-9)
