"""The table of modules."""

from __future__ import annotations

import pytest

from flowkit_mockserver.dsl import MODULES, DslError
from flowkit_mockserver.dsl.modules import module_of


def test_fate_1_6_1_has_43() -> None:
    assert len(MODULES) == 43


def test_a_module_knows_its_roles_and_code() -> None:
    module = MODULES["HeteroLR"]

    assert set(module.roles) == {"arbiter", "guest", "host"}
    assert module.param_class == "HeteroLogisticParam"
    assert module.code_path["host"].endswith("hetero_lr_host.py/HeteroLRHost")


def test_few_are_left_out_of_a_v1_deployment() -> None:
    left_out = {name for name, module in MODULES.items() if not module.need_deploy}

    assert left_out == {"Evaluation", "FederatedSample", "PSI"}


def test_names_are_exact() -> None:
    with pytest.raises(DslError, match="module dataio does not exist"):
        module_of("x_0", "dataio")


def test_defaults_are_fresh_every_time() -> None:
    module = MODULES["Evaluation"]

    module.fresh_defaults()["default_metrics"]["binary"].clear()

    assert module.fresh_defaults()["default_metrics"]["binary"]
