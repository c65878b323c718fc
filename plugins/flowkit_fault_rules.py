"""The rules of faults, by which the plugin ``faults`` and the mock server go: read from files, and counted."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from fnmatch import fnmatchcase
from functools import cached_property
from math import inf
from pathlib import Path
from typing import Any, TypeVar

from flowkit import PluginError
from flowkit.errors import shown
from flowkit.forks import renew_in_children
from flowkit_fault_files import read_rule_file
from flowkit_fault_seconds import Seconds, check_seconds, draw_seconds, is_number

__all__ = ["FAULTS", "Rule", "Rules", "Stage", "parse_rules", "read_rules"]

FAULTS = ("refuse", "reset", "delay", "truncate", "corrupt", "answer")

#: By field, whether it must be a whole number, and its bounds.
_NUMBERS: Mapping[str, tuple[bool, float, float | None]] = {
    "probability": (False, 0, 1),
    "keep": (False, 0, 1),
    "jitter": (False, 0, 1),
    "times": (True, 1, None),
    "bytes": (True, 1, None),
    "status": (True, 100, 599),
    "retry_after": (True, 0, None),
}
_TEXTS = ("operation", "path", "component", "role", "fail")


@dataclass(frozen=True, slots=True)
class Rule:
    """What goes wrong, and when.

    Attributes:
        fault: ``refuse``, the connection is never made; ``reset``, the request is carried out but
            the answer lost; ``delay``; ``truncate``, the answer ends early; ``corrupt``, some
            bytes of it are others; ``answer``, the server says `status` instead.
        operation: pattern of operation names (``job.*``).
        path: pattern of paths below the API version (``job/*``).
        nth: numbers of the attempts that are hit, among those the patterns fit, from 1; all if
            empty.
        probability: share of them that are hit.
        times: hits after which the rule rests.
        seconds: of a delay: a number, or a distribution: ``{"uniform": [a, b]}``,
            ``{"normal": [mean, sd]}``, ``{"lognormal": [mu, sigma]}``, ``{"exponential": [mean]}``.
        keep: of a truncation: the share of the answer that is left.
        bytes: of a corruption: how many bytes change.
        status: of an answer: the HTTP status.
        retry_after: of an answer: seconds in its header ``Retry-After``.
    """

    fault: str
    operation: str = "*"
    path: str = "*"
    nth: tuple[int, ...] = ()
    probability: float = 1.0
    times: int | None = None
    seconds: Seconds = 0.0
    keep: float = 0.5
    bytes: int = 1
    status: int = 503
    retry_after: int | None = None

    def __post_init__(self) -> None:
        """Refuse what makes no sense.

        Raises:
            PluginError: the fault is none, or a number lies outside its bounds.
        """
        if self.fault not in FAULTS:
            raise PluginError(
                f"faults: {shown(self.fault)} is not a fault; there are {', '.join(FAULTS)}"
            )
        _check(self)

    def pause(self, chance: random.Random) -> float:
        """Return the seconds of a delay, never below 0."""
        return draw_seconds(self.seconds, chance)

    def __str__(self) -> str:
        where = "" if self.operation == "*" else f" of {self.operation}"
        return f"{self.fault}{where}{'' if self.path == '*' else f' at {self.path}'}"

    def damage(self, body: bytearray, chance: random.Random) -> None:
        """Truncate or corrupt an answer, in place."""
        if self.fault == "truncate":
            del body[int(len(body) * self.keep) :]
        for _ in range(self.bytes if self.fault == "corrupt" and body else 0):
            body[chance.randrange(len(body))] ^= chance.randrange(1, 256)


@dataclass(frozen=True, slots=True)
class Stage:
    """What becomes of a component of a job on a mock server, and when; a client takes no notice.

    Attributes:
        component: pattern of names in the DSL (``hetero_lr_*``).
        role: the role on which it fails or that is lost; where there is none, any or the first.
        party_id: the party on which it fails or that is lost.
        nth: numbers of the runs that are hit, among those of such components, from 1; all if empty.
        probability: share of them that are hit.
        times: hits after which the stage rests.
        wait: seconds before it begins; a number or a distribution, as of a `Rule`.
        seconds: how long it takes; None as long as the pace of the server says.
        jitter: share by which it takes more or less, from 0 to 1.
        fail: the text with which it fails; None when it does not.
        lose: whether the party is lost while it runs: it answers no more, and the others fail.
    """

    component: str = "*"
    role: str | None = None
    party_id: int | str | None = None
    nth: tuple[int, ...] = ()
    probability: float = 1.0
    times: int | None = None
    wait: Seconds = 0.0
    seconds: Seconds | None = None
    jitter: float = 0.0
    fail: str | None = None
    lose: bool = False

    def __post_init__(self) -> None:
        """Refuse what makes no sense.

        Raises:
            PluginError: a value is none that the field can have.
        """
        _check(self)
        if not isinstance(self.lose, bool):
            raise PluginError(f"faults: lose must be true or false, got {shown(self.lose)}")
        party = self.party_id
        if party is not None and (isinstance(party, bool) or not isinstance(party, int | str)):
            raise PluginError(f"faults: party_id must be a number or a text, got {shown(party)}")
        if self.jitter and self.seconds is None:
            raise PluginError("faults: jitter needs seconds, which it is a share of")

    def fits(self, component: str, parties: Iterable[tuple[str, str]]) -> bool:
        """Return whether it is about a component that these parties (role and party id) run."""
        party = None if self.party_id is None else str(self.party_id)
        return fnmatchcase(component, self.component) and any(
            self.role in (None, role) and party in (None, party_id) for role, party_id in parties
        )

    def delay(self, chance: random.Random) -> float:
        """Return the seconds before it begins."""
        return draw_seconds(self.wait, chance)

    def duration(self, chance: random.Random) -> float | None:
        """Return the seconds that it takes; None for as long as the pace of the server says."""
        if self.seconds is None:
            return None
        seconds = draw_seconds(self.seconds, chance)
        return seconds * (1 + self.jitter * chance.uniform(-1, 1))

    def __str__(self) -> str:
        kinds = [name for name in ("wait", "seconds", "fail", "lose") if getattr(self, name)]
        return f"{' and '.join(kinds) or 'nothing'} of {self.component}"


R = TypeVar("R", Rule, Stage)


class Rules:
    """Rules and stages that count what they have seen; the mock server steers its own faults with them too.

    Args:
        rules: the rules; several may hit one attempt, in this order.
        seed: starts the chances; each rule has its own.
        stages: the stages; several may be about one component.
        name: what they are called, such as their file.

    Attributes:
        rules, stages: what was given.
        hits: by rule, how many attempts it has hit.
        stage_hits: by stage, how many runs it has hit.
    """

    def __init__(
        self,
        rules: Iterable[Rule],
        seed: int = 0,
        stages: Iterable[Stage] = (),
        name: str = "the rules",
    ) -> None:
        self.rules = tuple(rules)
        self.stages = tuple(stages)
        self.name = name
        self.hits = [0] * len(self.rules)
        self.stage_hits = [0] * len(self.stages)
        self._seen = [0] * len(self.rules)
        self._stages_seen = [0] * len(self.stages)
        self._seed = seed
        self.renew_after_fork()
        renew_in_children(self)

    def renew_after_fork(self) -> None:
        """Make the lock anew; a child goes on from what its parent had seen, as a seed demands."""
        self._lock = threading.Lock()

    def hitting(self, operation: str, path: str) -> list[tuple[Rule, random.Random]]:
        """Return the rules that hit this attempt, each with the chance that decides the rest.

        Args:
            operation: name of the operation; empty where only the path is known.
            path: path below the API version.
        """
        fits = [
            fnmatchcase(operation, rule.operation) and fnmatchcase(path, rule.path)
            for rule in self.rules
        ]
        return self._hitting(self.rules, fits, self._seen, self.hits, "")

    def staging(
        self, component: str, parties: Iterable[tuple[str, str]]
    ) -> list[tuple[Stage, random.Random]]:
        """Return the stages of a component that is about to run, each with the chance that decides the rest.

        Args:
            component: its name in the DSL.
            parties: role and party id of those that run it.
        """
        all_parties = list(parties)
        fits = [stage.fits(component, all_parties) for stage in self.stages]
        return self._hitting(self.stages, fits, self._stages_seen, self.stage_hits, "stage ")

    def _hitting(
        self, rules: Sequence[R], fits: list[bool], all_seen: list[int], hits: list[int], kind: str
    ) -> list[tuple[R, random.Random]]:
        found = []
        with self._lock:
            for number, rule in enumerate(rules):
                if not fits[number] or (rule.times is not None and hits[number] >= rule.times):
                    continue
                all_seen[number] += 1
                seen = all_seen[number]
                if rule.nth and seen not in rule.nth:
                    continue
                chance = random.Random(f"{self._seed} {kind}{number} {seen}")
                if chance.random() < rule.probability:
                    hits[number] += 1
                    found.append((rule, chance))
        return found

    def concerns(self, operation: str, path: str) -> bool:
        """Return whether a rule may hit attempts like this one; it counts none."""
        return any(
            fnmatchcase(operation, rule.operation)
            and fnmatchcase(path, rule.path)
            and (rule.times is None or hits < rule.times)
            for rule, hits in zip(self.rules, self.hits, strict=True)
        )

    @cached_property
    def definition(self) -> dict[str, Any]:
        """What it says, as JSON values: the document that `parse_rules` takes, and the name."""
        table = {
            "seed": self._seed,
            "rules": [{**asdict(rule), "nth": list(rule.nth)} for rule in self.rules],
            "stages": [{**asdict(stage), "nth": list(stage.nth)} for stage in self.stages],
        }
        return {"name": self.name, "table": table}

    @property
    def counts(self) -> list[list[int]]:
        """What it has counted: seen and hit by rules, seen and hit by stages."""
        with self._lock:
            counted = (self._seen, self.hits, self._stages_seen, self.stage_hits)
            return [list(one) for one in counted]

    def count_from(self, counts: Sequence[Sequence[int]]) -> None:
        """Go on from what `counts` of the same rules were elsewhere."""
        with self._lock:
            self._seen, self.hits, self._stages_seen, self.stage_hits = map(list, counts)

    def unmatched(self) -> list[str]:
        """Return a line about each rule and stage that has hit nothing."""
        return [
            f"{kind} {number} of {self.name}: {rule}"
            for kind, rules, hits in (
                ("rule", self.rules, self.hits),
                ("stage", self.stages, self.stage_hits),
            )
            for number, (rule, count) in enumerate(zip(rules, hits, strict=True), 1)
            if not count
        ]


def read_rules(path: str | Path, seed: int | None = None) -> Rules:
    """Return the rules and stages of a TOML, YAML or JSON file.

    Raises:
        PluginError: the file cannot be read, or says what no rule knows; the text names file, rule and field.
    """
    return parse_rules(read_rule_file(path), seed, str(path))


def parse_rules(table: Any, seed: int | None = None, name: str = "the rules") -> Rules:
    """Return the rules and stages that a document describes.

    Args:
        table: an object of ``rules``, ``stages`` and ``seed``.
        seed: starts the chances in place of the document's.
        name: what the document is called, such as its file.

    Raises:
        PluginError: it says what no rule knows; the text names document, rule and field.
    """
    if not isinstance(table, Mapping) or set(table) - {"seed", "rules", "stages"}:
        raise PluginError(
            f"faults: {name} must hold rules or stages, and may hold a seed, nothing else"
        )
    own = table.get("seed", 0)
    if isinstance(own, bool) or not isinstance(own, int):
        raise PluginError(f"faults: {name}: seed must be a whole number, got {shown(own)}")
    rules = list(_read(Rule, "rule", table.get("rules", []), name))
    stages = list(_read(Stage, "stage", table.get("stages", []), name))
    return Rules(rules, own if seed is None else seed, stages, name)


def _read(kind: type[R], word: str, tables: Any, name: str) -> Iterator[R]:
    """Yield the rules, or stages, of a document."""
    known = [field.name for field in fields(kind)]
    if not isinstance(tables, list):
        raise PluginError(f"faults: {name}: {word}s must be a list, got {shown(tables)}")
    for number, table in enumerate(tables, 1):
        where = f"faults: {name}, {word} {number}"
        if not isinstance(table, Mapping):
            raise PluginError(f"{where} must be an object, got {shown(table)}")
        if unknown := [field for field in table if field not in known]:
            raise PluginError(
                f"{where}: {shown(unknown[0])} is no field of a {word}; there are {', '.join(known)}"
            )
        if "fault" in known and "fault" not in table:
            raise PluginError(f"{where}: fault is missing; it is one of {', '.join(FAULTS)}")
        nth = table.get("nth", ())
        try:
            yield kind(**{**table, "nth": tuple(nth) if isinstance(nth, list) else nth})
        except PluginError as error:
            raise PluginError(f"{where}: {str(error).removeprefix('faults: ')}") from error


def _check(rule: Rule | Stage) -> None:
    """Check the fields that rules and stages have.

    Raises:
        PluginError: a value is none that the field can have; the text names both.
    """
    for field in fields(rule):
        name, value = field.name, getattr(rule, field.name)
        if value is None and field.default is None:
            continue
        if name in _NUMBERS:
            whole, low, high = _NUMBERS[name]
            if not is_number(value, whole) or not low <= value <= (inf if high is None else high):
                bounds = f"from {low} on" if high is None else f"from {low} to {high}"
                what = "a whole number " if whole else ""
                raise PluginError(f"faults: {name} must be {what}{bounds}, got {shown(value)}")
        elif name in _TEXTS and not isinstance(value, str):
            raise PluginError(f"faults: {name} must be a text, got {shown(value)}")
        elif name in ("seconds", "wait"):
            check_seconds(name, value)
        elif name == "nth" and not (
            isinstance(value, tuple) and all(is_number(one, True) and one >= 1 for one in value)
        ):
            raise PluginError(
                f"faults: nth must be a list of numbers from 1 on, got {shown(value)}"
            )
