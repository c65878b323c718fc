"""``flowkit plugins`` and ``flowkit config``: listed, explained, examined, begun."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from flowkit.hooks.runner import available_plugins
from flowkit_cache import Cache
from flowkit_logging import Logging
from installed import install
from terminal import answer, run

TORN = "raise RuntimeError('torn apart')"
BAD = """
from flowkit import hookimpl

class Misspelled:
    @hookimpl
    def flowkit_sing(self):
        pass

class Wishes:
    after = "nobody"

class Needs:
    def __init__(self, what):
        pass
"""


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    plugins = {
        "torn": "cli_torn:Torn",
        "misspelled": "cli_bad:Misspelled",
        "wishes": "cli_bad:Wishes",
        "needs": "cli_bad:Needs",
    }
    site = install(tmp_path / "site", "made-up", plugins, {"cli_torn": TORN, "cli_bad": BAD})
    monkeypatch.syspath_prepend(str(site))
    for name in ("cli_torn", "cli_bad"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    return site


@pytest.mark.usefixtures("site")
class TestList:
    def test_every_installed_plugin_is_listed_and_none_is_imported(self) -> None:
        rows = {row["name"]: row for row in answer(run("plugins", "--json"))}
        assert rows.keys() == available_plugins().keys()
        assert rows["torn"]["distribution"] == "made-up 1.2"
        assert "cli_torn" not in sys.modules

    def test_what_enables_or_disables_one_is_said(self) -> None:
        rows = answer(run("plugins", "--json", FLOWKIT_PLUGINS="wishes,-torn"))
        enabled = {row["name"]: row["enabled"] for row in rows}
        assert enabled["wishes"] == "FLOWKIT_PLUGINS"
        assert enabled["torn"] == "disabled by FLOWKIT_PLUGINS"
        assert enabled["needs"] == ""

    def test_without_json_it_is_a_table(self) -> None:
        assert run("plugins").stdout.splitlines()[0].startswith("name\tenabled\tobject")


class TestExplain:
    def test_who_takes_part_is_shown_in_the_order_in_which_they_run(self) -> None:
        result = run("plugins", "explain", "job.query", "--json", plugins=(Logging(), Cache()))
        steps = [(step["hook"], step["plugin"], step["part"]) for step in answer(result)]
        assert steps == [
            ("flowkit_call", "logging", "observes"),
            ("flowkit_call", "cache", "observes"),
            ("flowkit_call", "cache", "may answer"),
            ("flowkit_call", "attempts", "answers"),
            ("flowkit_send", "logging", "observes"),
            ("flowkit_send", "transport", "answers"),
        ]

    def test_the_table_names_the_operation(self) -> None:
        assert run("plugins", "explain", "job.query").stdout.startswith("job.query: POST job/query")

    def test_an_unknown_operation_is_refused_with_the_nearest(self) -> None:
        result = run("plugins", "explain", "job.qurey")
        assert result.exit_code != 0
        assert "did you mean job.query?" in result.stderr


class TestDoctor:
    @pytest.mark.usefixtures("site")
    def test_each_plugin_is_examined_and_one_that_is_broken_stops_no_other(self) -> None:
        result = run("plugins", "doctor")
        lines = [line.split("\t") for line in result.stdout.splitlines()]
        states = {line[0]: (line[2], line[3]) for line in lines if len(line) == 4}
        assert result.exit_code == 1
        assert states["torn"][0] == "broken"
        assert "RuntimeError: torn apart" in result.stdout
        assert "did you mean flowkit_sign" in states["misspelled"][1]
        assert states["wishes"] == ("fine", "knows nobody, not installed")
        assert states["needs"][0] == "needs settings"
        assert states["cache"] == ("fine", "")

    @pytest.mark.usefixtures("site")
    def test_what_is_disabled_is_not_imported(self) -> None:
        run("plugins", "doctor", "--json", FLOWKIT_PLUGINS="-torn,-misspelled")
        assert "cli_torn" not in sys.modules

    def test_the_bundled_plugins_are_well(self) -> None:
        result = run("plugins", "doctor", FLOWKIT_PLUGINS="-torn")
        assert result.exit_code == 0, result.stdout
