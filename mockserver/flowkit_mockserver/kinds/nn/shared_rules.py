"""What the networks have in common: their rules."""

from __future__ import annotations

from flowkit_mockserver.kinds.rules import Rule, Values, instance, kind, need, nested, optional

__all__ = [
    "BATCH_SIZE",
    "DATASET",
    "EPOCHS",
    "TOL",
    "check_optimizer",
    "config_type",
    "empty_or_map",
    "named",
]


def check_optimizer(values: Values) -> None:
    """Check an optimizer that is given by its name or as a map with its name."""
    optimizer = values["optimizer"]
    if isinstance(optimizer, dict):
        if not optimizer.get("optimizer"):
            raise ValueError(f"optimizer config: {optimizer} invalid")
    elif not isinstance(optimizer, str):
        raise ValueError(f"invalid type for optimize: {type(optimizer)}")


def config_type(*supported: str) -> Rule:
    """Return the rule that the configuration is of one of the types `supported`."""
    return need(
        "config_type",
        lambda name: name in supported,
        f"config_type should be one of {list(supported)}",
    )


def empty_or_map(value: object) -> bool:
    """Test for a map, or nothing at all."""
    return not value or isinstance(value, dict)


def named(name: str) -> Rule:
    """Return the rule that parameter `name` is null or the name of a class."""
    return optional(name, kind("str"), name + " {} not supported, should be string type")


#: Which class of the user reads the table.
DATASET = nested("dataset", (named("dataset_name"),))

TOL = need("tol", instance(int, float), "tol should be numeric")

EPOCHS = need(
    "epochs",
    lambda count: isinstance(count, int) and count > 0,
    "epochs should be a positive integer",
)

BATCH_SIZE = need(
    "batch_size",
    lambda size: size == -1 or (isinstance(size, int) and size >= 10),
    " {} not supported, should be larger than 10 or -1 represent for all data",
)
