"""``flowkit config``: the settings that count, and where each was set."""

from __future__ import annotations

from pathlib import Path

from terminal import answer, run


class TestConfig:
    def test_values_are_shown_with_their_origin(self, tmp_path: Path) -> None:
        path = tmp_path / "flowkit.toml"
        path.write_text("url = 'http://filed'\n[profiles.x]\nserver = '1.11'\n")
        settings = {"FLOWKIT_CONFIG": str(path), "FLOWKIT_PLUGINS": "cache"}
        assert answer(run("config", "show", "--origin", "--json", **settings)) == {
            "url": {"value": "http://filed", "origin": str(path)},
            "plugins": {
                "value": ["cache"],
                "origin": "the environment variable FLOWKIT_PLUGINS",
            },
        }
        shown = run("--profile", "x", "config", "show", **settings).stdout.splitlines()
        assert shown == [
            "setting\tvalue",
            "url\thttp://filed",
            "server\t1.11",
            "plugins\t['cache']",
        ]
