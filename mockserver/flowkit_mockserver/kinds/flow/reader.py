"""Reader: a table of the store enters the job."""

from __future__ import annotations

from flowkit_mockserver.kinds.kind import Exactness, Kind, TaskLogs, code_in

__all__ = ["KIND"]

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
)
