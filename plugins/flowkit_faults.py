"""Makes things go wrong on purpose, by rule: to see what a program does when a server fails.

::

    FlowClient(plugins=[Faults([Rule("refuse", operation="job.*", probability=0.2)], seed=7)])
    FlowClient(plugins=[Faults("faults.toml")])

A rule file, TOML or JSON::

    seed = 7

    [[rules]]
    fault = "delay"                 # refuse reset delay truncate corrupt answer
    operation = "component.*"       # pattern of operation names; by default all
    nth = [2, 3]                    # only these attempts that the pattern fits, counted from 1
    probability = 0.5               # and of those only some
    seconds = { lognormal = [-2, 0.5] }

    [[rules]]
    fault = "answer"
    path = "job/*"                  # pattern of the path below the version
    status = 503
    retry_after = 1
    times = 3                       # and then no more

Which attempts are hit depends on the seed and on how many attempts the rule has seen, on nothing
else: the same sequence of calls fails in the same way each time.
"""

from __future__ import annotations

import json
import random
import threading
import tomllib
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from flowkit import Call, ConnectionFailed, PluginError, Request, Response, hookimpl
from flowkit.forks import renew_in_children

__all__ = ["FAULTS", "Faults", "Rule", "Rules", "read_rules"]

FAULTS = ("refuse", "reset", "delay", "truncate", "corrupt", "answer")
DISTRIBUTIONS = {"uniform": 2, "normal": 2, "lognormal": 2, "exponential": 1}

Seconds = float | Mapping[str, Iterable[float]]


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
                f"faults: {self.fault!r} is not a fault; there are {', '.join(FAULTS)}"
            )
        for name in ("probability", "keep"):
            if not 0 <= getattr(self, name) <= 1:
                raise PluginError(
                    f"faults: {name} must be from 0 to 1, got {getattr(self, name)!r}"
                )
        if isinstance(self.seconds, Mapping):
            ((kind, numbers),) = self.seconds.items() if len(self.seconds) == 1 else [("", ())]
            if DISTRIBUTIONS.get(kind) != len(list(numbers)):
                known = ", ".join(f"{name} of {count}" for name, count in DISTRIBUTIONS.items())
                raise PluginError(f"faults: seconds must be one of {known}, got {self.seconds!r}")

    def pause(self, chance: random.Random) -> float:
        """Return the seconds of a delay, never below 0."""
        if not isinstance(self.seconds, Mapping):
            return max(0.0, self.seconds)
        ((kind, numbers),) = self.seconds.items()
        first, *rest = numbers
        if kind == "exponential":
            return chance.expovariate(1 / first) if first else 0.0
        draw: dict[str, Callable[[float, float], float]] = {
            "uniform": chance.uniform,
            "normal": chance.gauss,
            "lognormal": chance.lognormvariate,
        }
        return max(0.0, draw[kind](first, rest[0]))

    def damage(self, body: bytearray, chance: random.Random) -> None:
        """Truncate or corrupt an answer, in place."""
        if self.fault == "truncate":
            del body[int(len(body) * self.keep) :]
        for _ in range(self.bytes if self.fault == "corrupt" and body else 0):
            body[chance.randrange(len(body))] ^= chance.randrange(1, 256)


class Rules:
    """Rules that count what they have seen; the mock server steers its own faults with them too.

    Args:
        rules: the rules; several may hit one attempt, in this order.
        seed: starts the chances; each rule has its own.
    """

    def __init__(self, rules: Iterable[Rule], seed: int = 0) -> None:
        self.rules = tuple(rules)
        self.hits = [0] * len(self.rules)
        self._seen = [0] * len(self.rules)
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
        found = []
        with self._lock:
            for number, rule in enumerate(self.rules):
                fits = fnmatchcase(operation, rule.operation) and fnmatchcase(path, rule.path)
                if not fits or (rule.times is not None and self.hits[number] >= rule.times):
                    continue
                self._seen[number] += 1
                seen = self._seen[number]
                if rule.nth and seen not in rule.nth:
                    continue
                chance = random.Random(f"{self._seed} {number} {seen}")
                if chance.random() < rule.probability:
                    self.hits[number] += 1
                    found.append((rule, chance))
        return found


class Faults:
    """Makes attempts fail, or their answers late, cut off or damaged.

    Args:
        rules: the rules, or the file that holds them.
        seed: starts the chances; a file's own seed counts if this is None.

    Raises:
        PluginError: the file cannot be read, or a rule makes no sense.
    """

    name = "faults"
    identity = ""

    def __init__(self, rules: Iterable[Rule] | str | Path = (), *, seed: int | None = None) -> None:
        if isinstance(rules, str | Path):
            self.rules = read_rules(rules, seed)
        else:
            self.rules = Rules(rules, seed or 0)

    @hookimpl(tryfirst=True)
    def flowkit_send(self, call: Call, request: Request) -> Response | None:
        """Delay, refuse, or answer in the server's place."""
        path = request.path.removeprefix(f"{call.client.address.base}/{call.client.version}/")
        hitting = self.rules.hitting(call.operation.name, path)
        call.scratch[self.name] = hitting
        for rule, chance in hitting:
            if rule.fault == "delay":
                call.client.clock.sleep(rule.pause(chance))
            elif rule.fault == "refuse":
                raise ConnectionFailed(f"{call.operation.name}: refused by a rule", sent=False)
            elif rule.fault == "answer":
                after = {} if rule.retry_after is None else {"Retry-After": str(rule.retry_after)}
                return Response(rule.status, after, b"spoilt by a rule", source=self.name)
        return None

    @hookimpl(wrapper=True, specname="flowkit_send")
    def damage_answer(self, call: Call) -> Generator[None, Response, Response]:
        """Lose or damage what has come back."""
        call.scratch.pop(self.name, None)  # of an attempt that was refused
        response = yield
        for rule, chance in call.scratch.pop(self.name, ()):
            if rule.fault == "reset":
                response.close()
                raise ConnectionFailed(f"{call.operation.name}: reset by a rule", sent=True)
            if rule.fault in ("truncate", "corrupt"):
                body = bytearray(response.read())
                rule.damage(body, chance)
                response.replace_stream(bytes(body))
        return response


def read_rules(path: str | Path, seed: int | None = None) -> Rules:
    """Return the rules of a TOML or JSON file.

    Raises:
        PluginError: the file cannot be read, or says what no rule knows.
    """
    text = Path(path)
    try:
        read: Any = json.loads if text.suffix == ".json" else tomllib.loads
        table = read(text.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise PluginError(f"faults: {path} cannot be read: {error}") from error
    if not isinstance(table, dict) or set(table) - {"seed", "rules"}:
        raise PluginError(f"faults: {path} must hold rules and may hold a seed, nothing else")
    return Rules(
        _rules(table.get("rules", []), path), table.get("seed", 0) if seed is None else seed
    )


def _rules(tables: Iterable[Mapping[str, Any]], path: str | Path) -> Iterator[Rule]:
    known = [field.name for field in fields(Rule)]
    for number, table in enumerate(tables, 1):
        where = f"faults: {path}, rule {number}"
        if unknown := sorted(set(table) - set(known)):
            raise PluginError(
                f"{where}: {unknown[0]!r} is no field of a rule; there are {', '.join(known)}"
            )
        if "fault" not in table:
            raise PluginError(f"{where}: fault is missing; it is one of {', '.join(FAULTS)}")
        yield Rule(**{**table, "nth": tuple(table.get("nth", ()))})
