"""ModelLoader: the model of a component of an earlier job enters the job."""

from __future__ import annotations

from flowkit_mockserver.kinds.kind import Exactness, Kind, TaskLogs, code_in

__all__ = ["KIND"]

_PATH = "model_loader.py/ModelLoader"

KIND = Kind(
    name="ModelLoader",
    algorithm="flowkit_mockserver.components.flow.model_loader:load",
    exactness=Exactness.EXACT,
    accuracy=(
        "The model is the one that was saved. A checkpoint holds that of its own iteration, where the "
        "kind that was trained keeps those, and else the final one."
    ),
    param_class="ModelLoaderParam",
    defaults={
        "component_name": None,
        "model_alias": None,
        "model_id": None,
        "model_version": None,
        "step_index": None,
        "step_name": None,
    },
    code_path=code_in("fate_flow/components", guest=_PATH, host=_PATH, arbiter=_PATH),
    alone=True,
    time_share=0.05,
    logs=TaskLogs(profiling="never", later_profiling=False),
    later_only=True,
    in_server=True,
)
