"""What is not installed is named together with the extra that brings it."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from flowkit.hooks.extras import EXTRAS, extra_for, install_hint

ROOT = Path(__file__).parents[3]
# Distributions whose packages have other names, or that bring one of another distribution.
DISTRIBUTIONS = {
    "google": "protobuf",
    "opentelemetry": "opentelemetry-api",
    "vcr": "vcrpy",
    "yaml": "vcrpy",
}
# Runs the code that follows as if the libraries that are named first were not installed.
WITHOUT = "import sys\nsys.modules.update(dict.fromkeys(sys.argv[1].split(',')))\n"


def outcome_without(libraries: str, code: str) -> str:
    """Return the last line that Python says about `code`."""
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT + code, libraries],
        check=False,
        capture_output=True,
        text=True,
        env=os.environ | {"FLOWKIT_CONFIG": ""},
        timeout=60,
    )
    return done.stderr.splitlines()[-1] if done.stderr else ""


@pytest.mark.parametrize("package", sorted(EXTRAS))
def test_every_extra_brings_what_is_said_of_it(package: str) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    requirements = project["optional-dependencies"][EXTRAS[package]]
    needed = DISTRIBUTIONS.get(package, package)
    assert any(requirement.startswith(f"{needed}>=") for requirement in requirements)


def test_a_part_of_a_package_belongs_to_the_extra_of_the_whole() -> None:
    assert extra_for(ModuleNotFoundError(name="google.protobuf")) == "mock"
    assert extra_for(ModuleNotFoundError(name="not_there")) == ""


def test_an_error_that_says_how_to_install_is_left_as_it_is() -> None:
    assert install_hint(ModuleNotFoundError("needs it", name="rich")) == (
        ": pip install 'fate-flowkit[cli]'"
    )
    assert install_hint(ModuleNotFoundError("pip install it", name="rich")) == ""
    assert install_hint(ValueError("rich")) == ""


@pytest.mark.parametrize(
    ("libraries", "code", "said"),
    [
        (
            "flask",
            "import flowkit_mockserver; flowkit_mockserver.MockServer",
            "the mock server needs flask: pip install 'fate-flowkit[mock]'",
        ),
        (
            "flask",
            "import flowkit; flowkit.FlowClient(plugins=['inprocess'])",
            "the mock server needs flask: pip install 'fate-flowkit[mock]'",
        ),
        (
            "opentelemetry",
            "import flowkit; flowkit.FlowClient(plugins=['telemetry'])",
            ": pip install 'fate-flowkit[telemetry]'",
        ),
    ],
)
def test_who_lacks_a_library_is_told_which_extra_brings_it(
    libraries: str, code: str, said: str
) -> None:
    assert outcome_without(libraries, code).endswith(said)
