"""Makes things go wrong on purpose, by rule: to see what a program does when a server fails.

::

    FlowClient(plugins=[Faults([Rule("refuse", operation="job.*", probability=0.2)], seed=7)])
    FlowClient(plugins=[Faults("faults.toml")])

A rule file, TOML, YAML or JSON, which the mock server reads as well::

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

    [[stages]]                      # what becomes of components, on a mock server only
    component = "hetero_lr_*"       # pattern of names in the DSL
    wait = 5                        # seconds before it begins
    seconds = 60                    # how long it takes
    jitter = 0.2                    # more or less by up to that share
    probability = 0.1

    [[stages]]
    component = "intersection_0"
    role = "host"
    fail = "not enough memory"      # or lose = true: the party answers no more

Which attempts are hit depends on the seed and on how many attempts the rule has seen, on nothing
else: the same sequence of calls fails in the same way each time.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable
from pathlib import Path

from flowkit import Call, ConnectionFailed, Request, Response, hookimpl
from flowkit_fault_rules import FAULTS, Rule, Rules, Stage, parse_rules, read_rules

__all__ = ["FAULTS", "Faults", "Rule", "Rules", "Stage", "parse_rules", "read_rules"]


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
