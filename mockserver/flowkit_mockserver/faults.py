"""Failures on demand: which components and which requests fail.

A component fault and a request fault are ordered from Python (`MockServer.fail`, `MockServer.refuse`)
or through the control API (``/_flowkit/fail``, ``/_flowkit/refuse``); a rule file of the plugin ``faults``
orders request faults of further kinds, and stages of components. All of them are counted and used up here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from flowkit.call.secrets import mask_text
from flowkit_mockserver.party import Party

if TYPE_CHECKING:
    from flowkit_fault_rules import Rules

__all__ = [
    "ComponentFault",
    "Faults",
    "RequestFault",
    "Staged",
    "TakeStages",
    "UnmatchedFault",
]

#: The roles that a party can have.
ROLES = ("guest", "host", "arbiter", "local")
_LONGEST_TEXT = 64 * 1024
_LONGEST_HEADER = 256
#: So many faults can be ordered at a time.
_MOST = 10_000


@dataclass(slots=True)
class ComponentFault:
    """A component that fails.

    Attributes:
        component: its name in the DSL.
        message: what its log says.
        role: the role on which it fails; None for any.
        party_id: the party on which it fails; None for any.
        times: how many tasks still fail; None for all.
        hits: how many have failed.
    """

    component: str
    message: str
    role: str | None = None
    party_id: str | None = None
    times: int | None = None
    hits: int = 0

    def fits(self, component: str, party: Party) -> bool:
        """Return whether it concerns a component on a party."""
        return (
            component == self.component
            and self.role in (None, party.role)
            and self.party_id in (None, party.party_id)
        )


@dataclass(slots=True)
class RequestFault:
    """An answer that a request gets instead of its own.

    Attributes:
        path: pattern of the path below ``/v1/``, such as ``"job/*"``.
        status: HTTP status.
        retry_after: value of the header `Retry-After`, None for no such header.
        times: how many requests still get it; None for all.
        hits: how many have got it.
    """

    path: str
    status: int
    retry_after: str | None
    times: int | None
    hits: int = 0


class UnmatchedFault(UserWarning):
    """A failure that was ordered has hit nothing: its component did not run, or its requests were not made."""


@dataclass(frozen=True, slots=True)
class Staged:
    """What stages make of a run of a component.

    Attributes:
        wait: milliseconds before it begins.
        span: milliseconds that it takes; None for what the pace says.
        party: the party on which it fails, or that is lost; None for none.
        message: the text with which it fails.
        lost: whether the party is lost.
    """

    wait: int = 0
    span: int | None = None
    party: Party | None = None
    message: str = ""
    lost: bool = False


F = TypeVar("F", ComponentFault, RequestFault)


#: Returns what stages make of a component; see `Faults.take_stages`.
TakeStages = Callable[[str, Sequence[Party]], Staged | None]


class Faults:
    """The faults that were ordered and are not used up. Used under the server's lock.

    Args:
        path: the rule file that is in force from the start on, and again after `clear`; None for none.

    Attributes:
        components: faults of components, oldest first.
        requests: faults of requests, oldest first.
        rules: rules and stages, oldest first.

    Raises:
        PluginError: the rule file cannot be used.
    """

    def __init__(self, path: Path | None = None) -> None:
        self.components: list[ComponentFault] = []
        self.requests: list[RequestFault] = []
        self.rules: list[Rules] = []
        self._path = path
        self._own: list[Rules] = []
        # What workers that have another rule file have counted by it.
        self._elsewhere: list[Mapping[str, Any]] = []
        self.clear()

    def fail_component(
        self,
        component: str,
        message: str,
        *,
        role: str | None = None,
        party_id: int | str | None = None,
        times: int | None = None,
    ) -> None:
        """Let the next `times` tasks of a component fail; see `ComponentFault`.

        Raises:
            ValueError: a value is none that the fault can have; the text names it.
        """
        _require_text("component", component)
        _require_text("message", message)
        if role is not None and role not in ROLES:
            raise ValueError(f"role must be one of {', '.join(ROLES)}, got {role!r}")
        if party_id is not None and not (isinstance(party_id, str) or _is_whole(party_id)):
            raise ValueError(f"party_id must be a number or a text, got {party_id!r}")
        _require_times(times)
        party = None if party_id is None else str(party_id)
        if party is not None:
            _require_text("party_id", party)
        self._require_room()
        self.components.append(ComponentFault(component, message, role, party, times))

    def fail_requests(
        self,
        path: str = "*",
        status: int = 503,
        *,
        times: int | None = 1,
        retry_after: str | None = None,
    ) -> None:
        """Let the next `times` requests to `path` fail; see `RequestFault`.

        Raises:
            ValueError: a value is none that the fault can have; the text names it.
        """
        _require_text("path", path)
        if not _is_whole(status) or not 200 <= status <= 599:
            raise ValueError(f"status must be a number from 200 to 599, got {status!r}")
        if retry_after is not None and not (
            isinstance(retry_after, str)
            and len(retry_after) <= _LONGEST_HEADER
            and retry_after.isascii()
            and retry_after.isprintable()
        ):
            raise ValueError(f"retry_after must be a text that fits a header, got {retry_after!r}")
        _require_times(times)
        self._require_room()
        self.requests.append(RequestFault(path, status, retry_after, times))

    def add_rules(self, rules: Rules) -> None:
        """Let requests and components fail by rules as well.

        Raises:
            ValueError: there are too many faults.
        """
        self._require_room()
        self.rules.append(rules)

    def take_stages(self, component: str, parties: Sequence[Party]) -> Staged | None:
        """Return what stages make of a component that is about to run, and count them; None for nothing."""
        if not any(rules.stages for rules in self.rules):
            return None
        staged = Staged()
        for rules in self.rules:
            for stage, chance in rules.staging(component, parties):
                span = stage.duration(chance)
                staged = replace(
                    staged,
                    wait=staged.wait + int(stage.delay(chance) * 1000),
                    span=staged.span if span is None else int(span * 1000),
                )
                if staged.party is None and (stage.fail is not None or stage.lose):
                    # Whoever is lost is not the one who tells of it, unless the stage names it.
                    choice = parties[::-1] if stage.lose else parties
                    party = next(one for one in choice if stage.fits(component, [one]))
                    default = f"{party.role} {party.party_id} does not answer" if stage.lose else ""
                    message = default if stage.fail is None else stage.fail
                    staged = replace(staged, party=party, message=message, lost=stage.lose)
        return staged

    def unmatched(self) -> list[str]:
        """Return a line about each fault, rule and stage that has hit nothing."""
        return [
            *(
                mask_text(f"fail {one.component}: {one.message}")
                for one in self.components
                if not one.hits
            ),
            *(f"refuse {one.path} with {one.status}" for one in self.requests if not one.hits),
            *(line for rules in self.rules for line in rules.unmatched()),
        ]

    def _require_room(self) -> None:
        if len(self) >= _MOST:
            raise ValueError(f"{_MOST} faults are ordered already; use them up, or reset")

    def take_component(self, component: str, parties: Sequence[Party]) -> tuple[Party, str] | None:
        """Return the party on which a component fails now and the message, and count it; else None."""
        for fault in self.components:
            for party in parties:
                if fault.fits(component, party):
                    _count(fault, self.components)
                    return party, fault.message
        return None

    def take_request(self, path: str) -> RequestFault | None:
        """Return the fault that a request to `path` meets now, and count it; else None."""
        for fault in self.requests:
            if fnmatchcase(path, fault.path):
                _count(fault, self.requests)
                return fault
        return None

    def clear(self) -> None:
        """Forget them all, but for those of the rule file, which begin anew."""
        self.forget()
        if self._path is not None:
            from flowkit_fault_rules import read_rules  # few have a file

            self._own.append(read_rules(self._path))
            self.rules += self._own

    def begin(self) -> None:
        """Let the rules of the rule file begin anew, as those do whose server starts."""
        for rules in self._own:
            rules.count_from([[0] * len(counted) for counted in rules.counts])
        self._elsewhere = []

    def forget(self) -> None:
        """Forget them all, those of the rule file, too."""
        self.components.clear()
        self.requests.clear()
        self.rules.clear()
        self._own.clear()
        self._elsewhere = []

    def to_document(self) -> dict[str, list[Any]]:
        """Return them as JSON; the rules of a rule file hit what a server answers that has the file."""
        return {
            "rules": [_describe(rules) for rules in self.rules if rules not in self._own],
            "file": [*map(_describe, self._own), *self._elsewhere],
            "components": [asdict(fault) for fault in self.components],
            "requests": [asdict(fault) for fault in self.requests],
        }

    def load(self, document: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
        """Take those of a document in place of the own ones."""
        self.components[:] = [ComponentFault(**fault) for fault in document["components"]]
        self.requests[:] = [RequestFault(**fault) for fault in document["requests"]]
        self._load_own(document.get("file", ()))
        told = document.get("rules", ())
        if told or len(self.rules) > len(self._own):
            self._load_rules(told)

    def _load_own(self, told: Sequence[Mapping[str, Any]]) -> None:
        """Let the rules of the rule file go on from what all have counted that have the same."""
        left = list(told)
        for rules in self._own:
            same = next((one for one in left if one["definition"] == rules.definition), None)
            if same is not None:
                left.remove(same)
            none = [[0] * len(counted) for counted in rules.counts]
            rules.count_from(none if same is None else same["counts"])
        self._elsewhere = left

    def _load_rules(self, told: Sequence[Mapping[str, Any]]) -> None:
        """Take rules of a document in place of those that were added; those that are known go on counting."""
        from flowkit_fault_rules import parse_rules  # few have rules

        known = [rules for rules in self.rules if rules not in self._own]
        loaded = []
        for one in told:
            definition = one["definition"]
            rules = next((rules for rules in known if rules.definition == definition), None)
            if rules is None:
                rules = parse_rules(definition["table"], name=definition["name"])
            else:
                known.remove(rules)
            rules.count_from(one["counts"])
            loaded.append(rules)
        self.rules[:] = [*self._own, *loaded]

    def __len__(self) -> int:
        return len(self.components) + len(self.requests) + len(self.rules)


def _describe(rules: Rules) -> dict[str, Any]:
    return {"definition": rules.definition, "counts": rules.counts}


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _require_text(name: str, value: object) -> None:
    """Check that a value is a text that can be shown and stored."""
    if not isinstance(value, str) or len(value) > _LONGEST_TEXT:
        raise ValueError(f"{name} must be a text of at most {_LONGEST_TEXT} characters")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise ValueError(f"{name} must be text that can be encoded, got {value!r}") from None


def _require_times(times: object) -> None:
    if times is not None and not (_is_whole(times) and times >= 1):  # type: ignore[operator]
        raise ValueError(f"times must be a number from 1 on, or none for all, got {times!r}")


def _count(fault: F, among: list[F]) -> None:
    """Count a hit; a fault that is used up is forgotten."""
    fault.hits += 1
    if fault.times is not None:
        fault.times -= 1
        if fault.times <= 0:
            among.remove(fault)
