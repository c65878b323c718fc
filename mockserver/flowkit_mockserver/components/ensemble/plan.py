"""Whose columns each tree, and each layer of it, may use."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

__all__ = ["Plan", "tree_plans"]

_GUEST_ONLY, _HOST_ONLY, _LAYERED = 0, 1, 3


@dataclass(frozen=True)
class Plan:
    """The plan of one tree.

    Attributes:
        layers: by layer the numbers of the parties whose columns may be split there.
        code: how HeteroFastSecureBoost writes it down; empty for HeteroSecureBoost.
        owner: the party that grows the tree all alone, if there is one.
        drawing: the numbers of the hosts that draw masks for every layer.
    """

    layers: list[list[int]]
    code: str = ""
    owner: int | None = None
    drawing: tuple[int, ...] = ()


def tree_plans(
    module: str, asked: Mapping[str, Any], party_ids: Sequence[str]
) -> Callable[[int], Plan]:
    """Return which round uses whose columns.

    Args:
        module: the component kind.
        asked: its parameter.
        party_ids: of guest and hosts, the guest first.

    Raises:
        ValueError: layered trees are asked for with more than one host.
    """
    depth = asked["tree_param"]["max_depth"]
    everybody = list(range(len(party_ids)))
    hosts = everybody[1:]
    if module == "HeteroSecureBoost":

        def together(number: int) -> Plan:
            alone = number == 0 and asked["complete_secure"]
            return Plan([[0] if alone else everybody] * depth, drawing=tuple(hosts))

        return together
    if asked["work_mode"] == "mix":
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
        if number == 0 and asked["complete_secure"]:
            return Plan([[0]] * depth, f"{_GUEST_ONLY}_-1", 0)
        return Plan(layers, f"{_LAYERED}_-1", drawing=(1,))

    return layered
