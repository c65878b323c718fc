"""Running a component, and how its algorithm reads the run: parameters, inputs, parties."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from flowkit_mockserver.components.core.interface import (
    ComponentFailed,
    ComponentRun,
    PartyResult,
    TableData,
)
from flowkit_mockserver.kinds.lookup import find_kind

if TYPE_CHECKING:
    from flowkit_mockserver.components.core.instance import Instances
    from flowkit_mockserver.kinds.kind import Kind
    from flowkit_mockserver.party import Party

__all__ = [
    "check_host",
    "data_keys",
    "first_table",
    "has_host",
    "instances",
    "parameter",
    "parties",
    "party_order",
    "pass_through",
    "run_component",
    "switched_off",
    "wants_folds",
]

#: The protocol of pickle that Python takes from 3.8 on.
_NEWER_PROTOCOL = 4
_ROLES = {"guest": 0, "host": 1, "arbiter": 2, "local": 3}


def parameter(run: ComponentRun, party: Party) -> Mapping[str, Any]:
    """Return the component's own parameter on a party; an empty one when there is none.

    What the later lines note in it of how it was given (names that begin with ``_``) is left out.
    """
    for key, value in run.parameters.get(party, {}).items():
        if key.endswith("Param") and isinstance(value, Mapping):
            if "_name" not in value:
                return value
            return {name: own for name, own in value.items() if not name.startswith("_")}
    return {}


def party_order(run: ComponentRun) -> list[Party]:
    """Return the parties guest first, then hosts, arbiters and the rest."""
    return sorted(run.parties, key=lambda party: _ROLES.get(party[0], len(_ROLES)))


def parties(run: ComponentRun, *roles: str) -> list[Party]:
    """Return the parties of the given roles, in the order of the roles."""
    return [party for role in roles for party in run.parties if party[0] == role]


def has_host(run: ComponentRun) -> bool:
    """Say whether the job has a host, at work here or not."""
    return any(role == "host" for role, _ in run.parameters)


def check_host(run: ComponentRun, party: Party) -> None:
    """Refuse a job without a host, where a party has something to send to one.

    Raises:
        ComponentFailed: there is none.
    """
    if has_host(run):
        return
    roles: dict[str, list[str]] = {}
    for role, party_id in run.parameters:
        roles.setdefault(role, []).append(f"Party(role={role}, party_id={party_id})")
    told = ", ".join(f"'{role}': [{', '.join(known)}]" for role, known in roles.items())
    raise ComponentFailed(
        "RuntimeError: try to get role host which is not configured in `role` in runtime"
        f" conf({{{told}}})",
        party,
    )


def data_keys(run: ComponentRun) -> set[str]:
    """Return the data keys under which any party got a table."""
    return {key for tables in run.inputs.values() for key, given in tables.items() if given}


def predicts_nothing(run: ComponentRun) -> bool:
    """Say whether a run got nothing but ``data``: a model is trained on it or loaded, and tells nothing of samples."""
    return data_keys(run) == {"data"}


def first_table(run: ComponentRun, party: Party, *keys: str) -> TableData | None:
    """Return the first table a party got under one of `keys`."""
    given = run.inputs.get(party, {})
    return next((given[key][0][1] for key in keys if given.get(key)), None)


def instances(run: ComponentRun, party: Party, *keys: str) -> Instances | None:
    """Return the first table a party got under one of `keys`, as instances."""
    from flowkit_mockserver.components.core.instance import first_instances

    given = run.inputs.get(party, {})
    return next((first_instances(given[key]) for key in keys if given.get(key)), None)


def switched_off(run: ComponentRun, party: Party) -> bool:
    """Say whether the parameter of a party switches the component off there."""
    return parameter(run, party).get("need_run") is False


def pass_through(run: ComponentRun) -> dict[Party, PartyResult]:
    """Hand each party's first ``data`` table on, as a switched-off component does."""
    results: dict[Party, PartyResult] = {}
    for party in run.parties:
        table = first_table(run, party, "data")
        results[party] = PartyResult(tables=[] if table is None else [table])
    return results


def run_component(run: ComponentRun) -> dict[Party, PartyResult]:
    """Run a component on all its parties.

    A party whose parameter says ``need_run: false`` hands its first input on and takes no part.

    Returns:
        what each party of the run was left with.

    Raises:
        ComponentFailed: it failed; nothing of what it computed may be kept. A kind that is not computed here fails.
    """
    kind = find_kind(run.module)
    awake = kind is not None and kind.never_rests
    resting = [party for party in run.parties if switched_off(run, party) and not awake]
    results = {party: PartyResult() for party in run.parties}
    results.update(pass_through(replace(run, parties=resting)))
    resting_model = None if kind is None else kind.load_resting()
    if resting_model is not None:
        for party in resting:
            results[party].model = resting_model(run, party)
    active = replace(run, parties=[party for party in run.parties if party not in resting])
    if active.parties:
        first = party_order(active)[0]
        if kind is None:
            raise ComponentFailed(f"this mock server computes no {run.module}", first)
        algorithm = _algorithm(kind, first)
        try:
            with _arithmetic_of(run):
                results.update(algorithm(active))
        except ComponentFailed:
            raise
        except (ArithmeticError, LookupError, OSError, TypeError, ValueError) as problem:
            # Data the kind cannot digest fails the task, as it would on the real server; it is no fault of the server.
            raise ComponentFailed.by(problem, first) from problem
    return results


@contextmanager
def _arithmetic_of(run: ComponentRun) -> Iterator[None]:
    """Pickle keys, compute exponentials and summarise columns as the server does."""
    behaviour = run.behaviour
    if not behaviour.keeps_summaries:
        yield
        return
    from flowkit_mockserver.components.core.exponential import exponentials_of_avx512
    from flowkit_mockserver.components.core.partition import pickling
    from flowkit_mockserver.components.core.quantile_summaries import later_summaries

    with later_summaries(keep_all=True, one_pass=behaviour.seeks_in_one_pass):
        if not behaviour.newer_python:
            yield
            return
        with pickling(_NEWER_PROTOCOL), exponentials_of_avx512():
            yield


def _algorithm(kind: Kind, party: Party) -> Callable[[Any], Any]:
    """Return the function that runs a kind.

    Raises:
        ComponentFailed: a library is missing that an extra brings.
    """
    try:
        return kind.load()
    except ModuleNotFoundError as missing:
        if kind.extra is None:
            raise
        raise ComponentFailed(
            f"{kind.name} computes with {missing.name}, which is not installed here: "
            f"pip install 'fate-flowkit[{kind.extra}]'",
            party,
        ) from missing


def wants_folds(asked: Mapping[str, Any]) -> bool:
    """Say whether a component is to be cross validated."""
    return bool((asked.get("cv_param") or {}).get("need_cv"))
