"""What an essential hook raises ends the call, with a note on where it comes from."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import pytest

from fakes import Server
from flowkit import FlowClient, Response, hookimpl


def plugin(title: str, **members: Any) -> Any:
    """Return a plugin of that name with these members."""
    return type(title.title(), (), {"name": title, **members})()


class Fails:
    """Fails in one hook."""

    def __init__(self, name: str, hook: str, error: Exception) -> None:
        self.name = name
        self.error = error

        @hookimpl(specname=hook)
        def fail() -> None:
            raise self.error

        self.fail = fail


class TestEssentialHooks:
    @pytest.mark.parametrize("hook", ["flowkit_call", "flowkit_send", "flowkit_sign"])
    def test_an_exception_ends_the_call_and_names_plugin_hook_and_operation(
        self, hook: str
    ) -> None:
        error = ValueError("mine")
        flow = FlowClient(plugins=[Fails("bad", hook, error), Server()])
        with pytest.raises(ValueError, match="mine") as caught:
            flow.tag.list()
        assert caught.value is error
        assert error.__notes__ == [f"raised by the plugin 'bad' in {hook} during tag.list"]

    def test_a_wrapper_that_only_passes_an_exception_on_is_not_blamed(self) -> None:
        class Watches:
            name = "watches"

            @hookimpl(wrapper=True)
            def flowkit_send(self) -> Generator[None, Response, Response]:
                return (yield)

        error = ValueError("mine")
        bad = Fails("bad", "flowkit_sign", error)
        with pytest.raises(ValueError, match="mine"):
            FlowClient(plugins=[Watches(), bad, Server()]).tag.list()
        assert error.__notes__ == ["raised by the plugin 'bad' in flowkit_sign during tag.list"]

    def test_of_two_plugins_of_one_class_the_right_one_is_blamed(self) -> None:
        class Picky:
            def __init__(self, name: str, error: Exception | None = None) -> None:
                self.name, self.error = name, error

            @hookimpl
            def flowkit_sign(self) -> None:
                if self.error:
                    raise self.error

        error = ValueError("mine")
        with pytest.raises(ValueError, match="mine"):
            FlowClient(plugins=[Picky("one"), Picky("two", error), Server()]).tag.list()
        assert "'two'" in error.__notes__[0]

    def test_what_the_core_raises_bears_no_note(self) -> None:
        with (
            FlowClient("127.0.0.1", 1) as flow,
            pytest.raises(Exception, match="refused") as caught,
        ):
            flow.queue.clean()
        assert not getattr(caught.value, "__notes__", [])

    def test_a_client_is_not_made_if_a_plugin_cannot_be_opened_and_the_others_are_closed(
        self,
    ) -> None:
        log: list[str] = []

        class Opens:
            name = "opens"

            @hookimpl
            def flowkit_client_opened(self) -> None:
                log.append("opened")

            @hookimpl
            def flowkit_client_closed(self) -> None:
                log.append("closed")

        with pytest.raises(ValueError, match="mine") as caught:
            FlowClient(plugins=[Opens(), Fails("bad", "flowkit_client_opened", ValueError("mine"))])
        assert log == ["opened", "closed"]
        assert caught.value.__notes__ == ["raised by the plugin 'bad' in flowkit_client_opened"]

    def test_groups_that_cannot_be_made_name_their_plugin(self) -> None:
        bad = Fails("bad", "flowkit_operation_groups", ValueError("mine"))
        with pytest.raises(ValueError, match="mine") as caught:
            FlowClient(plugins=[bad])
        assert caught.value.__notes__ == ["raised by the plugin 'bad' in flowkit_operation_groups"]
