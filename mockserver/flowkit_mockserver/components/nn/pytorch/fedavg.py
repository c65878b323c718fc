"""Federated averaging: every party goes through its samples, then all take on the mean of their weights.

A party weighs as many samples as it has; the loss of a round is the mean of the parties' losses, weighed alike. What a
network has besides the weights that are trained (the running means of a batch normalisation) stays with each party.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from flowkit_mockserver.components.nn.pytorch.member import Member
from flowkit_mockserver.components.optim.optimizer import Convergence
from flowkit_mockserver.party import Party

__all__ = ["FedAvg", "Rounds", "average_members"]

#: The trainers that average, by the names that a user gives.
_NAMES = ("fedavg_trainer", "fedavg_trainer.py")
_DEFAULTS: Mapping[str, Any] = {
    "epochs": 10,
    "batch_size": 512,
    "early_stop": None,
    "tol": 0.0001,
    "secure_aggregate": True,
    "weighted_aggregation": True,
    "aggregate_every_n_epoch": None,
    "cuda": None,
    "pin_memory": True,
    "shuffle": True,
    "data_loader_worker": 0,
    "validation_freqs": None,
    "checkpoint_save_freqs": None,
    "task_type": "auto",
    "save_to_local_dir": False,
    "collate_fn": None,
    "collate_fn_params": None,
}
_TASKS = ("binary", "regression", "multi", "auto")
_COUNTS = ("epochs", "validation_freqs", "checkpoint_save_freqs", "aggregate_every_n_epoch")
_SWITCHES = ("secure_aggregate", "weighted_aggregation", "pin_memory", "save_to_local_dir")


@dataclass(frozen=True, slots=True)
class FedAvg:
    """The parameters of FATE's ``FedAVGTrainer``.

    Attributes:
        epochs: how often every party goes through its samples.
        batch_size: -1 for one batch of all.
        shuffle: whether batches are shuffled.
        weighted: whether parties weigh as many samples as they have, not all the same.
        every: after how many epochs weights are averaged.
        convergence: what ends the training early; None for nothing.
        validation_freqs: after how many epochs the model is evaluated; None for never.
        task: ``auto``, ``binary``, ``multi`` or ``regression``.
        save_freqs: after how many epochs a checkpoint is saved; None for never.
    """

    epochs: int
    batch_size: int
    shuffle: bool
    weighted: bool = True
    every: int = 1
    convergence: Convergence | None = None
    validation_freqs: int | None = None
    task: str = "auto"
    save_freqs: int | None = None

    @classmethod
    def of(cls, asked: Mapping[str, Any]) -> FedAvg:
        """Return what the ``trainer`` of a parameter asks for.

        Raises:
            ValueError: it is another trainer, or a parameter is wrong.
        """
        name = asked.get("trainer_name")
        if name not in _NAMES:
            raise ValueError(
                f"trainer {name!r} is not run by this mock server; it runs 'fedavg_trainer'"
            )
        given = asked.get("param") or {}
        if unknown := given.keys() - _DEFAULTS.keys():
            raise ValueError(f"__init__() got an unexpected keyword argument '{min(unknown)}'")
        options = {**_DEFAULTS, **given}
        _check(options)
        how = options["early_stop"]
        return cls(
            epochs=options["epochs"],
            batch_size=options["batch_size"],
            shuffle=options["shuffle"],
            weighted=options["weighted_aggregation"],
            every=options["aggregate_every_n_epoch"] or 1,
            convergence=None if how is None else Convergence(how, options["tol"]),
            validation_freqs=options["validation_freqs"],
            task=options["task_type"].lower(),
            save_freqs=options["checkpoint_save_freqs"],
        )

    def saves(self, epoch: int) -> bool:
        """Return whether a checkpoint is saved after an epoch, the first one being 0."""
        return self.save_freqs is not None and (epoch + 1) % self.save_freqs == 0

    def averages(self, epoch: int) -> bool:
        """Return whether weights are averaged after an epoch, the first one being 0."""
        return (epoch + 1) % self.every == 0


def _check(options: Mapping[str, Any]) -> None:
    if options["task_type"].lower() not in _TASKS:
        raise ValueError(f"task type must in {list(_TASKS)}")
    if options["cuda"] is not None:
        raise ValueError("Cuda is not available on this machine")
    if options["early_stop"] not in (None, "diff", "abs"):
        raise ValueError(
            f"early stop type must be in ['diff', 'abs'], bug got {options['early_stop']}"
        )
    for name in _COUNTS:
        value = options[name]
        if value is not None and not (isinstance(value, int) and value > 0):
            raise ValueError(f"{name.replace('freqs', 'freq')} is not a positive int")
    for name in _SWITCHES:
        if not isinstance(options[name], bool):
            raise ValueError(f"{name} is not a bool")
    if not isinstance(options["tol"], float):
        raise ValueError("tol is not a float")


@dataclass
class Rounds:
    """How a training went.

    Attributes:
        losses: by party, one an epoch.
        means: the mean loss of each round in which weights were averaged, with the number of the epoch.
        converged: whether the last loss ended it.
    """

    losses: dict[Party, list[float]]
    means: list[tuple[int, float]] = field(default_factory=list)
    converged: bool = False

    @property
    def epochs(self) -> int:
        """How many epochs there were."""
        return len(next(iter(self.losses.values())))

    def best_epoch(self, party: Party) -> int:
        """Return the epoch in which a party's loss was lowest."""
        return int(np.argmin(self.losses[party]))


def average_members(
    members: Mapping[Party, Member],
    trainer: FedAvg,
    after: Callable[[int, Rounds], None],
) -> Rounds:
    """Train a common network.

    Args:
        members: the parties' networks by party, the guest first.
        trainer: how.
        after: called after each epoch with its number.
    """
    counts = [
        float(len(member.samples)) if trainer.weighted else 1.0 for member in members.values()
    ]
    shares = [count / sum(counts) for count in counts]
    rounds = Rounds({party: [] for party in members})
    for epoch in range(trainer.epochs):
        for party, member in members.items():
            rounds.losses[party].append(member.train())
        if trainer.averages(epoch):
            _average(list(members.values()), shares)
            mean = sum(
                curve[-1] * share
                for curve, share in zip(rounds.losses.values(), shares, strict=True)
            )
            rounds.means.append((epoch, mean))
            if trainer.convergence is not None:
                rounds.converged = trainer.convergence.reached(mean, np.zeros(1))
        after(epoch, rounds)
        if rounds.converged:
            break
    return rounds


def _average(members: Sequence[Member], shares: Sequence[float]) -> None:
    total = [values * shares[0] for values in members[0].weights()]
    for member, share in zip(members[1:], shares[1:], strict=True):
        for place, values in enumerate(member.weights()):
            total[place] = total[place] + values * share
    for member in members:
        member.load(total)
