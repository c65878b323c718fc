"""HomoDataSplit: one table becomes a train, a validate and a test table, party by party."""

from __future__ import annotations

from flowkit_mockserver.kinds.kind import Exactness, Kind, code_in
from flowkit_mockserver.kinds.model_selection.hetero_data_split import KIND as HETERO_DATA_SPLIT

__all__ = ["KIND"]

KIND = Kind(
    name="HomoDataSplit",
    algorithm="flowkit_mockserver.components.model_selection.data_split:split",
    exactness=Exactness.EXACT,
    accuracy="Samples are drawn with the generator that FATE uses, so a seed gives the same ids.",
    param_class="DataSplitParam",
    defaults=HETERO_DATA_SPLIT.defaults,
    rules=HETERO_DATA_SPLIT.rules,
    code_path=code_in(
        "federatedml/model_selection/data_split",
        guest="homo_data_split.py/HomoDataSplitGuest",
        host="homo_data_split.py/HomoDataSplitHost",
    ),
)
