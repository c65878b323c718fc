from __future__ import annotations

import pytest

from trained import mock


def test_privileges_are_granted_asked_for_and_taken_back() -> None:
    party = {"src_party_id": "7001", "src_role": "guest"}
    with mock() as api:
        missing = api.ask("permission/query/privilege", **party)
        assert missing["retmsg"].startswith("[Errno 2] No such file or directory: ")
        for word in ("grant", "delete"):
            path = f"permission/{word}/privilege"
            assert api.ask(path, **party) == missing
        success = {"retcode": 0, "retmsg": "success"}
        granted = api.ask("permission/grant/privilege", **party, privilege_role="host")
        assert granted == success
        assert api.ask("permission/query/privilege", **party)["data"] == {
            "src_party_id": "7001",
            "role": "guest",
            "privilege_role": ["host"],
            "privilege_command": [],
            "privilege_component": [],
        }
        assert api.ask("permission/delete/privilege", **party, privilege_role="host") == success
        assert api.ask("permission/delete/privilege", **party, privilege_role="host") == {
            "retcode": 100,
            "retmsg": "role host is not authorized ,it cannot be deleted",
        }


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ([], "'list' object has no attribute 'get'"),
        ("x", "'str' object has no attribute 'get'"),
    ],
)
def test_bodies_that_are_no_objects(body: object, text: str) -> None:
    with mock() as api:
        response = api.send("permission/query/privilege", body)
        assert response.json == {"retcode": 100, "retmsg": text}
