"""HeteroDataSplit: one table becomes a train, a validate and a test table, of the same samples on all parties."""

from __future__ import annotations

from flowkit_mockserver.kinds.kind import Exactness, Kind, code_in
from flowkit_mockserver.kinds.rules import (
    Rule,
    Rules,
    boolean,
    decimal,
    given,
    holds,
    instance,
    need,
    non_negative,
    when,
)

__all__ = ["KIND"]


def _size(name: str) -> Rule:
    about = f"data split param's  {name} "
    return when(
        lambda values: values[name] is not None,
        non_negative(name, about),
        when(lambda values: isinstance(values[name], float), decimal(name, about)),
    )


_RULES: Rules = (
    when(
        holds("random_state", given),
        need("random_state", instance(int), "data split param's  random state should be int type"),
        non_negative("random_state", "data split param's  random_state "),
    ),
    _size("test_size"),
    _size("train_size"),
    _size("validate_size"),
    boolean("stratified", "data split param's  stratified "),
    boolean("shuffle", "data split param's  shuffle "),
    boolean("need_run", "data split param's  need run "),
    need(
        "split_points",
        instance(list, type(None)),
        "data split param's  split_points should be list type",
    ),
)

KIND = Kind(
    name="HeteroDataSplit",
    algorithm="flowkit_mockserver.components.model_selection.data_split:split",
    exactness=Exactness.EXACT,
    accuracy="Samples are drawn with the generator that FATE uses, so a seed gives the same ids.",
    param_class="DataSplitParam",
    defaults={
        "need_run": True,
        "random_state": None,
        "shuffle": True,
        "split_points": None,
        "stratified": False,
        "test_size": None,
        "train_size": None,
        "validate_size": None,
    },
    rules=_RULES,
    code_path=code_in(
        "federatedml/model_selection/data_split",
        guest="hetero_data_split.py/HeteroDataSplitGuest",
        host="hetero_data_split.py/HeteroDataSplitHost",
    ),
)
