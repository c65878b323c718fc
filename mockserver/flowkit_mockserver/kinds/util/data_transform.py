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
from flowkit_mockserver.kinds.rules import Rules, at_least, instance, need, optional
from flowkit_mockserver.kinds.util.text_reading import READING_DEFAULTS, reading_rules

__all__ = ["KIND"]

_RULES: Rules = reading_rules("data_transform param's", "data transform param's")
_INDEX = "match_id_index should be non negative integer"
#: Those about match ids; of each line those whose parameters it has.
_MATCH_IDS: Rules = (
    need("with_match_id", instance(bool), "with_match_id should be boolean variable, but {} find"),
    need("match_id_index", instance(int), _INDEX),
    need("match_id_index", at_least(0), _INDEX),
    optional("match_id_name", instance(str), "match_id_name should be str"),
)

KIND = Kind(
    name="DataTransform",
    algorithm="flowkit_mockserver.components.util.data_io:transform_text",
    exactness=Exactness.EXACT,
    accuracy="Values, labels, missing values and outliers become what FATE makes of them.",
    param_class="DataTransformParam",
    defaults=READING_DEFAULTS,
    rules=_RULES,
    later_rules=("exact_fillings", (*_RULES, *_MATCH_IDS)),
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
