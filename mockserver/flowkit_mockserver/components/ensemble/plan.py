"""Whose columns each tree, and each layer of it, may use."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

__all__ = ["Plan", "strategy_of", "tree_plans"]

_GUEST_ONLY, _HOST_ONLY, _LAYERED = 0, 1, 3


@dataclass(frozen=True)
class Plan:
    """The plan of one tree.

    Attributes:
        layers: by layer the numbers of the parties whose columns may be split there.
        code: how models with a plan write it down; empty where every layer is everybody's.
        owner: the party that grows the tree all alone, if there is one.
        drawing: the numbers of the hosts that draw masks for every layer.
    """

    layers: list[list[int]]
    code: str = ""
    owner: int | None = None
    drawing: tuple[int, ...] = ()


def strategy_of(asked: Mapping[str, Any]) -> str:
    """Return how the layers of trees are shared out: ``std`` (every layer to everybody), ``mix`` or ``layered``.

    It is a parameter of its own in the later lines, and the work mode of a kind of its own in the first ones.
    """
    return str(asked.get("work_mode") or asked.get("boosting_strategy") or "std")


def tree_plans(asked: Mapping[str, Any], party_ids: Sequence[str]) -> Callable[[int], Plan]:
    """Return which round uses whose columns.

    Args:
        asked: the parameter of the component.
        party_ids: of guest and hosts, the guest first.

    Raises:
        ValueError: layered trees are asked for with more than one host.
    """
    depth = asked["tree_param"]["max_depth"]
    everybody = list(range(len(party_ids)))
    hosts = everybody[1:]
    strategy, secure = strategy_of(asked), int(asked["complete_secure"])
    if strategy == "std":

        def together(number: int) -> Plan:
            alone = number < secure
            return Plan([[0] if alone else everybody] * depth, drawing=tuple(hosts))

        return together
    if strategy == "mix":
        each = asked["tree_num_per_party"]
        one_round = [Plan([[0]] * depth, f"{_GUEST_ONLY}_-1", 0)] * each
        for host in hosts:
            code = f"{_HOST_ONLY}_{party_ids[host]}"
            one_round += [Plan([[host]] * depth, code, host, (host,))] * each
        return lambda number: one_round[number % len(one_round)]
    if len(hosts) != 1:
        raise ValueError("only 1 host party is allowed in layered mode")
    layers = [[1]] * asked["host_depth"] + [[0]] * asked["guest_depth"]

    def layered(number: int) -> Plan:
        if number < secure:
            return Plan([[0]] * depth, f"{_GUEST_ONLY}_-1", 0)
        return Plan(layers, f"{_LAYERED}_-1", drawing=(1,))

    return layered
