"""Upload: a file becomes a table of the store."""

from __future__ import annotations

from flowkit_mockserver.kinds.kind import Exactness, Kind, TaskLogs, code_in

__all__ = ["KIND"]

KIND = Kind(
    name="Upload",
    algorithm="flowkit_mockserver.components.flow.reader_upload_download:upload",
    exactness=Exactness.EXACT,
    accuracy="Every line of the file is stored under its key.",
    param_class="UploadParam",
    defaults={
        "destroy": False,
        "file": "",
        "head": 1,
        "id_delimiter": ",",
        "name": "",
        "namespace": "",
        "partition": 10,
        "storage_address": None,
        "storage_engine": "",
    },
    code_path=code_in("fate_flow/components", local="upload.py/Upload"),
    alone=True,
    logs=TaskLogs(storage=True, profiling="never"),
    in_server=True,
)
