"""What is installed."""

from __future__ import annotations

from importlib import metadata

from flowkit.doctor.finding import State
from flowkit.doctor.versions import examine_versions


def test_all_that_is_there_is_listed() -> None:
    (finding,) = examine_versions()
    assert finding.state is State.OK
    assert "Python 3." in finding.text
    assert "urllib3 " in finding.text


def test_a_library_that_is_too_old_is_a_problem() -> None:
    def installed(name: str) -> str:
        return "7.1.2" if name == "click" else metadata.version(name)

    _, old = examine_versions(installed)
    assert old.state is State.PROBLEM
    assert old.text.startswith("click 7.1.2 is older than 8.1")
    assert old.mend.startswith("pip install 'click>=8.1")


def test_a_release_candidate_counts_as_its_release() -> None:
    def installed(name: str) -> str:
        return "8.5.0rc1" if name == "click" else metadata.version(name)

    assert len(list(examine_versions(installed))) == 1


def test_flowkit_that_is_not_installed_finds_no_plugins() -> None:
    def installed(name: str) -> str:
        raise metadata.PackageNotFoundError(name)

    (finding,) = examine_versions(installed)
    assert finding.state is State.WARNING
    assert "runs without being installed" in finding.text
