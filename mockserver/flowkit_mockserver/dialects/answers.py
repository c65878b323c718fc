"""What the lines answer where those from 1.7 on do not all say the same."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flowkit.servers import find_line
from flowkit_mockserver.dialects.dialect import Dialect
from flowkit_mockserver.errors import HttpRefusal, Refusal

__all__ = ["refusal", "text"]

#: By answer the lines that changed it: from which line on, the code, and how it reads. A code from 200 on is an HTTP
#: status as well.
_ANSWERS: Mapping[str, tuple[tuple[str, int, str], ...]] = {
    "bad component": (("1.7", 400, "bad request"), ("1.10", 400, "Bad Request")),
    "no EggRoll": (
        ("1.7", 404, "eggroll only available on cluster mode"),
        ("1.10", 503, "Service Unavailable"),
    ),
    "no MySQL": (("1.7", 404, "mysql only available on cluster mode"),),
    "no folder of a provider": (
        ("1.7", 100, "run error, please check logs: {log}_std.log, {folder}/INFO.log"),
        ("1.8", 400, "invalid path"),
        ("1.9", 400, "path '{path}' is not a directory"),
    ),
    "no such log": (
        ("1.7", 100, "no found log  type {kind}"),
        ("1.9", 100, "no found log type {kind}"),
    ),
    "no such model to deploy": (
        ("1.5", 100, "Deploy model failed, no model {model_id} {version} found."),
        ("1.9", 404, "Deploy model failed. Model {model_id} {version} not found."),
    ),
    "no such model to export": (
        ("1.7", 210, "Model {model} {version} is not exist."),
        ("1.9", 404, "Model {model} {version} does not exist."),
    ),
    "no model of data": (
        ("1.7", 210, "can not found guest or host model, please get predict dsl on guest or host."),
        ("1.9", 210, "Cannot found guest or host model, please get predict dsl on guest or host."),
    ),
    "no such model to predict": (
        ("1.7", 103, "Can not found {model} {version} model local cache"),
        ("1.9", 103, "Model {model} {version} not exists in model local cache."),
    ),
    "no deployed model to predict": (
        ("1.7", 103, "Model {model} {version} has not been deployed yet."),
        ("1.9", 103, "model has not been deployed yet"),
    ),
    "no role to forward to": (
        ("1.7", 100, "type object 'ServiceRegistry' has no attribute '{section}'"),
        ("1.9", 100, "type object 'ServerRegistry' has no attribute '{section}'"),
        ("1.10", 404, 'role "{role}" not supported'),
    ),
    "no such model to query": (
        (
            "1.7",
            100,
            "Query model info failed, cannot find model from db. "
            "Try use both model id and model version to query model info from local models",
        ),
        (
            "1.9",
            100,
            "Query model info failed, cannot find model from db and local model files. "
            "Try use both model id and model version to query model info from local models.",
        ),
    ),
    "no such model to bind": (
        ("1.5", 101, "model {{}} can not be found in database. "),
        ("1.9", 101, "Model {{}} can not be found in database. "),
    ),
    "no such model to load": (
        ("1.5", 101, "model with version {{}} can not be found in database. "),
        ("1.9", 101, "Model with version {{}} can not be found in database. "),
    ),
    "no such operation of data": (
        ("1.7", 100, "can not support this operating: {name}"),
        ("1.9", 400, "Cannot support this operating: {name}"),
    ),
    "no such operation of models": (
        ("1.7", 100, "Can not support this operating now: {name}"),
        ("1.9", 100, 'Not supported model operation: "{name}".'),
    ),
    "no such part": (
        (
            "1.9",
            404,
            "invalid module, please input module parameter in this scope: "
            "FATE or FATEFlow or FATEBoard or EGGROLL or CENTOS or UBUNTU or PYTHON or MAVEN or JDK or SPARK",
        ),
        ("1.10", 404, "unknown module {name}"),
    ),
    "no task to show the model of": (
        ("1.7", 100, "'NoneType' object has no attribute 'dsl'"),
        ("1.9", 100, "'NoneType' object has no attribute 'runtime_conf_on_party'"),
    ),
    "no model to show": (("1.7", 0, "no data"), ("1.9", 0, "no define_meta")),
    "stopped": (
        ("1.7", 0, "stop job on this party True; stop job on all party success"),
        ("1.9", 0, "stop job on this party success; stop job on all party success"),
    ),
}


def _entry(dialect: Dialect, name: str) -> tuple[int, str]:
    found: tuple[int, str] | None = None
    for since, code, reads in _ANSWERS[name]:
        line = find_line(since)
        if line is None or line <= dialect.line:
            found = code, reads
    if found is None:
        raise KeyError(f"{dialect.line} has no answer {name!r}")
    return found


def text(dialect: Dialect, name: str, /, **values: Any) -> str:
    """Return how an answer reads on a line."""
    return _entry(dialect, name)[1].format(**values)


def refusal(
    dialect: Dialect, name: str, /, *, in_body: bool = False, **values: Any
) -> Refusal | HttpRefusal:
    """Return the refusal that a line answers.

    Args:
        dialect: how the server speaks.
        name: of the answer.
        in_body: whether the code shows in the body only, whatever it is.
        values: what the text names.
    """
    code, reads = _entry(dialect, name)
    shown = reads.format(**values)
    return HttpRefusal(code, shown) if code >= 200 and not in_body else Refusal(shown, code)
