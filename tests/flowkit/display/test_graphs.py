"""The graph of a job as SVG."""

from __future__ import annotations

import xml.etree.ElementTree as ET

from flowkit.display.graphs import dag_svg
from flowkit.results import Dag, read_dag

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = "</svg><script>x</script>"


def test_a_box_for_each_component_and_an_arrow_for_each_input() -> None:
    dsl = {
        "components": {
            "a": {"module": "Reader"},
            "b": {"module": "Reader"},
            HOSTILE: {"module": "Union", "input": {"data": {"data": ["a.data", "b.data"]}}},
        }
    }
    rows = [{"f_component_name": "a", "f_role": "guest", "f_party_id": 1, "f_status": "failed"}]
    made = ET.fromstring(dag_svg(read_dag(dsl, rows)))
    assert len(list(made.iter(f"{SVG}rect"))) == 3
    assert len(list(made.iter(f"{SVG}path"))) == 2
    assert str(made.get("aria-label")).startswith("Components of the job. a: failed; b: waiting")
    assert not list(made.iter("script"))


def test_a_job_without_components() -> None:
    assert ET.fromstring(dag_svg(Dag((), ()))).tag == f"{SVG}svg"
