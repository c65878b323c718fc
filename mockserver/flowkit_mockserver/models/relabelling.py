"""Party ids inside model buffers, and how they change when a model moves to other parties.

Anonymous features (``host_10000_3``), sites (``host:10000``) and party tuples (``(host,10000)``) name parties. Which
fields hold them depends on the module; modules that are not listed name none.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from flowkit_mockserver.dsl.trees import copy_tree
from flowkit_mockserver.errors import Refusal

__all__ = ["Relabelling", "relabelled"]

Param = dict[str, Any]


class Relabelling:
    """The new party ids by role and old id.

    Args:
        old: parties by role, as trained.
        new: parties by role, in the same order.

    Raises:
        Refusal: a party id is not an integer, or the lists do not match.
    """

    def __init__(self, old: Mapping[str, Any], new: Mapping[str, Any]) -> None:
        self._ids = {
            "guest": _pairs(old["guest"], new["guest"]),
            "host": _pairs(old["host"], new["host"]),
            "arbiter": _pairs(old.get("arbiter"), new.get("arbiter")),
        }

    def _of_role(self, role: str) -> Mapping[int, int]:
        if role not in self._ids:
            raise Refusal(f"this role contains no site name {role}")
        return self._ids[role]

    def name(self, text: str) -> str:
        """Return a site or an anonymous feature with the new party; any other name as it is."""
        if ":" in text:
            role, party_id = text.split(":")
            return f"{role}:{self._of_role(role)[int(party_id)]}"
        return self.anonymous(text) if "_" in text else text

    def anonymous(self, text: str) -> str:
        """Return an anonymous feature, ``role_party_index``, with the new party."""
        role, party_id, index = text.split("_")
        return f"{role}_{self._of_role(role)[int(party_id)]}_{index}"

    def maybe_anonymous(self, text: str) -> str:
        """Return an anonymous feature with the new party; a text that is none as it is."""
        try:
            return self.anonymous(text)
        except (Refusal, KeyError, ValueError):
            return text

    def party_tuple(self, text: str) -> str:
        """Return ``(role, party)`` with the new party."""
        role, party_id = text.strip("()").split(",")
        return f"({role}, {self._of_role(role.strip())[int(party_id)]})"

    def host(self, party_id: object) -> str:
        """Return the new id of a host; an unknown one as it is."""
        number = int(str(party_id))
        return str(self._ids["host"].get(number, number))


def _pairs(old: Any, new: Any) -> dict[int, int]:
    if old is None and new is None:
        return {}
    if not (isinstance(old, list) and isinstance(new, list)):
        raise Refusal(
            "illegal input format: id lists type should be list, however got: \n"
            f"content: {old}/ type: {type(old)} \ncontent: {new}/ type: {type(new)}"
        )
    if len(old) != len(new):
        raise Refusal(f"id lists length does not match: len({old}) != len({new})")
    for first, second in zip(old, new, strict=True):
        if type(first) is not int or type(second) is not int:
            raise Refusal(
                f"party id must be an integer, got {first}:{type(first)} and {second}:{type(second)}"
            )
    return dict(zip(old, new, strict=True))


def relabelled(
    model: Mapping[str, Any], old: Mapping[str, Any], new: Mapping[str, Any]
) -> Mapping[str, Any]:
    """Return a Model document with the parties `old` replaced by `new`.

    Raises:
        Refusal: the party ids are not fit for it.
    """
    relabel = _BY_MODULE.get(model["module"])
    if relabel is None:
        return model
    param: Param = copy_tree(model["param"])
    relabel(param, Relabelling(old, new))
    return {**model, "param": param}


def _binning(param: Param, parties: Relabelling) -> None:
    param["headerAnonymous"] = [parties.name(text) for text in param["headerAnonymous"]]


def _boosting(param: Param, parties: Relabelling) -> None:
    own_features = set(param["featureNameFidMapping"].values())
    for importance in param["featureImportances"]:
        importance["sitename"] = parties.name(importance["sitename"])
        if importance["fullname"] not in own_features:
            importance["fullname"] = parties.name(importance["fullname"])
    for tree in param["trees"]:
        for node in tree["tree"]:
            node["sitename"] = parties.name(node["sitename"])
    plan = (step.split("_") for step in param["treePlan"])
    param["treePlan"] = [
        f"{mode}_{party_id if int(party_id) == -1 else parties.host(party_id)}"
        for mode, party_id in plan
    ]


def _pearson(param: Param, parties: Relabelling) -> None:
    param["party"] = parties.party_tuple(param["party"])
    param["parties"] = [parties.party_tuple(text) for text in param["parties"]]
    for anonymous in param["anonymousMap"]:
        anonymous["anonymous"] = parties.anonymous(anonymous["anonymous"])
    for names in param["allNames"]:
        names["names"] = [parties.maybe_anonymous(text) for text in names["names"]]


def _selection(param: Param, parties: Relabelling) -> None:
    for host in param["hostColNames"]:
        host["partyId"] = parties.host(host["partyId"])
        host["colNames"] = _names(host["colNames"], parties)
    for result in param["results"]:
        for values in result["hostFeatureValues"]:
            values["featureValues"] = _keys(values["featureValues"], parties)
        for left in result["hostLeftCols"]:
            left["originalCols"] = _names(left["originalCols"], parties)
            left["leftCols"] = _keys(left["leftCols"], parties)


def _names(names: Sequence[str], parties: Relabelling) -> list[str]:
    return [parties.name(text) for text in names]


def _keys(values: Mapping[str, Any], parties: Relabelling) -> dict[str, Any]:
    return {parties.name(text): value for text, value in values.items()}


_BY_MODULE: Mapping[str, Callable[[Param, Relabelling], None]] = {
    "HeteroFeatureBinning": _binning,
    "HeteroSecureBoost": _boosting,
    "HeteroFastSecureBoost": _boosting,
    "HeteroPearson": _pearson,
    "HeteroFeatureSelection": _selection,
}
