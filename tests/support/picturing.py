"""Takes the pictures of the board that the documentation shows: ``python tests/support/picturing.py``."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from browsing import chromium
from flowkit import FlowClient, JobFailed, demo
from flowkit_mockserver import MockServer

if TYPE_CHECKING:
    from playwright.sync_api import Browser

__all__ = ["PICTURES", "branching_job", "take_pictures"]

PICTURES = Path(__file__).parents[2] / "docs" / "pictures"
VIEW = {"width": 1120, "height": 720}
#: By picture, what stands at its top, where that is not the top of the page.
SHOWN = {
    "board-job": "nav.tabs",
    "board-evaluation": "#metrics",
    "board-binning": "#model",
    "board-trees": "#model",
}


def branching_job() -> tuple[dict[str, Any], dict[str, Any]]:
    """Return configuration and DSL of a job that bins, selects, and trains two models on the demo's tables."""
    conf = json.loads((demo.DATA / "train_conf.json").read_text("utf-8"))
    dsl = json.loads((demo.DATA / "train_dsl.json").read_text("utf-8"))
    conf, components = copy.deepcopy(conf), dsl["components"]
    data = {"data": {"data": ["intersection_0.data"]}}
    both = {"data": ["data"], "model": ["model"]}
    components["hetero_feature_binning_0"] = {
        "module": "HeteroFeatureBinning", "input": data, "output": both,
    }  # fmt: skip
    components["hetero_secureboost_0"] = {
        "module": "HeteroSecureBoost",
        "input": {"data": {"train_data": ["hetero_feature_binning_0.data"]}},
        "output": both,
    }
    components["hetero_pearson_0"] = {
        "module": "HeteroPearson", "input": {"data": {"data": ["feature_scale_0.data"]}},
        "output": {"data": ["data"], "model": ["model"]},
    }  # fmt: skip
    components["evaluation_1"] = {
        "module": "Evaluation",
        "input": {"data": {"data": ["hetero_secureboost_0.data"]}},
        "output": {"data": ["data"]},
    }
    common = conf["component_parameters"]["common"]
    common["hetero_secureboost_0"] = {
        "task_type": "classification", "objective_param": {"objective": "cross_entropy"},
        "num_trees": 5, "bin_num": 16, "encrypt_param": {"method": "iterativeAffine"},
        "tree_param": {"max_depth": 3},
    }  # fmt: skip
    common["hetero_feature_binning_0"] = {
        "method": "quantile",
        "bin_num": 6,
        "bin_indexes": -1,
        "local_only": False,
        "transform_param": {"transform_cols": None},
    }
    common["hetero_pearson_0"] = {"column_indexes": -1}
    common["evaluation_1"] = {"eval_type": "binary"}
    return conf, dsl


@contextmanager
def pages() -> Iterator[dict[str, str]]:
    """Run a mock; the addresses of the pages that are pictured, by the names of the pictures."""
    with MockServer(port=0, pace="manual") as mock, mock.client() as flow:
        for role, _ in (demo.GUEST, demo.HOST):
            demo.upload(flow, role)
        done = flow.job.submit(*branching_job()).job_id
        flow.job.wait(done)
        mock.fail("hetero_lr_0", "the loss is not a number", times=1)
        failed = demo.train(flow).job_id
        with suppress(JobFailed):
            flow.job.wait(failed)
        running = flow.job.submit(*branching_job()).job_id
        while _status(flow, running, "hetero_lr_0") != "running":
            assert mock.advance_to_next_event() is not None

        def page(path: str, **query: str) -> str:
            return f"{mock.url}/board/{path}?{urlencode(query)}"

        def component(name: str, role: str = "guest", party_id: str = "9999") -> str:
            return page("component", job_id=done, role=role, party_id=party_id, component=name)

        yield {
            "board-jobs": page(""),
            "board-job": page("job", job_id=running),
            "board-failed": page("job", job_id=failed),
            "board-evaluation": component("evaluation_0"),
            "board-binning": component("hetero_feature_binning_0"),
            "board-trees": component("hetero_secureboost_0"),
            "board-compare": f"{mock.url}/board/compare?job_id={done}&job_id={failed}",
        }


def _status(flow: FlowClient, job_id: str, component: str) -> str:
    (row,) = flow.task.query(job_id, role="guest", component_name=component).rows
    return str(row["f_party_status"])


def take_pictures(browser: Browser, folder: Path) -> list[Path]:
    """Take the pictures into a folder and return them; the one of trees in the dark.

    Args:
        browser: what shows the pages.
        folder: where the pictures are written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    taken = []
    with pages() as addresses:
        for name, address in addresses.items():
            scheme: Any = "dark" if name == "board-trees" else "light"
            context = browser.new_context(
                viewport=VIEW, color_scheme=scheme, reduced_motion="reduce"
            )
            page = context.new_page()
            page.goto(address)
            page.evaluate("document.fonts.ready")
            if name in SHOWN:
                page.locator(SHOWN[name]).first.evaluate("place => place.scrollIntoView()")
            taken.append(folder / f"{name}.png")
            page.screenshot(path=taken[-1])
            context.close()
    return taken


if __name__ == "__main__":
    with chromium() as found:
        for picture in take_pictures(found, PICTURES):
            print(picture, picture.stat().st_size)
