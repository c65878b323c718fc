"""ModelStore: a model is put into the model storage."""

from __future__ import annotations

from flowkit_mockserver.kinds.kind import Exactness, Kind, TaskLogs, code_in

__all__ = ["KIND"]

KIND = Kind(
    name="ModelStore",
    algorithm="flowkit_mockserver.components.flow.reader_upload_download:model_store",
    exactness=Exactness.STAND_IN,
    accuracy="The model is kept in the store of this server; there is no storage outside it.",
    param_class="ModelStoreParam",
    defaults={
        "force_update": False,
        "model_id": None,
        "model_version": None,
        "store_address": None,
    },
    code_path=code_in("fate_flow/components", local="model_operation_components.py/ModelStore"),
    logs=TaskLogs(profiling="never"),
    in_server=True,
)
