"""Runs every command of the official command line on a server, with every option, and prints what came of each."""

import json
import os
import sys
import tempfile

import click
import data
from click.testing import CliRunner
from client import Refusal, Steps, conversions
from flow_client.flow import flow_cli

_TASK = ["-r", "guest", "-p", str(data.GUEST)]


def commands(group, path=()):
    """Yield the name of every command, and of every command with one of its options."""
    for name in group.list_commands(None):
        command = group.get_command(None, name)
        here = (*path, name)
        if isinstance(command, click.MultiCommand):
            yield from commands(command, here)
        else:
            yield " ".join(here)
            for option in command.params:
                yield " ".join((*here, option.opts[-1]))


class Drive:
    """The commands, in the order in which they build on each other."""

    def __init__(self, address, line, folder):
        self.host, _, self.port = address.partition(":")
        self.line = line
        self.known = set(commands(flow_cli))
        self.steps = Steps(line, dict.fromkeys(self.known), folder)
        self.runner = CliRunner()
        os.chdir(folder)

    def call(self, command, arguments=(), expected=None, detail=""):
        """Run a command when this version has it, with those of the options that it has; return its document."""
        if command not in self.known:
            return {}
        words, arguments = [], [str(one) for one in arguments]
        while arguments:
            taken = [arguments.pop(0)]
            while arguments and not arguments[0].startswith("-"):
                taken.append(arguments.pop(0))
            option = self._option(command, taken[0])
            if option is not None:
                self.steps.left.pop(command + " " + option, None)
                words += taken

        def run():
            outcome = self.runner.invoke(flow_cli, command.split() + words)
            if outcome.exit_code == 2 and "Usage:" in outcome.output:
                raise ValueError(outcome.output.strip().splitlines()[-1])
            if outcome.exception is not None and not isinstance(outcome.exception, SystemExit):
                raise outcome.exception
            return outcome.output

        text = self.steps.report(command, run, expected, detail) or ""
        try:
            return json.loads(text[text.index("{") :])
        except ValueError:
            return {}

    def _option(self, command, word):
        """Return how the coverage names an option that a command has, or None."""
        group = flow_cli
        for name in command.split():
            group = group.get_command(None, name)
        for option in group.params:
            if word in option.opts or word in option.secondary_opts:
                return option.opts[-1]
        return None

    def file(self, name, document):
        """Write a document; return what hands it over."""
        return self.steps.file(name, document)

    def rows(self, job_id):
        """Return the rows of a job."""
        outcome = self.runner.invoke(flow_cli, ["job", "query", "-j", job_id])
        try:
            found = json.loads(outcome.output).get("data") or []
        except ValueError:
            return []
        return found["jobs"] if isinstance(found, dict) else found

    def train(self, conf, dsl, detail):
        """Submit a job and wait for its end."""
        words = ["-c", self.file("conf", conf)]
        if dsl is not None:
            words += ["-d", self.file("dsl", dsl)]
        answer = self.call("job submit", words, None, detail)
        statuses = self.steps.wait(self.rows, answer["jobId"])
        if set(statuses) != {"success"}:
            line = {"step": "job " + detail, "good": False, "raised": str(statuses)}
            print(json.dumps(line), flush=True)
        return answer

    def run(self):
        """Run all commands."""
        words = ["--ip", self.host, "--port", self.port]
        self.call("init", ["--reset"], None, "reset")
        self.call("init", ["-c", self.service_conf()], None, "file")
        self.call("init", [*words, "--app-key", "", "--secret-key", ""])
        self.upload()
        train = self.train(data.hetero_conf(self.line), data.hetero_dsl(self.line), "train")
        homo = self.train(data.homo_conf(self.line), data.homo_dsl(self.line), "homo")
        job_id, model = train["jobId"], train["data"]["model_info"]
        self.jobs(job_id)
        for group in ("component", "tracking"):
            self.tracking(group, job_id)
        self.models(job_id, model)
        self.later(model, homo["data"]["model_info"])
        self.tables(job_id)
        self.tags(job_id)
        self.sites()
        self.ends(job_id)
        for name in sorted(self.steps.left):
            print(json.dumps({"step": name, "missing": True}), flush=True)

    def service_conf(self):
        path = self.steps.path("service_conf.yaml")
        with open(path, "w") as file:
            file.write(f"fateflow:\n  host: {self.host}\n  http_port: {self.port}\n")
            file.write("  grpc_port: 9360\n")
        return path

    def upload(self):
        for name, text in data.tables().items():
            path = self.steps.path(name + ".csv")
            with open(path, "w") as file:
                file.write(text)
            conf = self.file("upload", data.upload(self.line, path, name))
            answer = self.call("data upload", ["-c", conf, "--verbose", "--drop"], None, name)
            self.steps.wait(self.rows, answer["jobId"])
        self.call("data upload-history", ["-l", "1"])
        self.call("data upload-history", ["-j", answer["jobId"]], None, "job")
        conf = {"namespace": data.SPACE, "table_name": "guest", "delimiter": ","}
        conf.update(output_path=self.steps.path("down.csv"), work_mode=0, backend=0)
        self.call("data download", ["-c", self.file("download", conf)])
        copy = {"table_name": "guest", "namespace": data.SPACE}
        copy.update(output_table_name="copied", output_namespace=data.SPACE, partitions=2)
        self.call("data writer", ["-c", self.file("writer", copy)])

    def jobs(self, job_id):
        self.call("job list", ["-l", "3"])
        self.call("job query", ["-j", job_id])
        self.call("job query", [*_TASK, "-s", "success"], None, "status")
        self.call("job view", ["-j", job_id, *_TASK])
        # Servers look for outputs by the day in the id of a job, and find none without one.
        none = Refusal(101, "find data view failed")
        self.call("job view", ["-s", "success", *_TASK], none, "status")
        self.call("job config", ["-j", job_id, *_TASK, "-o", self.steps.path("config")])
        self.call("job log", ["-j", job_id, "-o", self.steps.path("log")])
        self.call("task list", ["-l", "3"])
        words = ["-j", job_id, *_TASK, "-cpn", "hetero_lr_0", "-s", "success"]
        self.call("task query", words)
        dsl = self.file("train", data.hetero_dsl(self.line))
        listed = ",".join(data.deploy_list(self.line))
        path = self.steps.path("components.txt")
        with open(path, "w") as file:
            file.write(listed)
        folder = self.steps.path("dsl")
        os.makedirs(folder)
        self.call("job dsl", ["--cpn-list", listed, "--train-dsl-path", dsl])
        words = ["--cpn-path", path, "--train-dsl-path", dsl, "-o", folder]
        self.call("job dsl", words, None, "file")
        change = {"job_parameters": {"common": {"auto_retries": 1}}}
        change["component_parameters"] = {"common": {"hetero_lr_0": {"max_iter": 2}}}
        self.call("job parameter-update", ["-j", job_id, "-c", self.file("change", change)])
        self.call("job rerun", ["-j", job_id, "-cpn", "evaluation_0", "--force"])
        self.steps.wait(self.rows, job_id)

    def tracking(self, group, job_id):
        self.call("component list", ["-j", job_id])
        words = ["-j", job_id, *_TASK, "-cpn", "hetero_lr_0"]
        for name in (
            "metrics",
            "metric-all",
            "parameters",
            "output-model",
            "output-data-table",
            "get-summary",
        ):
            self.call(group + " " + name, words)
        folder = self.steps.path("summary")
        os.makedirs(folder)
        self.call(group + " get-summary", [*words, "-o", folder], None, "folder")
        self.call(group + " output-data", [*words, "-o", self.steps.path("data"), "-l", "5"])

    def models(self, job_id, model):
        party = {"role": "guest", "party_id": data.GUEST}
        named = ["--model-id", model["model_id"], "--model-version", model["model_version"]]
        self.call("model get-model-info", [*named, *_TASK])
        self.call("model get-model-info", [*named, *_TASK, "--detail"], None, "detail")
        listed = ",".join(data.deploy_list(self.line))
        path = self.steps.path("components.txt")
        with open(path, "w") as file:
            file.write(listed)
        self.call("model deploy", [*named, "--cpn-path", path], None, "file")
        dsl = self.file("predict_dsl", data.predict_dsl(self.line))
        self.call("model deploy", [*named, "--dsl-path", dsl], None, "dsl")
        deployed = self.call("model deploy", [*named, "--cpn-list", listed])
        version = deployed["data"]["model_version"]
        ready = ["--model-id", model["model_id"], "--model-version", version]
        for name in ("get-predict-dsl", "get-predict-conf"):
            folder = self.steps.path(name)
            os.makedirs(folder)
            self.call("model " + name, [*ready, "-o", folder])
        self.train(data.predict_conf(self.line, model["model_id"], version), None, "predict")
        folder = self.steps.path("export")
        os.makedirs(folder)
        conf = dict(model, output_path=folder, **party)
        self.call("model export", ["-c", self.file("export", conf)])
        exported = [os.path.join(folder, name) for name in os.listdir(folder)]
        moved = dict(model, model_version="20200101000000000000", file=exported[0], **party)
        self.call("model import", ["-c", self.file("import", moved)])
        self.call("model export", ["-c", self.file("store", conf), "--to-database"], None, "store")
        words = ["-c", self.file("restore", conf), "--from-database"]
        self.call("model import", words, None, "restore")
        roles = {"guest": [data.GUEST], "host": [data.HOST], "arbiter": [data.ARBITER]}
        serving = {
            "initiator": {"role": "guest", "party_id": str(data.GUEST)},
            "role": {name: [str(one) for one in parties] for name, parties in roles.items()},
            "job_parameters": dict(model, work_mode=0, backend=0, federated_mode="SINGLE"),
        }
        failed = Refusal(101, "failed")
        self.call("model load", ["-c", self.file("load", serving)], failed)
        self.call("model load", ["-j", job_id], failed, "job")
        bound = dict(serving, service_id="one", servings=["127.0.0.1:8000"])
        self.call("model bind", ["-c", self.file("bind", bound)], Refusal(100))
        by_job = {"service_id": "one", "servings": ["127.0.0.1:8000"]}
        self.call(
            "model bind", ["-j", job_id, "-c", self.file("bind", by_job)], Refusal(100), "job"
        )
        migrated = dict(
            model,
            execute_party=roles,
            job_parameters={"federated_mode": "SINGLE", "work_mode": 0},
            role=roles,
            migrate_initiator={"role": "guest", "party_id": 99},
            migrate_role={"guest": [99], "host": [100], "arbiter": [100]},
            unify_model_version="202901010000000000000",
        )
        self.call("model migrate", ["-c", self.file("migrate", migrated)])

    def later(self, model, homo):
        named = ["--model-id", model["model_id"], "--model-version", model["model_version"]]
        task = [*named, *_TASK, "-cpn", "hetero_lr_0"]
        self.call("checkpoint list", task)
        self.call("checkpoint get", [*task, "--step-index", "0"], None, "index")
        self.call("checkpoint get", [*task, "--step-name", "step_name"], None, "name")
        listed = ",".join(data.deploy_list(self.line))
        words = [*named, "--cpn-list", listed]
        step = ["--cpn-step-index", "hetero_lr_0:0"]
        self.call("model deploy", [*words, *step], None, "step index")
        step = ["--cpn-step-name", "hetero_lr_0:step_name"]
        self.call("model deploy", [*words, *step], None, "step name")
        party = {"role": "guest", "party_id": data.GUEST}
        lacking, alone = conversions(self.line)
        words = ["-c", self.file("convert", dict(homo, **party))]
        self.call("model homo-convert", words, lacking)
        deployment = {"deployment_type": "kfserving", "service_id": "one"}
        deployment.update(component_name="homo_lr_0", deployment_parameters={}, **party)
        words = ["-c", self.file("deploy", dict(homo, **deployment))]
        self.call("model homo-deploy", words, alone)
        merged = [*named, "-gid", str(data.GUEST), "-hids", str(data.HOST), "-cpn", "hetero_lr_0"]
        merged += ["--model-type", "lr", "--output-format", "pmml", "--target-name", "y"]
        merged += ["--host-rename", "--include-guest-coef", "-o", self.steps.path("merged.pmml")]
        self.call("component hetero-model-merge", merged)
        binning = [*named, "-cpn", "hetero_feature_binning_0"]
        path = self.steps.path("woe.json")
        self.call("component woe-array-extract", [*binning, *_TASK, "-o", path])
        words = [*binning, "-r", "host", "-p", str(data.HOST), "-i", path]
        self.call("component woe-array-merge", words)

    def tables(self, job_id):
        guest = ["-n", data.SPACE, "-t", "guest"]
        self.call("table info", guest)
        self.call("table tracking-source", guest)
        self.call("table tracking-job", guest)
        self.call("table disable", guest)
        self.call("table enable", guest)
        bound = {"engine": "PATH", "address": {"path": "/nowhere"}, "namespace": data.SPACE}
        bound.update(name="bound", table_name="bound", drop=1, head=1, id_delimiter=",")
        bound.update(work_mode=0)
        self.call("table bind", ["-c", self.file("bind", bound), "--drop"])
        self.call("table add", ["-c", self.file("add", dict(bound, name="added"))])
        self.call("table delete", ["-n", data.SPACE, "-t", "bound"])
        self.call("table disable", ["-n", data.SPACE, "-t", "added"], None, "added")
        task = ["-j", job_id, *_TASK, "-cpn", "intersection_0"]
        self.call("table delete", task, Refusal(101, "no find table"), "job")
        self.call("table disable-delete")
        connector = {"connector_name": "one", "engine": "MYSQL"}
        connector["connector_info"] = {"user": "u", "passwd": "p", "host": "127.0.0.1", "port": 1}
        self.call("table connector-create", ["-c", self.file("connector", connector)])
        self.call("table connector-query", ["--connector-name", "one"])

    def tags(self, job_id):
        self.call("tag create", ["-t", "first", "-d", "one"])
        self.call("tag query", ["-t", "first", "--with-model"])
        self.call("model tag-model", ["-j", job_id, "-t", "first"])
        self.call("model tag-list", ["-j", job_id])
        self.call("model tag-model", ["-j", job_id, "-t", "first", "--remove"], None, "remove")
        self.call("tag update", ["-t", "first", "--new-tag-name", "x", "--new-tag-desc", "two"])
        self.call("tag list", ["-l", "2"])
        self.call("tag delete", ["-t", "x"])

    def sites(self):
        if self.line < (1, 9):
            words = ["--src-party-id", str(data.HOST), "--src-role", "host"]
            given = ["--privilege-role", "guest", "--privilege-command", "create"]
            # A 1.7 or 1.8 gives the number of the error alone, and its text as the data.
            nothing = Refusal(100, "No such file" if self.line < (1, 7) else "2")
            self.call("privilege query", words, nothing, "before any was granted")
            self.call("privilege grant", words + given)
            # Without authentication no kind of component can be granted.
            one = ["--privilege-component", "dataio"]
            unknown = Refusal(100, "does not exist in the permission component")
            self.call("privilege grant", words + one, unknown, "component")
            self.call("privilege query", words)
            self.call("privilege delete", words + one, unknown, "component")
            self.call("privilege delete", words + given)
        else:
            granted = {"party_id": data.HOST, "component": "reader,dataio"}
            granted["dataset"] = [{"namespace": data.SPACE, "name": "guest"}]
            off = Refusal(100, "No permission controller is found")
            self.call("privilege grant", ["-c", self.file("grant", granted)], off)
            self.call("privilege query", ["-p", str(data.HOST)], off)
            self.call("privilege delete", ["-c", self.file("delete", granted)], off)
        self.call("key save", ["-c", self.file("key", {"party_id": "8888", "key": "public"})])
        self.call("key query", ["-p", "8888"])
        self.call("key delete", ["-p", "8888"])
        self.call("provider list")
        self.call("provider list", ["-n", "fate"], None, "name")
        self.call("provider list-components")
        register = {"name": "fate", "version": "9.9.9", "path": "/nowhere"}
        if self.line < (1, 8):  # a process that is started for it fails
            unknown = Refusal(100, "run error, please check logs")
        else:
            unknown = Refusal(400, "invalid path" if self.line < (1, 9) else "is not a directory")
        self.call("provider register", ["-c", self.file("register", register)], unknown)
        self.call("resource query")
        self.call("server versions")
        self.call("server reload")
        self.call("service registry")
        self.call("template download", ["--min-data", "1", "-o", self.steps.path("template")])

    def ends(self, job_id):
        words = ["-c", self.file("conf", data.hetero_conf(self.line))]
        words += ["-d", self.file("dsl", data.hetero_dsl(self.line))]
        answer = self.call("job submit", words, None, "to stop")
        self.call("job stop", ["-j", answer.get("jobId", job_id)])
        self.call("resource return", ["-j", job_id])
        self.call("queue clean")
        parties = ["-gid", str(data.GUEST), "-hid", str(data.HOST)]
        words = [*parties, "--timeout", "30", "--task-cores", "2"]
        self.call("test toy", words)
        self.call("component metric-delete", ["-j", job_id])
        # From 1.9 on the date arrives under another name than servers ask for.
        self.call("component metric-delete", ["-d", "20200101"], Refusal(100), "date")
        self.shortest(job_id)

    def shortest(self, job_id):
        """FATE's shortest test of a cluster: two trainings and predictions with the example tables."""
        if "test min" not in self.known:
            return
        for name, text in data.tables().items():
            path = self.steps.path(name + ".csv")
            with open(path, "w") as file:
                file.write(text)
            conf = data.upload(self.line, path, "breast_hetero_" + name)
            conf["namespace"] = "experiment"
            answer = self.call("data upload", ["-c", self.file("min", conf)], None, "min " + name)
            self.steps.wait(self.rows, answer["jobId"])
        parties = ["-gid", str(data.GUEST), "-hid", str(data.HOST), "-aid", str(data.ARBITER)]
        self.call("test min", ["--data-type", "fast", "--sbt", *parties])


if __name__ == "__main__":
    major, minor = sys.argv[2].split(".")[:2]
    with tempfile.TemporaryDirectory() as place:
        Drive(sys.argv[1], (int(major), int(minor)), place).run()
        os.chdir("/")
