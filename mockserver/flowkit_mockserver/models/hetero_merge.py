"""One model of those of guest and hosts (component/hetero/merge).

The real server makes objects of other libraries of it. The mock has none of these libraries: it writes the coefficients
or the trees themselves, as text in the format that was asked for.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
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
        return _merge_trees(guest, hosts, output_format, target)
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


def _merge_trees(guest: Model, hosts: Sequence[Model], output_format: str, target: str) -> str:
    names = [
        name
        for model in (guest, *hosts)
        for name in (model["param"].get("featureNameFidMapping") or {}).values()
    ]
    trees = guest["param"].get("trees") or guest["param"].get("trees_") or []
    if output_format == "pmml":
        fields = "".join(f"    <DataField name={quoteattr(name)}/>\n" for name in (*names, target))
        return (
            '<?xml version="1.0" encoding="UTF-8"?>\n'
            '<PMML xmlns="http://www.dmg.org/PMML-4_4" version="4.4.1">\n'
            f"  <DataDictionary>\n{fields}  </DataDictionary>\n"
            f'  <MiningModel functionName="classification" segments="{len(trees)}"/>\n</PMML>\n'
        )
    head = (
        "tree\nversion=v3\nnum_class=1\nnum_tree_per_iteration=1\nlabel_index=0\n"
        f"max_feature_idx={max(0, len(names) - 1)}\nobjective=binary sigmoid:1\n"
        f"feature_names={' '.join(names)}\n"
        f"feature_infos={' '.join(['[0:1]'] * len(names))}\n"
    )
    return head + "".join(
        f"\nTree={index}\n{json.dumps(tree)}\n" for index, tree in enumerate(trees)
    )
