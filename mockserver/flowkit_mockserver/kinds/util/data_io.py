"""DataIO: lines of text become labelled, typed samples."""

from __future__ import annotations

from flowkit_mockserver.kinds.kind import (
    ANY_ROLE,
    Buffers,
    Exactness,
    Kind,
    LaterResults,
    TaskLogs,
    code_in,
)
from flowkit_mockserver.kinds.util.text_reading import READING_DEFAULTS, reading_rules

__all__ = ["KIND"]

KIND = Kind(
    name="DataIO",
    algorithm="flowkit_mockserver.components.util.data_io:transform_text",
    exactness=Exactness.EXACT,
    accuracy="Values, labels, missing values and outliers become what FATE makes of them.",
    param_class="DataIOParam",
    defaults=READING_DEFAULTS,
    rules=reading_rules("dataio param's", "dataio param's"),
    code_path=code_in("federatedml/util", guest="data_io.py/DataIO", host="data_io.py/DataIO"),
    buffers={ANY_ROLE: Buffers.named("DataIO")},
    alone=True,
    logs=TaskLogs(warns=True, later_profiling=False, later_warns={"guest": 1, "host": 1}),
    later=LaterResults(
        retired=(
            "ValueError: In Fate-v1.9 or later version, DataIO is deprecated,"
            " use DataTransform instead."
        )
    ),
)
