"""ModelRestore: a model comes back from the model storage."""

from __future__ import annotations

from flowkit_mockserver.kinds.kind import Exactness, Kind, TaskLogs, code_in

__all__ = ["KIND"]

KIND = Kind(
    name="ModelRestore",
    algorithm="flowkit_mockserver.components.flow.reader_upload_download:model_restore",
    exactness=Exactness.STAND_IN,
    accuracy="The model comes from the store of this server; there is no storage outside it.",
    param_class="ModelRestoreParam",
    defaults={"model_id": None, "model_version": None, "store_address": None},
    code_path=code_in("fate_flow/components", local="model_operation_components.py/ModelRestore"),
    logs=TaskLogs(profiling="never"),
    in_server=True,
)
