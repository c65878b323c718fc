from __future__ import annotations

from typing import Any

import pytest

from flowkit_mockserver.errors import Refusal
from flowkit_mockserver.kinds.relabelling import Relabelling
from flowkit_mockserver.models.migration import relabel_model

OLD = {"guest": [7001], "host": [7002, 7003], "arbiter": [7009]}
NEW = {"guest": [8001], "host": [8002, 8003], "arbiter": [8009]}


def moved(module: str, **param: Any) -> dict[str, Any]:
    before = {"module": module, "param": param}
    after = relabel_model(before, OLD, NEW)
    assert before["param"] is param
    result: dict[str, Any] = after["param"]
    return result


def test_names_of_features_and_sites_change_with_the_party() -> None:
    parties = Relabelling(OLD, NEW)
    assert parties.name("host:7003") == "host:8003"
    assert parties.name("guest_7001_4") == "guest_8001_4"
    assert parties.name("x0") == "x0"
    assert parties.party_tuple("(host,7002)") == "(host, 8002)"
    assert parties.maybe_anonymous("a_feature_of_mine") == "a_feature_of_mine"
    assert parties.host("9") == "9"


def test_modules_without_party_ids_are_left_alone() -> None:
    model = {"module": "HeteroLR", "param": {"header": ["host_7002_1"]}}
    assert relabel_model(model, OLD, NEW) is model


def test_binning() -> None:
    param = moved("HeteroFeatureBinning", headerAnonymous=["host_7002_0", "host_7002_1"])
    assert param["headerAnonymous"] == ["host_8002_0", "host_8002_1"]


def test_boosting() -> None:
    param = moved(
        "HeteroSecureBoost",
        featureNameFidMapping={"0": "x_0"},
        featureImportances=[
            {"sitename": "guest:7001", "fullname": "x_0"},
            {"sitename": "host:7002", "fullname": "host_7002_1"},
        ],
        trees=[{"tree": [{"sitename": "host:7003"}]}],
        treePlan=["0_-1", "1_7003"],
    )
    assert [importance["fullname"] for importance in param["featureImportances"]] == [
        "x_0",
        "host_8002_1",
    ]
    assert param["trees"][0]["tree"][0]["sitename"] == "host:8003"
    assert param["treePlan"] == ["0_-1", "1_8003"]


def test_correlations() -> None:
    param = moved(
        "HeteroPearson",
        party="(guest,7001)",
        parties=["(guest,7001)", "(host,7002)"],
        anonymousMap=[{"anonymous": "guest_7001_0", "name": "x"}],
        allNames=[{"names": ["x"]}, {"names": ["host_7002_3"]}],
    )
    assert param["parties"] == ["(guest, 8001)", "(host, 8002)"]
    assert param["anonymousMap"] == [{"anonymous": "guest_8001_0", "name": "x"}]
    assert param["allNames"] == [{"names": ["x"]}, {"names": ["host_8002_3"]}]


def test_selection() -> None:
    param = moved(
        "HeteroFeatureSelection",
        hostColNames=[{"partyId": "7003", "colNames": ["host_7003_0"]}],
        results=[
            {
                "hostFeatureValues": [{"featureValues": {"host_7003_0": 0.5}}],
                "hostLeftCols": [
                    {"originalCols": ["host_7003_0"], "leftCols": {"host_7003_0": True}}
                ],
            }
        ],
    )
    assert param["hostColNames"] == [{"partyId": "8003", "colNames": ["host_8003_0"]}]
    (result,) = param["results"]
    assert result["hostFeatureValues"] == [{"featureValues": {"host_8003_0": 0.5}}]
    assert result["hostLeftCols"] == [
        {"originalCols": ["host_8003_0"], "leftCols": {"host_8003_0": True}}
    ]


@pytest.mark.parametrize(
    ("guests", "text"),
    [
        ([[7001], ["8001"]], "party id must be an integer"),
        ([[7001], [8001, 8002]], "id lists length does not match"),
        ([[7001], None], "illegal input format"),
    ],
)
def test_party_ids_have_to_match(guests: list[Any], text: str) -> None:
    old, new = guests
    with pytest.raises(Refusal, match=text):
        Relabelling({**OLD, "guest": old}, {**NEW, "guest": new})
