"""Reader: a table of the store enters the job."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flowkit_mockserver.kinds.kind import Exactness, Kind, LaterResults, TaskLogs, code_in

__all__ = ["KIND"]


def _metric_meta(name: str, asked: Mapping[str, Any]) -> dict[str, Any]:
    return {"anonymous_info": {}, "attribute_info": {}}


KIND = Kind(
    name="Reader",
    algorithm="flowkit_mockserver.components.flow.reader_upload_download:read",
    exactness=Exactness.EXACT,
    accuracy="The table is handed on as it was stored.",
    param_class="ReaderParam",
    defaults={"table": None},
    code_path=code_in("fate_flow/components", guest="reader.py/Reader", host="reader.py/Reader"),
    alone=True,
    reads_table=True,
    time_share=0.05,
    logs=TaskLogs(storage=True, profiling="never", later_profiling=False),
    later=LaterResults(metrics=_metric_meta),
    in_server=True,
)
