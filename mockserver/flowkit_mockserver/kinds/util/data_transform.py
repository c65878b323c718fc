"""DataTransform: lines of text become labelled, typed samples."""

from __future__ import annotations

from flowkit_mockserver.kinds.kind import (
    ANY_ROLE,
    Buffers,
    Exactness,
    Kind,
    TaskLogs,
    code_in,
)
from flowkit_mockserver.kinds.util.text_reading import READING_DEFAULTS, reading_rules

__all__ = ["KIND"]


KIND = Kind(
    name="DataTransform",
    algorithm="flowkit_mockserver.components.util.data_io:transform_text",
    exactness=Exactness.EXACT,
    accuracy="Values, labels, missing values and outliers become what FATE makes of them.",
    param_class="DataTransformParam",
    defaults=READING_DEFAULTS,
    rules=reading_rules("data_transform param's", "data transform param's"),
    code_path=code_in(
        "federatedml/util",
        guest="data_transform.py/DataTransform",
        host="data_transform.py/DataTransform",
    ),
    buffers={ANY_ROLE: Buffers.named("DataTransform")},
    alone=True,
    logs=TaskLogs(
        later_profiling=False, later_warns={"guest": 1, "host": 1}, warns_since="keeps_names"
    ),
)
