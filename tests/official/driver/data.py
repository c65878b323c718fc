"""What the steps train on and submit: two small tables and the jobs over them, in the form of each line."""

import random

GUEST, HOST, ARBITER = 9999, 10000, 10000
SPACE = "official"
ROWS = 120


def tables():
    """Return a table with labels, and one with the other columns of the same ids, as CSV."""
    chance = random.Random(7)
    guest, host = ["id,y,x0,x1"], ["id,z0,z1,z2"]
    for number in range(ROWS):
        label = number % 2
        values = [format(chance.gauss(label, 1.0), ".4f") for _ in range(5)]
        guest.append(",".join([str(number), str(label), *values[:2]]))
        host.append(",".join([str(number), *values[2:]]))
    return {"guest": "\n".join(guest) + "\n", "host": "\n".join(host) + "\n"}


def upload(line, path, name):
    """Return the configuration of an upload."""
    made = {"file": path, "head": 1, "partition": 2, "table_name": name, "namespace": SPACE}
    made["id_delimiter"] = ","
    if line < (1, 7):
        made.update(work_mode=0, backend=0)
    return made


def _transform(line):
    return ("dataio_0", "DataIO") if line < (1, 7) else ("data_transform_0", "DataTransform")


def hetero_dsl(line):
    """Return the components of a vertical training: binning and logistic regression over common ids."""
    name, module = _transform(line)
    return {
        "components": {
            "reader_0": {"module": "Reader", "output": {"data": ["data"]}},
            name: {
                "module": module,
                "input": {"data": {"data": ["reader_0.data"]}},
                "output": {"data": ["data"], "model": ["model"]},
            },
            "intersection_0": {
                "module": "Intersection",
                "input": {"data": {"data": [name + ".data"]}},
                "output": {"data": ["data"]},
            },
            "hetero_feature_binning_0": {
                "module": "HeteroFeatureBinning",
                "input": {"data": {"data": ["intersection_0.data"]}},
                "output": {"data": ["data"], "model": ["model"]},
            },
            "hetero_lr_0": {
                "module": "HeteroLR",
                "input": {"data": {"train_data": ["intersection_0.data"]}},
                "output": {"data": ["data"], "model": ["model"]},
            },
            "evaluation_0": {
                "module": "Evaluation",
                "input": {"data": {"data": ["hetero_lr_0.data"]}},
                "output": {"data": ["data"]},
            },
        }
    }


def hetero_conf(line):
    """Return the configuration of `hetero_dsl`."""
    name, _ = _transform(line)
    regression = {"max_iter": 3, "batch_size": -1}
    if line >= (1, 7):
        regression["callback_param"] = {"callbacks": ["ModelCheckpoint"], "save_freq": 1}
    return {
        "dsl_version": 2,
        "initiator": {"role": "guest", "party_id": GUEST},
        "role": {"guest": [GUEST], "host": [HOST], "arbiter": [ARBITER]},
        "job_parameters": {"common": _common(line)},
        "component_parameters": {
            "common": {
                "intersection_0": {"intersect_method": "raw"},
                "hetero_lr_0": regression,
                "evaluation_0": {"eval_type": "binary"},
            },
            "role": {
                "guest": {
                    "0": {
                        "reader_0": {"table": {"name": "guest", "namespace": SPACE}},
                        name: {"with_label": True, "label_name": "y"},
                    }
                },
                "host": {
                    "0": {
                        "reader_0": {"table": {"name": "host", "namespace": SPACE}},
                        name: {"with_label": False},
                    }
                },
            },
        },
    }


def homo_dsl(line):
    """Return the components of a horizontal training."""
    name, module = _transform(line)
    return {
        "components": {
            "reader_0": {"module": "Reader", "output": {"data": ["data"]}},
            name: {
                "module": module,
                "input": {"data": {"data": ["reader_0.data"]}},
                "output": {"data": ["data"], "model": ["model"]},
            },
            "homo_lr_0": {
                "module": "HomoLR",
                "input": {"data": {"train_data": [name + ".data"]}},
                "output": {"data": ["data"], "model": ["model"]},
            },
        }
    }


def homo_conf(line):
    """Return the configuration of `homo_dsl`: both parties hold the table with labels."""
    name, _ = _transform(line)
    table = {"table": {"name": "guest", "namespace": SPACE}}
    return {
        "dsl_version": 2,
        "initiator": {"role": "guest", "party_id": GUEST},
        "role": {"guest": [GUEST], "host": [HOST], "arbiter": [ARBITER]},
        "job_parameters": {"common": _common(line)},
        "component_parameters": {
            "common": {
                name: {"with_label": True, "label_name": "y", "output_format": "dense"},
                "homo_lr_0": {"max_iter": 2, "batch_size": -1},
            },
            "role": {
                "guest": {"0": {"reader_0": table}},
                "host": {"0": {"reader_0": table}},
            },
        },
    }


def deploy_list(line):
    """Return the components that a deployment keeps."""
    return ["reader_0", _transform(line)[0], "intersection_0", "hetero_lr_0"]


def predict_conf(line, model_id, model_version):
    """Return the configuration of a prediction with a deployed model."""
    made = hetero_conf(line)
    made["job_parameters"]["common"].update(
        job_type="predict", model_id=model_id, model_version=model_version
    )
    made["component_parameters"].pop("common")
    return made


def _common(line):
    return {"work_mode": 0, "backend": 0} if line < (1, 7) else {"task_cores": 2}


def predict_dsl(line):
    """Return the components of a prediction that a user writes by hand."""
    name, _ = _transform(line)
    train = hetero_dsl(line)["components"]
    kept = {one: dict(train[one]) for one in deploy_list(line)}
    for one in (name, "hetero_lr_0"):
        kept[one]["input"] = dict(kept[one]["input"], model=[f"pipeline.{one}.model"])
    lr = kept["hetero_lr_0"]
    lr["input"] = {"data": {"test_data": ["intersection_0.data"]}, "model": lr["input"]["model"]}
    return {"components": kept}
