"""A state is opened by a server of the line that wrote it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from flowkit_mockserver import StateDamaged
from flowkit_mockserver.command import mock as command
from jobbing import bench


@pytest.fixture(params=["data", "database"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> dict[str, Any]:
    if request.param == "data":
        return {"data": tmp_path / "state"}
    pytest.importorskip("sqlalchemy", reason="the extra database is not installed")
    return {"database": f"sqlite:///{tmp_path}/state.sqlite3"}


def test_another_line_does_not_open_it(place: dict[str, Any]) -> None:
    with bench(fate_version="1.11.4", **place) as mock:
        job_id = mock.submit()

    with (
        pytest.raises(
            StateDamaged, match=r"of a server of FATE 1\.11\.4, and this one is FATE 1\.6\.1"
        ) as caught,
        bench(fate_version="1.6.1", **place),
    ):
        pass
    assert "start it with --fate-version 1.11.4, or keep" in str(caught.value)
    with bench(fate_version="1.11.2", **place) as mock:
        assert mock.rows(job_id=job_id)


def test_a_state_that_holds_nothing_is_of_whoever_opens_it(tmp_path: Path) -> None:
    for version in ("1.11.4", "1.6.1"):
        with bench(fate_version=version, data=tmp_path) as mock:
            mock.submit()
            assert mock.http.post("/_flowkit/reset", json={}).status_code == 200
    with bench(fate_version="1.6.1", data=tmp_path) as mock:
        mock.submit()

    with (
        pytest.raises(StateDamaged, match=r"FATE 1\.6\.1, and this one is FATE 1\.9"),
        bench(fate_version="1.9", data=tmp_path),
    ):
        pass


def test_the_command_says_so_and_ends(tmp_path: Path) -> None:
    with bench(fate_version="1.11.4", data=tmp_path) as mock:
        mock.submit()

    result = CliRunner().invoke(command, ["--data", str(tmp_path), "--port", "0"])

    assert result.exit_code == 1
    assert f"the state in {tmp_path} is that of a server of FATE 1.11.4" in result.output
    assert "Traceback" not in result.output
