"""Which operation has which options of the official command line besides its method's own."""

from __future__ import annotations

from flowkit.cli.official.amendment import Amendment
from flowkit.cli.official.deployment import Deployment
from flowkit.cli.official.fields import FieldsFromFile
from flowkit.cli.official.models import Detail, WoeArray
from flowkit.cli.official.saving import DataToFile, DataToFolder

__all__ = ["AMENDMENTS"]

AMENDMENTS: dict[str, Amendment] = {
    "component.get_summary": DataToFolder("summary_{component_name}", made=False),
    "component.hetero_model_merge": DataToFile(),
    "component.woe_array_extract": DataToFile(),
    "component.woe_array_merge": WoeArray(),
    "job.generate_dsl": DataToFolder("predict_dsl"),
    "job.parameter_update": FieldsFromFile(),
    "key.save": FieldsFromFile(),
    "model.deploy": Deployment(),
    "model.get_model_info": Detail(),
    "model.get_predict_conf": DataToFolder("predict_conf"),
    "model.get_predict_dsl": DataToFolder("predict_dsl"),
    "privilege.delete": FieldsFromFile(party_id="src_party_id"),
    "privilege.grant": FieldsFromFile(party_id="src_party_id"),
    "provider.register": FieldsFromFile(),
    "table.add": FieldsFromFile(),
    "table.bind": FieldsFromFile(),
    "table.connector_create": FieldsFromFile(),
}
