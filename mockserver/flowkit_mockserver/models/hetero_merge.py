"""One model of those of guest and hosts (component/hetero/merge).

The real server makes objects of other libraries of it. The mock has none of these libraries: LightGBM's text of trees
is that of the real server; of PMML and scikit-learn's pickle it writes the coefficients or the trees, as text.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from xml.sax.saxutils import quoteattr

__all__ = ["FORMATS", "merge_models"]

Model = Mapping[str, Any]

FORMATS = ("sklearn", "scikit-learn", "pmml", "lightgbm", "lgb")
_LINEAR = ("lr", "logistic_regression", "linear_regression", "linr", "poisson")
_TREES = ("sbt", "secureboost", "tree")


def merge_models(
    guest: Model,
    hosts: Sequence[Model],
    *,
    model_type: str,
    output_format: str,
    target: str = "y",
    rename_hosts: bool = False,
    with_guest: bool = False,
) -> str:
    """Return one model as text.

    Args:
        guest: the document of the guest's model.
        hosts: those of the hosts, in their order.
        model_type: ``lr``, ``sbt`` or their long names.
        output_format: ``sklearn``, ``pmml`` or ``lightgbm``.
        target: the name of what is predicted.
        rename_hosts: whether the columns of hosts get their place in front.
        with_guest: whether the guest's own coefficients go in.

    Raises:
        ValueError: there is no such type.
    """
    if model_type in _LINEAR:
        return _merge_linear(guest, hosts, output_format, target, rename_hosts, with_guest)
    if model_type in _TREES:
        return _merge_trees(guest, hosts, output_format, target, rename_hosts)
    raise ValueError(f"model type should be one in ['lr', 'sbt'], but {model_type} is offered")


def _merge_linear(
    guest: Model,
    hosts: Sequence[Model],
    output_format: str,
    target: str,
    rename_hosts: bool,
    with_guest: bool,
) -> str:
    weights: dict[str, float] = {}
    if with_guest:
        weights |= guest["param"].get("weight", {})
    for index, host in enumerate(hosts):
        for name, value in host["param"].get("weight", {}).items():
            weights[f"host_{index}_{name}" if rename_hosts else name] = value
    intercept = guest["param"].get("intercept", 0.0)
    if output_format == "pmml":
        terms = "".join(
            f"      <NumericPredictor name={quoteattr(name)} coefficient={quoteattr(repr(value))}/>\n"
            for name, value in weights.items()
        )
        return (
            '<?xml version="1.0" encoding="UTF-8"?>\n'
            '<PMML xmlns="http://www.dmg.org/PMML-4_4" version="4.4.1">\n'
            f'  <RegressionModel functionName="classification" targetFieldName={quoteattr(target)}>\n'
            f'    <RegressionTable intercept="{intercept!r}" targetCategory="1">\n{terms}'
            "    </RegressionTable>\n  </RegressionModel>\n</PMML>\n"
        )
    document = {"coef": weights, "intercept": intercept, "target": target}
    return json.dumps(base64.b64encode(json.dumps(document).encode()).decode())


def _merge_trees(
    guest: Model, hosts: Sequence[Model], output_format: str, target: str, rename_hosts: bool
) -> str:
    if output_format in {"sklearn", "scikit-learn"}:
        raise ValueError(f"unknown output type {output_format}")
    names = [*_names(guest)]
    firsts = []
    for number, host in enumerate(hosts):
        firsts.append(len(names))
        suffix = f"_{_host_name(host, number)}" if rename_hosts else ""
        names += [f"{name}{suffix}" for name in _names(host)]
    if output_format == "pmml":
        fields = "".join(f"    <DataField name={quoteattr(name)}/>\n" for name in (*names, target))
        trees = len(guest["param"]["trees"])
        return (
            '<?xml version="1.0" encoding="UTF-8"?>\n'
            '<PMML xmlns="http://www.dmg.org/PMML-4_4" version="4.4.1">\n'
            f"  <DataDictionary>\n{fields}  </DataDictionary>\n"
            f'  <MiningModel functionName="classification" segments="{trees}"/>\n</PMML>\n'
        )
    parts = [_head(guest, names)]
    for number in range(len(guest["param"]["trees"])):
        own = guest["param"]["trees"][number]
        others = [
            (first, host["param"]["trees"][number])
            for first, host in zip(firsts, hosts, strict=True)
        ]
        parts.append(_tree(number, guest, _merged_nodes(own, others), own.get("leafCount") or {}))
    return "".join(parts) + _parameters(guest)


def _names(model: Model) -> list[str]:
    named = model["param"].get("featureNameFidMapping") or {}
    return [named[number] for number in sorted(named, key=int)]


def _host_name(host: Model, number: int) -> str:
    hidden = next(iter(host["param"].get("anonymousNameMapping") or {}), "")
    words = hidden.split("_")
    return "_".join(words[:2]) if len(words) > 2 else f"host_{number}"


def _merged_nodes(
    own: Mapping[str, Any], others: Sequence[tuple[int, Mapping[str, Any]]]
) -> list[dict[str, Any]]:
    """Return the nodes of a tree, each split with column, bound and direction of whoever has it."""
    nodes = []
    for place, node in enumerate(own["tree"]):
        merged, key = dict(node), str(node["id"])
        values = {0: own, **{first: tree for first, tree in others if key in tree["splitMaskdict"]}}
        for first, tree in values.items():
            if key in tree["splitMaskdict"]:
                merged |= {
                    "fid": tree["tree"][place]["fid"] + first,
                    "bid": tree["splitMaskdict"][key],
                    "missingDir": tree["missingDirMaskdict"].get(key, 0),
                }
        nodes.append(merged)
    return nodes


def _is_multiclass(model: Model) -> bool:
    return model["meta"]["taskType"] == "classification" and len(model["param"]["classes"]) > 2


def _head(guest: Model, names: Sequence[str]) -> str:
    classes = len(guest["param"]["classes"]) if len(guest["param"]["classes"]) > 2 else 1
    objective = "binary sigmoid:1"
    if guest["meta"]["taskType"] != "classification":
        objective = "regression"
    elif _is_multiclass(guest):
        objective = f"multiclass num_class:{classes}"
    return (
        f"tree\nversion=v3\nnum_class={classes}\n"
        f"num_tree_per_iteration={guest['param']['treeDim']}\nlabel_index=0\n"
        f"max_feature_idx={len(names) - 1}\nobjective={objective}\n"
        f"feature_names={' '.join(name.replace(' ', '-') for name in names)}\n"
        f"feature_infos={_words(['[0:1]'] * len(names))}\n\n"
    )


def _tree(
    number: int, guest: Model, nodes: Sequence[Mapping[str, Any]], leaf_counts: Mapping[str, int]
) -> str:
    """Return a tree in LightGBM's form: splits and leaves by place, leaves named by -1, -2, … as they are met."""
    rate = float(guest["meta"]["learningRate"])
    splits = [node for node in nodes if not node["isLeaf"]]
    places: dict[int, int] = {node["id"]: place for place, node in enumerate(splits)}
    counted: list[int] = []
    sides: dict[str, list[int]] = {"left": [], "right": []}
    for node in splits:
        for side, found in sides.items():
            child = node[f"{side}Nodeid"]
            if child not in places:
                # A leaf has one sample at least.
                counted.append(leaf_counts.get(str(child), 0) or 1)
                found.append(-len(counted))
            else:
                found.append(places[child])
    start = 0.0
    if number == 0 and guest["meta"]["taskType"] == "regression":
        start = guest["param"]["initScore"][0]
    lines = {
        "Tree": number,
        "num_leaves": len(nodes) - len(splits),
        "num_cat": 0,
        "split_feature": _words(node["fid"] for node in splits),
        "threshold": _words(float(node["bid"]) for node in splits),
        "decision_type": _words(_decision(guest, node) for node in splits),
        "left_child": _words(sides["left"]),
        "right_child": _words(sides["right"]),
        "leaf_value": _words(node["weight"] * rate + start for node in nodes if node["isLeaf"]),
        "internal_value": _words(float(node["weight"]) for node in splits),
        "shrinkage": rate,
    }
    if leaf_counts and splits:
        lines["internal_count"] = _words(_inner_counts(nodes, splits, leaf_counts))
        lines["leaf_count"] = _words(counted)
    return "".join(f"{name}={value}\n" for name, value in lines.items()) + "\n\n"


