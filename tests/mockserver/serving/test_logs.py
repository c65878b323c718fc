"""What is logged is a line of text or of JSON, and holds no secret."""

from __future__ import annotations

import json
import logging
import sys

import pytest

from flowkit_mockserver.serving.logs import configure_logs, formatter


def test_a_line_of_json_has_time_level_logger_message_and_fields(
    capsys: pytest.CaptureFixture[str],
) -> None:
    configure_logs("json", "info")
    logging.getLogger("some.where").info("job %s ended", "j1", extra={"status": 200})
    # A connection of an earlier test may end now, which is logged as well.
    (line,) = (line for line in capsys.readouterr().err.splitlines() if "some.where" in line)
    entry = json.loads(line)
    assert entry.pop("time").endswith("+00:00")
    assert entry == {
        "level": "INFO",
        "logger": "some.where",
        "message": "job j1 ended",
        "status": 200,
    }


def test_a_line_of_text_has_time_level_logger_and_message(
    capsys: pytest.CaptureFixture[str],
) -> None:
    configure_logs("text", "warning")
    logging.getLogger("some.where").info("not shown")
    logging.getLogger("some.where").warning("shown")
    assert capsys.readouterr().err.endswith(" WARNING some.where: shown\n")


def test_to_configure_logs_again_takes_the_place_of_before(
    capsys: pytest.CaptureFixture[str],
) -> None:
    configure_logs("json", "info")
    configure_logs("text", "info")
    logging.getLogger("some.where").warning("shown once")
    assert len(capsys.readouterr().err.splitlines()) == 1


@pytest.mark.parametrize("kind", ["text", "json"])
def test_secrets_are_not_logged(kind: str, capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("json" if kind == "json" else "text", "info")
    logging.getLogger("x").warning("cannot reach %s", "postgresql://me:s3cret@db/flow")
    text = capsys.readouterr().err
    assert "cannot reach postgresql://" in text
    assert "s3cret" not in text


def test_json_without_its_library_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("pythonjsonlogger", "pythonjsonlogger.json"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(ValueError, match=r"pip install 'fate-flowkit\[service\]'"):
        formatter("json")
