"""The table of operations: one line each, and everything else derives from it.

The client, the command line, the documentation, the mock's route check and the caches read this
table; no other place states a method or a path.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from flowkit.call.operation import Effect, Operation, Route

__all__ = ["OPERATIONS", "Operations"]

READ, WRITE = Effect.READ, Effect.WRITE


class Operations:
    """Operations by name, in the order of the table."""

    def __init__(self, operations: Iterable[Operation] = ()) -> None:
        self._by_name = {operation.name: operation for operation in operations}

    def __getitem__(self, name: str) -> Operation:
        return self._by_name[name]

    def __contains__(self, name: object) -> bool:
        return name in self._by_name

    def __iter__(self) -> Iterator[Operation]:
        return iter(self._by_name.values())

    def __len__(self) -> int:
        return len(self._by_name)

    def __repr__(self) -> str:
        return f"<Operations: {len(self)}>"

    def _repr_html_(self) -> str:
        """Return the table as a notebook shows it."""
        from flowkit.display.markup import join
        from flowkit.display.tables import html_table

        groups = dict.fromkeys(operation.group for operation in self)
        return join(
            *(
                html_table(
                    [
                        {
                            "call": f"flow.{one.name}",
                            "does": one.summary,
                            "effect": one.effect.value,
                        }
                        for one in self.group(group)
                    ]
                )
                for group in groups
            )
        )

    def extended(self, more: Iterable[Operation]) -> Operations:
        """Return a table that holds `more` as well; later lines win over earlier ones."""
        return Operations([*self, *more])

    def group(self, name: str) -> list[Operation]:
        """Return the operations of one group."""
        return [operation for operation in self if operation.group == name]


def _guide(
    name: str,
    method: str,
    path: str,
    effect: Effect,
    resources: tuple[str, ...],
    summary: str,
    *,
    sends: str = "json",
    answers: str = "json",
    routes: tuple[Route, ...] = (),
    settled: bool = False,
) -> Operation:
    """Return a line for one of the operations of the user guide."""
    return Operation(
        name,
        method,
        path,
        effect,
        summary,
        resources,
        sends,
        answers,
        routes=routes,
        settled=settled,
        guide=True,
    )


def _more(
    name: str,
    path: str,
    effect: Effect,
    resources: tuple[str, ...],
    summary: str,
    *,
    sends: str = "json",
    answers: str = "json",
    since: str = "1.5",
    routes: tuple[Route, ...] = (),
) -> Operation:
    """Return a line for an operation beyond the user guide."""
    return Operation(
        name, "POST", path, effect, summary, resources, sends, answers, since=since, routes=routes
    )


TRACKING = "tracking/component"
OUTPUT = ("job", "output")

# fmt: off
OPERATIONS = Operations([
    _guide("job.submit", "POST", "job/submit", WRITE, ("job", "output", "model", "table"),
           "Submit a job: a runtime configuration and a DSL."),
    _guide("job.stop", "POST", "job/stop", WRITE, ("job",), "Cancel or stop a job."),
    _guide("job.query", "POST", "job/query", READ, ("job",), "Look up jobs by filters."),
    _guide("job.config", "POST", "job/config", READ, ("job",),
           "Download the configuration of a job.", settled=True),
    _guide("job.log", "GET", "job/log", READ, ("job",), "Download the log files of a job.",
           answers="tar.gz", routes=(Route("1.7", "POST", "job/log/download"),)),
    _guide("job.list", "POST", "job/list/job", READ, ("job",), "List jobs, newest first."),
    _guide("job.view", "POST", "job/data/view/query", READ, OUTPUT,
           "List the data views of jobs.", settled=True),
    _guide("job.generate_dsl", "POST", "job/dsl/generate", READ, (),
           "Derive a prediction DSL from a training DSL."),
    _guide("component.parameters", "POST", f"{TRACKING}/parameters", READ, ("job",),
           "Show the parameters of a component.", settled=True),
    _guide("component.metric_all", "POST", f"{TRACKING}/metric/all", READ, OUTPUT,
           "Show all metric data of a component.", settled=True),
    _guide("component.metrics", "POST", f"{TRACKING}/metrics", READ, OUTPUT,
           "List the names of a component's metrics.", settled=True),
    _guide("component.metric_delete", "POST", f"{TRACKING}/metric/delete", WRITE, ("output",),
           "Delete metrics, of a day or of a job."),
    _guide("component.output_model", "POST", f"{TRACKING}/output/model", READ, OUTPUT,
           "Show the model a component has trained.", settled=True),
    _guide("component.output_data", "GET", f"{TRACKING}/output/data/download", READ, OUTPUT,
           "Download the output data of a component.", answers="tar.gz", settled=True),
    _guide("component.output_data_table", "POST", f"{TRACKING}/output/data/table", READ, OUTPUT,
           "Show name and namespace of a component's output tables.", settled=True),
    _guide("component.list", "POST", f"{TRACKING}/list", READ, ("job",),
           "List the components of a job.", settled=True),
    _guide("component.get_summary", "POST", f"{TRACKING}/summary/download", READ, OUTPUT,
           "Show the summary of a component.", settled=True),
    _guide("data.download", "POST", "data/download", WRITE, ("job",),
           "Write a data table to a file on the server."),
    _guide("data.upload", "POST", "data/upload", WRITE, ("job", "table"),
           "Upload a data table.", sends="multipart"),
    _guide("data.upload_history", "POST", "data/upload/history", READ, ("job", "table"),
           "List past uploads."),
    _guide("task.list", "POST", "job/list/task", READ, ("job",), "List tasks, newest first."),
    _guide("task.query", "POST", "job/task/query", READ, ("job",), "Look up tasks by filters."),
    _guide("model.load", "POST", "model/load", WRITE, ("model",),
           "Load a deployed model into the serving system."),
    _guide("model.bind", "POST", "model/bind", WRITE, ("model",),
           "Bind a loaded model to a service id."),
    _guide("model.export_model", "GET", "model/export", READ, ("model",),
           "Export a model to a file, or to the server's database.", answers="zip"),
    _guide("model.import_model", "POST", "model/import", WRITE, ("model",),
           "Import a model from a file, or from the server's database.", sends="multipart"),
    _guide("model.migrate", "POST", "model/migrate", WRITE, ("model",),
           "Copy a model to other party ids."),
    _guide("model.tag_list", "POST", "model/model_tag/retrieve", READ, ("tag",),
           "List the tags of a model."),
    _guide("model.tag_model", "POST", "model/model_tag/create", WRITE, ("tag",),
           "Put a tag on a model, or take it off."),
    _guide("model.deploy", "POST", "model/deploy", WRITE, ("model",), "Deploy a trained model."),
    _guide("model.get_predict_dsl", "POST", "model/get/predict/dsl", READ, ("model",),
           "Show the prediction DSL of a deployed model."),
    _guide("model.get_predict_conf", "POST", "model/get/predict/conf", READ, ("model",),
           "Show a prediction configuration to be filled in."),
    _guide("model.get_model_info", "POST", "model/query", READ, ("model",),
           "Show what is known of a model."),
    _guide("tag.create", "POST", "model/tag/create", WRITE, ("tag",), "Create a tag."),
    _guide("tag.update", "POST", "model/tag/update", WRITE, ("tag",),
           "Rename or re-describe a tag."),
    _guide("tag.list", "POST", "model/tag/list", READ, ("tag",), "List the tags."),
    _guide("tag.query", "POST", "model/tag/retrieve", READ, ("tag", "model"),
           "Look up a tag, with the models that bear it."),
    _guide("tag.delete", "POST", "model/tag/destroy", WRITE, ("tag",), "Delete a tag."),
    _guide("table.info", "POST", "table/table_info", READ, ("table",),
           "Describe a data table."),
    _guide("table.delete", "POST", "table/delete", WRITE, ("table", "output"),
           "Delete a data table."),
    _guide("queue.clean", "POST", "job/clean/queue", WRITE, ("job",),
           "Cancel every job that is waiting in the queue.", sends="none"),

    _more("job.rerun", "job/rerun", WRITE, ("job", "output"),
          "Run the failed part of a finished job again."),
    _more("job.update", "job/update", WRITE, ("job",), "Change the notes of a job."),
    _more("job.clean", "job/clean", WRITE, ("job", "output"),
          "Delete the output data and metrics of a job."),
    _more("job.url", "job/url/get", READ, ("job",), "Show the address of a job's web page."),
    _more("job.parameter_update", "job/parameter/update", WRITE, ("job",),
          "Change the parameters of a job before it is run again.", since="1.7"),
    _more("component.metric_data", f"{TRACKING}/metric_data", READ, OUTPUT,
          "Show one metric of a component."),
    _more("component.output_data_preview", f"{TRACKING}/output/data", READ, OUTPUT,
          "Show the first rows of a component's output data."),
    _more("component.dependency", "pipeline/dag/dependency", READ, ("job",),
          "Show how the components of a job depend on each other."),
    _more("component.validate", "component/validate", READ, (),
          "Check the parameters of a component."),
    _more("component.hetero_model_merge", "component/hetero/merge", READ, ("model",),
          "Merge the parties' halves of a hetero model.", since="1.9"),
    _more("component.woe_array_extract", "component/woe_array/extract", READ, ("model",),
          "Extract the WOE arrays of a binning model.", since="1.10"),
    _more("component.woe_array_merge", "component/woe_array/merge", WRITE, ("model",),
          "Merge WOE arrays into a binning model.", since="1.10"),
    _more("data.view", "tracking/job/data_view", READ, ("job",),
          "Show partners, roles and datasets of a job."),
    _more("data.writer", "data/writer", WRITE, ("job", "table"),
          "Copy a data table to another storage engine.", since="1.7"),
    _more("model.store", "model/store", WRITE, ("job", "model"),
          "Store a model in the server's database."),
    _more("model.restore", "model/restore", WRITE, ("job", "model"),
          "Restore a model from the server's database."),
    _more("model.homo_convert", "model/homo/convert", WRITE, ("model",),
          "Convert a homogeneous model to a common format.", since="1.7"),
    _more("model.homo_deploy", "model/homo/deploy", WRITE, ("model",),
          "Deploy a converted model to a serving system.", since="1.7"),
    _more("table.bind", "table/bind", WRITE, ("table",), "Register a table where it lies."),
    _more("table.add", "table/add", WRITE, ("table",), "Register a table where it lies."),
    _more("table.list", "table/list", READ, OUTPUT, "List the tables a job reads and writes."),
    _more("table.disable", "table/disable", WRITE, ("table",),
          "Keep tables from being used.", since="1.8"),
    _more("table.enable", "table/enable", WRITE, ("table",),
          "Let disabled tables be used again.", since="1.8"),
    _more("table.disable_delete", "table/disable/delete", WRITE, ("table", "output"),
          "Delete all disabled tables.", since="1.8"),
    _more("table.connector_create", "table/connector/create", WRITE, ("table",),
          "Store under a name where tables lie.", since="1.7"),
    _more("table.connector_query", "table/connector/query", READ, ("table",),
          "Show what is stored under the name of a connector.", since="1.7"),
    _more("table.tracking_source", "table/tracking/source", READ, ("table", "job"),
          "List the tables that a table was made from.", since="1.7"),
    _more("table.tracking_job", "table/tracking/job", READ, ("table", "job"),
          "List the jobs that used a table.", since="1.7"),
    _more("privilege.query", "permission/query/privilege", READ, ("permission",),
          "Show the privileges of a party.",
          routes=(Route("1.9", "POST", "permission/query"),)),
    _more("privilege.grant", "permission/grant/privilege", WRITE, ("permission",),
          "Grant privileges to a party.",
          routes=(Route("1.9", "POST", "permission/grant"),)),
    _more("privilege.delete", "permission/delete/privilege", WRITE, ("permission",),
          "Take privileges from a party.",
          routes=(Route("1.9", "POST", "permission/delete"),)),
    _more("checkpoint.list_checkpoints", "checkpoint/list", READ, ("model",),
          "List the checkpoints of a training.", since="1.7"),
    _more("checkpoint.get_checkpoint", "checkpoint/get", READ, ("model",),
          "Fetch one checkpoint of a training.", since="1.7"),
    _more("provider.list", "provider/get", READ, ("provider",),
          "List the registered providers.", since="1.7"),
    _more("provider.register", "provider/register", WRITE, ("provider",),
          "Register a version of a provider.", since="1.7"),
    _more("provider.list_components", "component/get", READ, ("provider",),
          "List the components, with their providers.", since="1.7"),
    _more("resource.query", "resource/query", READ, ("job",),
          "Show what the computing engines have, and which jobs hold it.", since="1.7"),
    _more("resource.release", "resource/return", WRITE, ("job",),
          "Take back what a job holds.", since="1.7"),
    _more("service.versions", "server/version/get", READ, (),
          "Show the versions of all that runs on the server.", since="1.7"),
    _more("service.reload", "server/reload", WRITE, (),
          "Have the server read its configuration anew.", since="1.7"),
    _more("service.registry", "server/service/get", READ, (),
          "Show the services that the server is configured with.", since="1.7"),
    _more("key.save", "key/public/save", WRITE, ("key",),
          "Store the public key of a party.", since="1.9"),
    _more("key.delete", "key/public/delete", WRITE, ("key",),
          "Delete the public key of a party.", since="1.9"),
    _more("key.query", "key/query", READ, ("key",),
          "Show the public key of a party.", since="1.9"),
    _more("template.download", "template/download", READ, (),
          "Download FATE's examples.", answers="tar.gz", since="1.7"),
    _more("remote_version.get", "version/get", READ, (), "Show the version of a module."),
    _more("test.toy", "job/submit", WRITE, ("job",),
          "Submit the toy job that tests the link between two parties."),
])
# fmt: on