def _inner_counts(
    nodes: Sequence[Mapping[str, Any]],
    splits: Sequence[Mapping[str, Any]],
    leaf_counts: Mapping[str, int],
) -> list[int]:
    counts = {node["id"]: leaf_counts.get(str(node["id"]), 0) or 1 for node in nodes}
    # Children stand behind their parents.
    for node in reversed(splits):
        counts[node["id"]] = counts[node["leftNodeid"]] + counts[node["rightNodeid"]]
    return [counts[node["id"]] for node in splits]


def _decision(guest: Model, node: Mapping[str, Any]) -> int:
    tree = guest["meta"]["treeMeta"]
    if not tree["useMissing"]:
        return 0
    left = 2 if node["missingDir"] == -1 else 0
    return left | (4 if tree["zeroAsMissing"] else 8)


def _parameters(guest: Model) -> str:
    meta, tree = guest["meta"], guest["meta"]["treeMeta"]
    classes = guest["param"]["numClasses"]
    if meta["taskType"] == "classification" and classes < 3:
        classes = 1
    objective = "regression"
    if meta["taskType"] == "classification":
        objective = "binary" if classes == 1 else "multiclass"
    first, second = (float(value) for value in tree["criterionMeta"]["criterionParam"][:2])
    values = {
        "boosting": "gbdt",
        "objective": objective,
        "num_iterations": meta["numTrees"],
        "learning_rate": float(meta["learningRate"]),
        "max_depth": tree["maxDepth"],
        "max_bin": meta["quantileMeta"]["binNum"],
        "use_missing": int(tree["useMissing"]),
        "zero_as_missing": int(tree["zeroAsMissing"]),
        "num_class": classes,
        "lambda_l1": first,
        "lambda_l2": second,
        "min_data_in_leaf": tree["minLeafNode"],
        "min_gain_to_split": float(tree["minImpuritySplit"]),
    }
    shown = "".join(f"[{name}: {value}]\n" for name, value in values.items())
    return f"end of trees\nparameters:\n{shown}\nend of parameters\n\npandas_categorical:[]\n"


def _words(values: Iterable[object]) -> str:
    return " ".join(map(str, values))
