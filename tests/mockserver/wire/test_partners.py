"""What servers ask each other, held to the answers of a real FATE 1.5.3 and 1.6.1."""

from __future__ import annotations

from typing import Any

import pytest

from flowkit_mockserver import MockServer
from trained import PARTIES, ids, mock

GUEST = {"role": "guest", "party_id": 9999}


def refused(retmsg: str, **more: Any) -> dict[str, Any]:
    return {"retcode": 100, "retmsg": retmsg, **more}


@pytest.mark.parametrize("version", ["1.5.3", "1.6.1"])
@pytest.mark.parametrize(
    ("path", "body", "answer"),
    [
        ("model/load/do", {}, refused("'local'")),
        ("model/load/do", [], refused("list indices must be integers or slices, not str")),
        ("model/load/do", "x", refused("'str' object does not support item assignment")),
        (
            "model/load/do",
            {"local": GUEST, "job_parameters": {"model_id": "m", "model_version": "v"}},
            refused("Model guest#9999#m v not exists in model local cache."),
        ),
        ("model/deploy/do", {}, refused("'NoneType' object has no attribute 'get'")),
        ("model/deploy/do", "x", refused("'str' object has no attribute 'get'")),
        (
            "model/deploy/do",
            {"local": GUEST, "model_id": "m", "model_version": "v", "child_model_version": "w"},
            refused(
                "deploy model of role guest 9999 failed, details:"
                " Can not found guest#9999#m v model local cache"
            ),
        ),
        ("model/migrate/do", {}, refused("'model_id'", data={})),
        ("model/migrate/do", "x", refused("string indices must be integers", data={})),
        ("forward/guest", {}, refused("'NoneType' object has no attribute 'get'")),
        (
            "forward/guest",
            {"header": {}},
            refused(
                "int() argument must be a string, a bytes-like object or a number, not 'NoneType'"
            ),
        ),
        ("forward/guest/do", {}, refused("Failed to parse: http://127.0.0.1:NoneNone")),
        ("forward/fateboard/do", [], refused("Failed to parse: http://127.0.0.1:8080None")),
        (
            "forward/fateboard/do",
            {"header": {"endpoint": "/x", "method": "NOSUCH"}},
            refused("'NoneType' object is not callable"),
        ),
    ],
)
def test_what_is_refused(version: str, path: str, body: Any, answer: dict[str, Any]) -> None:
    with MockServer(fate_version=version) as server:
        assert server.app.test_client().post(f"/v1/{path}", json=body).get_json() == answer


def test_nothing_is_sent_to_a_service() -> None:
    body = {"header": {"endpoint": "/x", "dest_party_id": 0}, "body": {}}
    with MockServer() as server:
        for path in ("forward/fateboard", "forward/fateboard/do"):
            answer = server.app.test_client().post(f"/v1/{path}", json=body).get_json()
            assert answer["retmsg"].startswith(
                "HTTPConnectionPool(host='127.0.0.1', port=8080): Max retries exceeded with url: /x"
            )


def test_another_party_cannot_be_reached() -> None:
    body = {"header": {"src_party_id": 9999, "dest_party_id": 10000}}
    with MockServer() as server:
        answer = server.app.test_client().post("/v1/forward/guest", json=body).get_json()
    assert answer["retmsg"].startswith("Please check rollSite and fateflow network connectivity")


def test_a_party_deploys_its_part_under_the_version_that_it_is_told() -> None:
    with mock() as api:
        version = api.train()
        local = {"role": "guest", "party_id": PARTIES["guest"]}
        asked = {**ids(version), "local": local, "child_model_version": "2099"}
        assert api.ask("model/deploy/do", **asked) == {
            "retcode": 0,
            "retmsg": f"deploy model of role guest {PARTIES['guest']} success",
        }
        assert api.export("2099", "guest", PARTIES["guest"])


def test_a_party_migrates_its_part() -> None:
    with mock() as api:
        version = api.train()
        new = {role: [str(int(party) + 1)] for role, party in PARTIES.items()}
        asked = {
            **ids(version),
            "local": {
                "role": "guest",
                "party_id": PARTIES["guest"],
                "migrate_party_id": new["guest"][0],
            },
            "role": {role: [party] for role, party in PARTIES.items()},
            "migrate_role": new,
            "migrate_initiator": {"role": "guest", "party_id": new["guest"][0]},
            "execute_party": {"guest": [PARTIES["guest"]]},
            "job_parameters": {"work_mode": 0},
            "unify_model_version": "2098",
        }
        answer = api.ask("model/migrate/do", **asked)
    assert answer["retcode"] == 0, answer
    assert answer["data"]["model_version"] == "2098"
    assert answer["data"]["path"] in answer["retmsg"]
