"""Reading a runtime conf: the checks of a submit and the facts every later step needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flowkit_mockserver.dsl.errors import DslError

__all__ = [
    "check_glm_parties",
    "check_initiator_party",
    "check_work_mode",
    "dsl_version",
    "grammar_of",
    "job_type_of",
    "model_id_of",
    "normalize_parties",
    "require",
]

Conf = dict[str, Any]

_WORK_MODES = (1, 0)
_GLM_MODULES = ("heterolr", "heterolinr", "heteropoisson")
_GRAMMARS = {"1": 1, "2": 2}


def require(config: Any, names: Sequence[str]) -> None:
    """Check that a map has every key of `names`; null values count as present.

    Raises:
        DslError: some are missing; the text lists them in the order of `names`.
    """
    missing = [name for name in names if name not in config]
    if missing:
        raise DslError(f"required parameters are missing: {','.join(missing)};")


def dsl_version(conf: Conf) -> int:
    """Return the grammar of the conf as a number (default 1), for the layout of job_parameters."""
    return int(conf.get("dsl_version", 1))


def grammar_of(conf: Conf) -> int:
    """Return 1 or 2, the grammar that reads the DSL.

    Raises:
        DslError: there is no parser for that version.
    """
    version = str(conf.get("dsl_version", "1"))
    if version not in _GRAMMARS:
        raise DslError(f"{version} version of dsl parser is not currently supported.")
    return _GRAMMARS[version]


def check_work_mode(conf: Conf) -> None:
    """Check that the conf says whether it is for a standalone (0) or a cluster (1) deployment."""
    if dsl_version(conf) == 2:
        work_mode = conf["job_parameters"].get("common", {}).get("work_mode")
    else:
        work_mode = conf["job_parameters"].get("work_mode")
    if work_mode not in _WORK_MODES:
        raise DslError(
            "required parameter values: work_mode=(<WorkMode.CLUSTER: 1>, <WorkMode.STANDALONE: 0>)"
        )


def normalize_parties(conf: Conf) -> None:
    """Check that initiator and roles are there and turn their party ids into int, in place."""
    require(conf, ("initiator", "job_parameters", "role"))
    require(conf["initiator"], ("role", "party_id"))
    conf["initiator"]["party_id"] = int(conf["initiator"]["party_id"])
    for role in conf["role"].keys():  # noqa: SIM118 - what is no map stumbles over "keys"
        parties = conf["role"][role]
        for index in range(len(parties)):
            parties[index] = int(parties[index])


def check_glm_parties(job_dsl: Any, conf: Conf) -> None:
    """Check the rule of the three generalised linear models.

    Whoever is guest and arbiter at once must be the only host as well, because the arbiter holds
    the private key.

    Raises:
        DslError: the rule is broken.
    """
    if not job_dsl:
        return
    components = job_dsl["components"]
    modules = {components[name]["module"].lower() for name in components.keys()}  # noqa: SIM118
    roles = conf["role"]
    for module in _GLM_MODULES:
        if module not in modules or not {"guest", "arbiter", "host"} <= roles.keys():
            continue
        both = set(roles["guest"]) & set(roles["arbiter"])
        for party in both:
            if party not in roles["host"] or len(both) != len(roles["host"]):
                raise DslError(
                    f"{module} component constraint party id, please check role config:{roles}"
                )


def check_initiator_party(conf: Conf) -> None:
    """Check that the initiator is one of the parties of its role."""
    initiator = conf["initiator"]
    if initiator["party_id"] not in conf["role"][initiator["role"]]:
        raise DslError(f"initiator party id error {initiator['party_id']}")


def job_type_of(conf: Conf) -> Any:
    """Return what the conf says its job is for; ``train`` when it says nothing."""
    parameters = conf["job_parameters"]
    if dsl_version(conf) == 2:
        common = parameters.get("common", {}).get("job_type")
        if common:
            return common
    return parameters.get("job_type", "train")


def model_id_of(roles: Mapping[str, Sequence[int]]) -> str:
    """Return the id under which the parties `roles` keep a model they train together."""
    if not roles:
        return "all#model"
    parts = [
        f"{role}-{'_'.join(str(party) for party in sorted(set(roles[role])))}"
        for role in sorted(roles)
    ]
    return "#".join([*parts, "model"])
