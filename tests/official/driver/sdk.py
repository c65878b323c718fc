"""Calls every method of the official SDK on a server and prints what came of each."""

import inspect
import json
import os
import sys
import tempfile

import data
from client import Refusal, Steps, conversions, fitting

from flow_sdk.client import FlowClient

_ROLE, _PARTY, _TASK = "guest", data.GUEST, "hetero_lr_0"


def methods(client):
    """Yield the name of every method of a client, and the method."""
    for group in sorted(vars(client)) + sorted(vars(type(client))):
        api = getattr(client, group)
        if type(api).__module__.startswith("flow_sdk.client.api"):
            for name, method in inspect.getmembers(api, inspect.ismethod):
                if not name.startswith("_"):
                    yield group + "." + name, method


class Drive:
    """The calls, in the order in which they build on each other."""

    def __init__(self, address, line, folder):
        host, _, port = address.partition(":")
        self.client = FlowClient(host, int(port), "v1")
        self.surface = dict(methods(self.client))
        self.line = line
        self.steps = Steps(line, self.surface, folder)

    def call(self, name, expected=None, detail="", /, **arguments):
        """Call a method when this version has it; a `config_data` goes as a file where only files are taken."""
        method = self.surface.get(name)
        if method is None:
            return {}
        taken = inspect.signature(method).parameters
        for given, path in (("config_data", "conf_path"), ("dsl_data", "dsl_path")):
            document = arguments.pop(given, None)
            if document is not None and path in taken:
                arguments[path] = self.steps.file(given, document)
            elif document is not None:
                arguments[given] = document
        arguments = fitting(method, arguments)
        answer = self.steps.report(name, lambda: method(**arguments), expected, detail)
        return answer if isinstance(answer, dict) else {}

    def rows(self, job_id):
        """Return the rows of a job, in whatever form the line gives them."""
        found = self.client.job.query(job_id=job_id).get("data") or []
        return found["jobs"] if isinstance(found, dict) else found

    def train(self, conf, dsl, detail):
        """Submit a job, wait for its end, and return what the answer of the submit said of it."""
        answer = self.call("job.submit", None, detail, config_data=conf, dsl_data=dsl)
        if answer.get("jobId"):
            statuses = self.steps.wait(self.rows, answer["jobId"])
            if set(statuses) != {"success"}:
                print(json.dumps({"step": "job " + detail, "good": False, "raised": str(statuses)}))
        return answer

    def run(self):
        """Make all calls."""
        self.versions()
        self.upload()
        train = self.train(data.hetero_conf(self.line), data.hetero_dsl(self.line), "train")
        homo = self.train(data.homo_conf(self.line), data.homo_dsl(self.line), "homo")
        model = train["data"]["model_info"]
        self.jobs(train["jobId"])
        self.tracking(train["jobId"])
        self.models(train["jobId"], model)
        self.later(train["jobId"], model, homo["data"]["model_info"])
        self.tables(train["jobId"])
        self.tags(train["jobId"])
        self.privileges()
        self.ends(train["jobId"])
        self.steps.finish()

    def versions(self):
        for name in self.surface:
            if name.startswith("remote_version."):
                self.call(name)

    def upload(self):
        for name, text in data.tables().items():
            path = self.steps.path(name + ".csv")
            with open(path, "w") as file:
                file.write(text)
            conf = data.upload(self.line, path, name)
            answer = self.call("data.upload", None, name, config_data=conf, verbose=0, drop=1)
            self.steps.wait(self.rows, answer["jobId"])
        self.call("data.upload_history", limit=1)
        self.call("data.upload_history", None, "job_id", job_id=answer["jobId"])
        self.call("data.download_history")
        conf = {"namespace": data.SPACE, "table_name": "guest", "delimiter": ","}
        conf.update(output_path=self.steps.path("down.csv"), work_mode=0, backend=0)
        self.call("data.download", config_data=conf)

    def jobs(self, job_id):
        task = {"job_id": job_id, "role": _ROLE, "party_id": _PARTY}
        self.call("job.list", limit=3)
        self.call("job.list", None, "all", limit=0)
        self.call("job.query", job_id=job_id)
        self.call("job.query", None, "status", role=_ROLE, party_id=_PARTY, status="success")
        self.call("job.view", **task)
        self.call("job.config", output_path=self.steps.path("config"), **task)
        self.call("job.log", job_id=job_id, output_path=self.steps.path("log"))
        self.call("task.list", limit=3)
        self.call("task.query", component_name=_TASK, status="success", **task)
        listed = data.deploy_list(self.line)
        train = data.hetero_dsl(self.line)
        self.call(
            "job.generate_dsl",
            train_dsl_path=self.steps.file("train_dsl", train),
            train_dsl=train,
            cpn_list=listed,
            cpn=listed,
        )

    def tracking(self, job_id):
        task = {"job_id": job_id, "role": _ROLE, "party_id": _PARTY, "component_name": _TASK}
        self.call("component.list", job_id=job_id)
        for name in ("metrics", "metric_all", "parameters", "output_model", "output_data_table"):
            self.call("component." + name, **task)
        self.call("component.get_summary", **task)
        self.call("component.output_data", output_path=self.steps.path("data"), limit=5, **task)

    def models(self, job_id, model):
        party = {"role": _ROLE, "party_id": _PARTY}
        self.call("model.get_model_info", **dict(model, **party))
        self.call("model.get_model_info", None, "version", model_version=model["model_version"])
        deployed = self.call("model.deploy", cpn_list=data.deploy_list(self.line), **model)
        if "data" not in deployed:
            return
        version = deployed["data"]["model_version"]
        ready = {"model_id": model["model_id"], "model_version": version}
        self.call("model.get_predict_dsl", **ready)
        self.call("model.get_predict_conf", **ready)
        self.train(data.predict_conf(self.line, **ready), None, "predict")
        folder = self.steps.path("export")
        os.makedirs(folder)
        conf = dict(model, output_path=folder, **party)
        self.call("model.export_model", config_data=conf)
        exported = [os.path.join(folder, name) for name in os.listdir(folder)]
        moved = dict(model, model_version="20200101000000000000", file=exported[0], **party)
        # The SDK of 1.5 sends the archive without the rest.
        lost = Refusal(100, "parameters are missing") if self.line < (1, 6) else None
        self.call("model.import_model", lost, config_data=moved)
        self.call("model.export_model", None, "store", config_data=dict(conf), to_database=True)
        self.call("model.import_model", None, "restore", config_data=dict(conf), from_database=True)
        roles = {"guest": [_PARTY], "host": [data.HOST], "arbiter": [data.ARBITER]}
        serving = {
            "initiator": {"role": _ROLE, "party_id": str(_PARTY)},
            "role": {name: [str(one) for one in parties] for name, parties in roles.items()},
            "job_parameters": dict(model, work_mode=0, backend=0, federated_mode="SINGLE"),
        }
        self.call("model.load", Refusal(101, "failed"), config_data=serving)
        # No version of the SDK can load by a job id: each fails by itself, before or after it has asked.
        self.call("model.load", Refusal("raised"), "job_id", job_id=job_id)
        bound = dict(serving, service_id="one", servings=["127.0.0.1:8000"])
        self.call("model.bind", Refusal(100), config_data=bound)
        migrated = dict(
            model,
            execute_party={"guest": [_PARTY], "host": [data.HOST], "arbiter": [data.ARBITER]},
            job_parameters={"federated_mode": "SINGLE", "work_mode": 0},
            role=roles,
            migrate_initiator={"role": _ROLE, "party_id": 99},
            migrate_role={"guest": [99], "host": [100], "arbiter": [100]},
            unify_model_version="202901010000000000000",
        )
        self.call("model.migrate", config_data=migrated)

    def later(self, job_id, model, homo):
        party = {"role": _ROLE, "party_id": _PARTY}
        task = dict(model, component_name=_TASK, **party)
        self.call("checkpoint.list_checkpoints", **task)
        self.call("checkpoint.get_checkpoint", None, "index", step_index=0, **task)
        self.call("checkpoint.get_checkpoint", None, "name", step_name="step_name", **task)
        lacking, alone = conversions(self.line)
        self.call("model.homo_convert", lacking, config_data=dict(homo, **party))
        kubernetes = {"deployment_type": "kfserving", "service_id": "one"}
        kubernetes.update(component_name="homo_lr_0", deployment_parameters={})
        self.call("model.homo_deploy", alone, config_data=dict(homo, **dict(party, **kubernetes)))
        self.call(
            "component.hetero_model_merge",
            guest_party_id=str(_PARTY),
            host_party_ids=[str(data.HOST)],
            component_name=_TASK,
            model_alias="model",
            model_type="lr",
            output_format="pmml",
            **model,
        )
        binning = dict(task, component_name="hetero_feature_binning_0", party_id=str(_PARTY))
        woe = self.call("component.woe_array_extract", **binning)
        self.call(
            "component.woe_array_merge",
            Refusal(400, "Only support host role."),
            woe_array={},
            **binning,
        )
        binning.update(role="host", party_id=str(data.HOST))
        self.call(
            "component.woe_array_merge", None, "host", woe_array=woe.get("data", {}), **binning
        )

    def tables(self, job_id):
        guest = {"namespace": data.SPACE, "table_name": "guest"}
        self.call("table.info", **guest)
        bound = {"engine": "PATH", "name": "bound", "namespace": data.SPACE}
        self.call("table.bind", address={"path": "/nowhere"}, drop=True, **bound)
        missing = None if "table.bind" in self.surface else Refusal(101, "no find table")
        self.call("table.delete", missing, namespace=data.SPACE, table_name="bound")
        task = {"job_id": job_id, "role": _ROLE, "party_id": _PARTY}
        # Servers know tables by their names alone.
        self.call(
            "table.delete",
            Refusal(101, "no find table"),
            "job",
            component_name="intersection_0",
            **task,
        )

    def tags(self, job_id):
        self.call("tag.create", tag_name="first", tag_desc="one")
        self.call("tag.query", tag_name="first")
        self.call("model.tag_model", job_id=job_id, tag_name="first")
        self.call("model.tag_list", job_id=job_id)
        self.call("tag.query", None, "with_model", tag_name="first", with_model=True)
        self.call("model.tag_model", None, "remove", job_id=job_id, tag_name="first", remove=True)
        self.call("tag.update", tag_name="first", new_tag_name="second", new_tag_desc="two")
        self.call("tag.list", limit=2)
        self.call("tag.delete", tag_name="second")

    def privileges(self):
        group = "priviledge" if self.line < (1, 7) else "privilege"
        # Nothing was granted yet; from 1.9 on servers have other paths than the SDK knows.
        missing = "No such file" if self.line < (1, 7) else "2"
        if self.line >= (1, 9):
            missing = "404: Not Found"
        for name in ("grant", "query", "delete"):
            self.call(
                group + "." + name, Refusal(100, missing), src_party_id=data.HOST, src_role="host"
            )

    def ends(self, job_id):
        answer = self.call("job.submit", None, "to stop", config_data=data.hetero_conf(self.line),
                           dsl_data=data.hetero_dsl(self.line))  # fmt: skip
        self.call("job.stop", job_id=answer.get("jobId", job_id))
        self.call("queue.clean")
        parties = {"guest_party_id": str(_PARTY), "host_party_id": str(data.HOST)}
        self.call("component.metric_delete", job_id=job_id)
        self.call("test.toy_conf", **parties)
        self.call("test.toy_dsl")
        toy = self.call("test.toy", **parties)
        if toy.get("jobId"):
            statuses = self.steps.wait(self.rows, toy["jobId"])
            folder = self.steps.path("toy")
            log = self.call("job.log", None, "toy", job_id=toy["jobId"], output_path=folder)
            place = log.get("directory", folder)
            found = self.steps.report(
                "test.check_toy",
                lambda: list(self.client.test.check_toy(str(_PARTY), statuses[0], place)),
                None,
                statuses[0],
            )
            if not found:
                print(json.dumps({"step": "test.check_toy", "good": False, "raised": "no line"}))


if __name__ == "__main__":
    major, minor = sys.argv[2].split(".")[:2]
    with tempfile.TemporaryDirectory() as place:
        Drive(sys.argv[1], (int(major), int(minor)), place).run()
