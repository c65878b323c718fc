"""The files in deploy/: what a parser or schema of their format accepts, and nothing that flowkit does not have."""

from __future__ import annotations

import importlib.util
import json
import re
import shlex
import tomllib
from pathlib import Path
from typing import Any

import jsonschema
import kubernetes_validate
import pytest
import yaml
from dockerfile_parse import DockerfileParser

from flowkit import config
from flowkit_mockserver.command import mock
from flowkit_mockserver.options import OTHERS, settable, variable
from import_graph import ROOT

DEPLOY = ROOT / "deploy"
FILES = sorted(path for path in DEPLOY.iterdir() if path.is_file())
OPTIONS = dict(settable(mock))
#: What compose puts in by itself, from the environment of whoever calls it.
PASSWORD = "FLOWKIT_DATABASE_PASSWORD"
VARIABLES = (
    {variable(name) for name in OPTIONS}
    | {PASSWORD}
    | OTHERS
    | set(config.VARIABLES.values())
    | {config.CONFIG}
)
KUBERNETES = "1.31"


def load(name: str) -> Any:
    return yaml.safe_load((DEPLOY / name).read_text("utf-8"))


def vendored_schema(name: str) -> Any:
    """Return one of the schemas that come with check-jsonschema, which is not imported for it."""
    found = importlib.util.find_spec("check_jsonschema")
    assert found is not None
    assert found.origin is not None
    place = Path(found.origin).parent / "builtin_schemas" / "vendor" / f"{name}.json"
    return json.loads(place.read_text("utf-8"))


def manifests() -> list[Any]:
    return list(yaml.safe_load_all((DEPLOY / "kubernetes.yaml").read_text("utf-8")))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_variable_is_one_of_flowkit(path: Path) -> None:
    text = "\n".join(
        line for line in path.read_text("utf-8").splitlines() if not line.lstrip().startswith("#")
    )
    for name in re.findall(r"\bFLOWKIT_[A-Z_]+\b", text):
        assert name in VARIABLES


def test_every_option_and_value_is_one_that_the_command_takes() -> None:
    given = dict(load("compose.yaml")["services"]["fate-flow"]["environment"])
    container = manifests()[1]["spec"]["template"]["spec"]["containers"][0]
    given |= {one["name"]: one["value"] for one in container["env"] if "value" in one}
    given |= {name: value for name, value in docker().envs.items() if name.startswith("FLOWKIT_M")}
    assert len(given) > 5
    by_variable = {variable(name): option for name, option in OPTIONS.items()}
    for name, value in given.items():
        option = by_variable[name]
        for one in shlex.split(value) if option.multiple else [value]:
            option.type.convert(one, option, None)
    for step in load("github-actions.yaml")["jobs"]["beside"]["steps"]:
        for line in step.get("run", "").splitlines():
            words = shlex.split(line.removesuffix("&"))
            if words[:2] == ["flowkit", "mock"]:
                mock.make_context("mock", words[2:])


@pytest.mark.parametrize(
    ("file", "schema"),
    [("compose.yaml", "compose-spec"), ("github-actions.yaml", "github-workflows")],
)
def test_a_file_fits_the_schema_of_its_format(file: str, schema: str) -> None:
    document = load(file)
    if True in document:  # YAML 1.1 takes `on` for true
        document["on"] = document.pop(True)
    rules = vendored_schema(schema)
    jsonschema.validators.validator_for(rules)(rules).validate(document)


@pytest.mark.parametrize("number", range(len(manifests())))
def test_a_manifest_fits_the_schema_of_kubernetes(number: int) -> None:
    kubernetes_validate.validate(manifests()[number], KUBERNETES, strict=True)


def test_the_manifests_belong_together() -> None:
    budget, deployment, service = manifests()
    pod = deployment["spec"]["template"]
    (container,) = pod["spec"]["containers"]
    assert service["spec"]["selector"].items() <= pod["metadata"]["labels"].items()
    assert deployment["spec"]["selector"]["matchLabels"] == service["spec"]["selector"]
    assert budget["spec"]["selector"] == deployment["spec"]["selector"]
    assert deployment["spec"]["replicas"] > budget["spec"]["minAvailable"]
    assert {one["name"] for one in container["volumeMounts"]} == {
        one["name"] for one in pod["spec"]["volumes"]
    }
    # Kubernetes would set FLOWKIT_MOCK_PORT for a service of that name.
    assert service["metadata"]["name"] != "flowkit-mock"
    assert pod["spec"]["enableServiceLinks"] is False
    values = {one["name"]: one.get("value", "") for one in container["env"]}
    takes = float(values["FLOWKIT_MOCK_DRAIN"]) + float(values["FLOWKIT_MOCK_STOP_TIMEOUT"])
    assert takes < pod["spec"]["terminationGracePeriodSeconds"]


def test_probes_ask_what_the_server_answers_at_the_port_that_is_its_default() -> None:
    container = manifests()[1]["spec"]["template"]["spec"]["containers"][0]
    paths = {
        container[f"{kind}Probe"]["httpGet"]["path"]
        for kind in ("startup", "liveness", "readiness")
    }
    assert paths == {"/healthz", "/readyz"}
    port = OPTIONS["port"].default
    assert container["ports"][0]["containerPort"] == port
    assert load("compose.yaml")["services"]["fate-flow"]["ports"] == [f"127.0.0.1:{port}:{port}"]


def docker() -> DockerfileParser:
    return DockerfileParser(str(DEPLOY / "Dockerfile"))


def instructions(name: str) -> list[str]:
    return [one["value"] for one in docker().structure if one["instruction"] == name]


def test_the_image_runs_the_command_as_a_user_without_rights() -> None:
    parsed = docker()
    assert parsed.is_multistage
    assert [one["instruction"] for one in parsed.structure if one["instruction"] != "COMMENT"][
        :2
    ] == ["ARG", "FROM"]
    assert json.loads(instructions("ENTRYPOINT")[-1]) == ["flowkit", "mock"]
    assert instructions("USER")[-1] == "10001:10001"
    assert instructions("EXPOSE") == [str(OPTIONS["port"].default)]
    assert not [one for one in instructions("FROM") if one.endswith(":latest")]
    probe = instructions("HEALTHCHECK")[0].partition("CMD ")[2]
    compile(json.loads(probe)[2], "HEALTHCHECK", "exec")


def test_the_image_is_made_of_extras_that_exist_and_files_that_are_let_in() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = re.search(r"'\.\[([a-z,]+)\]'", "".join(instructions("RUN")))
    assert extras is not None
    assert set(extras[1].split(",")) <= project["optional-dependencies"].keys()
    ignored = (DEPLOY / "Dockerfile.dockerignore").read_text("utf-8").splitlines()
    let_in = {line[1:] for line in ignored if line.startswith("!")}
    for name in let_in:
        assert (ROOT / name).exists(), name
    assert {"flowkit", "flow_sdk", "plugins", "mockserver", "cassettes", "hatch_build.py"} <= let_in


def test_the_page_about_it_names_every_file() -> None:
    text = (ROOT / "docs/howto/deploy.md").read_text("utf-8")
    for path in FILES:
        assert f"deploy/{path.name}" in text
