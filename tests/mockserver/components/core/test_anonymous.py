"""The names under which others know columns: places in the first lines, kept names in the later ones."""

from __future__ import annotations

from component_bench import HOST, instances
from flowkit_mockserver.components.core.anonymous import anonymous_names, first_names
from flowkit_mockserver.components.core.instance import Instances

TABLE = Instances.of(instances({"1": [1.0, 2.0, 3.0]}, ["age", "sex", "income"]))
PREFIX = f"host_{HOST[1]}"


def test_a_column_goes_by_its_place() -> None:
    chosen = TABLE.select([0, 2])

    assert anonymous_names(chosen, HOST) == {"age": f"{PREFIX}_0", "income": f"{PREFIX}_1"}


def test_a_column_that_was_named_keeps_its_name_wherever_it_goes() -> None:
    read = Instances(
        TABLE.ids, TABLE.features, header=TABLE.header, extra=first_names(TABLE.header, HOST)
    )

    chosen = anonymous_names(read.select([0, 2]), HOST)

    assert chosen == {"age": f"{PREFIX}_x0", "income": f"{PREFIX}_x2"}
