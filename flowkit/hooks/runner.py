"""The hooks of one client: one method each, typed, so that nothing else touches pluggy.

A plugin is handed over as an object, or named: where a client is made, in the environment variable
``FLOWKIT_PLUGINS`` (names separated by commas), or in the configuration file.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any

import pluggy

from flowkit.call.messages import Response
from flowkit.errors import FlowError, PluginError
from flowkit.hooks.attribution import CORE, attribute, describe_source
from flowkit.hooks.loading import (
    ENTRY_POINTS,
    Choice,
    PluginRecord,
    available_plugins,
    environment_plugins,
    load_plugin,
    plugin_factory,
)
from flowkit.hooks.registry import LOG, Registry
from flowkit.hooks.table import HOOKS

if TYPE_CHECKING:
    from flowkit.call.model import Call, JobState, Request, Session
    from flowkit.groups.base import Group

__all__ = [
    "ENTRY_POINTS",
    "Choice",
    "Hooks",
    "PluginRecord",
    "available_plugins",
    "environment_plugins",
    "load_plugin",
    "plugin_factory",
]


class Hooks(Registry):
    """A client's plugins, and a method for each hook that runs them.

    What an essential hook raises gets a note that names the plugin; what an observer raises is
    logged, the first time.
    """

    def __init__(self, plugins: Iterable[object | str] = (), *, strict: bool = False) -> None:
        self._reported: set[tuple[str, str]] = set()
        super().__init__(plugins, strict=strict)

    def groups(self) -> Iterator[Mapping[str, type[Group]]]:
        """Run ``flowkit_operation_groups``: the built-in groups first."""
        try:
            found = self.manager.hook.flowkit_operation_groups()
        except Exception as error:
            self._attribute(error, "")
            raise
        yield from reversed(found)

    def client_opened(self, client: Session, plugin: object = None) -> None:
        """Run ``flowkit_client_opened``, of all plugins or of one.

        If one fails, those that were opened before it are closed again.
        """
        opened: list[object] = []
        for one in self.implementations("flowkit_client_opened"):
            if plugin is None or one.plugin is plugin:
                try:
                    _run(one, client=client)
                except Exception as error:
                    self._attribute(error, "")
                    for other in reversed(opened):
                        self.client_closed(client, other)
                    raise
                opened.append(one.plugin)

    def client_closed(self, client: Session, plugin: object = None) -> None:
        """Run ``flowkit_client_closed``, of all plugins or of one, in the opposite order."""
        for one in reversed(self.implementations("flowkit_client_closed")):
            if plugin is None or one.plugin is plugin:
                self._observe(one, "", client=client)

    def call(self, call: Call) -> Response:
        """Run ``flowkit_call`` and return its answer."""
        __tracebackhide__ = True
        try:
            response: object = self._run_call(call=call)
        except Exception as error:
            self._attribute(error, call.operation.name)
            error.__traceback__ = _without_pluggy(error.__traceback__)
            raise
        if not isinstance(response, Response):
            raise self._no_answer("flowkit_call", call.operation.name, response)
        return response

    def send(self, call: Call, request: Request) -> Response:
        """Run ``flowkit_send`` and return its answer."""
        __tracebackhide__ = True
        try:
            response: object = self._run_send(call=call, request=request)
        except Exception as error:
            self._attribute(error, call.operation.name)
            error.__traceback__ = _without_pluggy(error.__traceback__)
            raise
        if not isinstance(response, Response):
            raise self._no_answer("flowkit_send", call.operation.name, response)
        return response

    def sign(self, call: Call, request: Request) -> None:
        """Run ``flowkit_sign``; it is part of an attempt, which attributes what it raises."""
        if self._run_sign is not None:
            self._run_sign(call=call, request=request)

    def transferred(self, call: Call, done: int, total: int | None) -> None:
        """Run ``flowkit_transferred``."""
        for one in self._following_transfers:
            self._observe(one, call.operation.name, call=call, done=done, total=total)

    def job_changed(self, client: Session, job: JobState) -> None:
        """Run ``flowkit_job_changed``."""
        for one in self.implementations("flowkit_job_changed"):
            self._observe(one, "", client=client, job=job)

    def job_unreachable(self, client: Session, job_id: str, error: FlowError | None) -> None:
        """Run ``flowkit_job_unreachable``."""
        for one in self.implementations("flowkit_job_unreachable"):
            self._observe(one, "", client=client, job_id=job_id, error=error)

    def _observe(self, one: pluggy.HookImpl, operation: str, **arguments: Any) -> None:
        """Run an observer; log what goes wrong, the first time, and go on."""
        try:
            _run(one, **arguments)
        except Exception:  # an observer must not stop what it observes
            key = one.plugin_name, one.function.__name__
            if key not in self._reported:
                self._reported.add(key)
                source = self.distributions().get(one.plugin_name, "")
                text = describe_source(one.plugin_name, source, one.function.__name__, operation)
                LOG.exception("ignored, and not reported again: %s", text)

    def _no_answer(self, hook: str, operation: str, answer: object) -> PluginError:
        """Return the error about a hook whose answer is no Response, with who may have given it."""
        if answer is None:
            return PluginError(f"{operation}: no plugin answered {hook}")
        names = [one.plugin_name for one in self.implementations(hook)]
        asked = " or ".join(repr(name) for name in names if name not in CORE)
        return PluginError(
            f"{operation}: the plugin {asked} answered {hook} with {type(answer).__name__};"
            " it must be a flowkit.Response, or None to let others answer"
        )

    def _attribute(self, error: Exception, operation: str) -> None:
        found = [one for name in HOOKS for one in self.implementations(name)]
        attribute(error, found, self.distributions(), operation)

    def _index(self) -> None:
        super()._index()
        self._run_call, self._run_send = self.runner("flowkit_call"), self.runner("flowkit_send")
        signing = self.implementations("flowkit_sign")
        self._run_sign = self.runner("flowkit_sign") if signing else None
        self._following_transfers = self.implementations("flowkit_transferred")


def _without_pluggy(trace: TracebackType | None) -> TracebackType | None:
    """Return a traceback without the frames of pluggy, which only pass a call on."""
    kept = []
    while trace is not None:
        if not trace.tb_frame.f_globals.get("__name__", "").startswith("pluggy."):
            kept.append(trace)
        trace = trace.tb_next
    rest = None
    for one in reversed(kept):
        rest = TracebackType(rest, one.tb_frame, one.tb_lasti, one.tb_lineno)
    return rest


def _run(one: pluggy.HookImpl, **arguments: Any) -> None:
    """Call one implementation with those of the arguments that it takes."""
    one.function(*(arguments[name] for name in one.argnames))
