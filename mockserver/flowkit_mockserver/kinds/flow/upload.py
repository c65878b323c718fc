"""Upload: a file becomes a table of the store."""

from __future__ import annotations

import ast
from typing import Any

from flowkit_mockserver.columns.meta import column_meta
from flowkit_mockserver.kinds.kind import Exactness, Kind, LaterResults, TaskLogs, code_in

__all__ = ["KIND"]


def _complete_meta(parameters: dict[str, Any]) -> None:
    """Complete the meta of the columns, or leave it out where none is asked for; lines before 1.9 have none."""
    if "with_meta" not in parameters:
        return
    given = parameters.get("meta") or {}
    if parameters["with_meta"]:
        meta = ast.literal_eval(given) if isinstance(given, str) else given
        parameters["meta"] = column_meta(meta, numbered=bool(parameters.get("extend_sid")))
    else:
        parameters["meta"] = {}


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
    later=LaterResults(names_keys=True, parameters=_complete_meta),
)
