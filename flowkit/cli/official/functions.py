"""The functions of ``fate_flow_client.py``: which operation each is, and its options."""

from __future__ import annotations

__all__ = ["CONFIGURED", "FUNCTIONS", "OPTIONS"]

FUNCTIONS = {
    "upload": "data.upload",
    "download": "data.download",
    "upload_history": "data.upload_history",
    "load": "model.load",
    "bind": "model.bind",
    "store": "model.store",
    "restore": "model.restore",
    "export": "model.export_model",
    "import": "model.import_model",
    "job_config": "job.config",
    "job_log": "job.log",
    "submit_job": "job.submit",
    "stop_job": "job.stop",
    "query_job": "job.query",
    "data_view_query": "job.view",
    "clean_job": "job.clean",
    "clean_queue": "queue.clean",
    "query_task": "task.query",
    "table_info": "table.info",
    "table_delete": "table.delete",
    "table_add": "table.add",
    "table_bind": "table.bind",
    "component_parameters": "component.parameters",
    "component_metric_all": "component.metric_all",
    "component_metric_delete": "component.metric_delete",
    "component_metrics": "component.metrics",
    "component_output_model": "component.output_model",
    "component_output_data": "component.output_data",
    "component_output_data_table": "component.output_data_table",
    "grant_privilege": "privilege.grant",
    "delete_privilege": "privilege.delete",
    "query_privilege": "privilege.query",
}

# Operations whose method takes the whole configuration, with what the options add to it.
CONFIGURED = frozenset(
    {
        "data.download",
        "data.upload",
        "job.submit",
        "model.bind",
        "model.export_model",
        "model.import_model",
        "model.load",
    }
)

# Options beside -f, -c and -d: the field each fills, its letters, and whether it is a number.
OPTIONS = (
    ("job_id", ("-j", "--job_id"), False),
    ("party_id", ("-p", "--party_id"), False),
    ("role", ("-r", "--role"), False),
    ("component_name", ("-cpn", "--component_name"), False),
    ("status", ("-s", "--status"), False),
    ("namespace", ("-n", "--namespace"), False),
    ("table_name", ("-t", "--table_name"), False),
    ("work_mode", ("-w", "--work_mode"), True),
    ("file", ("-i", "--file"), False),
    ("output_path", ("-o", "--output_path"), False),
    ("model", ("-m", "--model"), False),
    ("drop", ("-drop", "--drop"), True),
    ("limit", ("-limit", "--limit"), True),
    ("verbose", ("-verbose", "--verbose"), True),
    ("src_party_id", ("-src_party_id", "--src_party_id"), False),
    ("src_role", ("-src_role", "--src_role"), False),
    ("privilege_role", ("-privilege_role", "--privilege_role"), False),
    ("privilege_command", ("-privilege_command", "--privilege_command"), False),
    ("privilege_component", ("-privilege_component", "--privilege_component"), False),
)
