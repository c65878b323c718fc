"""Download: a table of the store becomes a file."""

from __future__ import annotations

from flowkit_mockserver.kinds.kind import Exactness, Kind, TaskLogs, code_in

__all__ = ["KIND"]

KIND = Kind(
    name="Download",
    algorithm="flowkit_mockserver.components.flow.reader_upload_download:download",
    exactness=Exactness.EXACT,
    accuracy="Every record of the table is written, in the order of its keys.",
    param_class="DownloadParam",
    defaults={"delimiter": ",", "name": "", "namespace": "", "output_path": "", "work_mode": 0},
    code_path=code_in("fate_flow/components", local="download.py/Download"),
    alone=True,
    logs=TaskLogs(storage=True, profiling="never"),
    in_server=True,
)
