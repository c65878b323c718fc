"""Let components and requests fail."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flowkit_fault_rules import parse_rules, read_rules
from flowkit_mockserver.control.controls.world import World

__all__ = ["FailureControls"]


class FailureControls(World):
    """The verbs about failures."""

    def fail(
        self,
        component: str,
        message: str,
        role: str | None = None,
        party_id: int | str | None = None,
        *,
        times: int | None = None,
    ) -> None:
        """Let a component fail from now on.

        Args:
            component: its name in the DSL, such as ``"hetero_lr_0"``.
            message: what its log says.
            role: the role on which it fails (guest, host, arbiter or local); None for the first that runs it.
            party_id: the party on which it fails.
            times: how many tasks fail; None for all.

        Raises:
            ValueError: a value is none that a fault can have.
        """
        with self.state.lock:
            self.state.faults.fail_component(
                component, message, role=role, party_id=party_id, times=times
            )

    def refuse(
        self,
        path: str = "*",
        status: int = 503,
        *,
        times: int | None = 1,
        retry_after: str | None = None,
    ) -> None:
        """Let the next requests fail with an HTTP status.

        Args:
            path: pattern of the path below ``/v1/``, such as ``"job/*"``.
            status: the HTTP status they get.
            times: how many; None for all from now on.
            retry_after: value of the header `Retry-After`, if any.

        Raises:
            ValueError: a value is none that a fault can have.
        """
        with self.state.lock:
            self.state.faults.fail_requests(path, status, times=times, retry_after=retry_after)

    def add_rules(self, rules: str | Path | Mapping[str, Any]) -> None:
        """Let requests fail, and components wait, take their time, fail or lose a party, by rules from now on.

        Args:
            rules: a rule file (TOML, YAML or JSON) of the plugin ``faults``, or what it holds: ``rules``, ``stages``
                and ``seed``.

        Raises:
            PluginError: it cannot be read, or says what no rule knows; the text names file, rule and field.
            ValueError: there are too many failures already.
        """
        read = read_rules(rules) if isinstance(rules, str | Path) else parse_rules(rules)
        with self.state.lock:
            self.state.faults.add_rules(read)
