from __future__ import annotations

import pytest

from flowkit.clock import ManualClock
from flowkit_mockserver.dialects import dialect_of
from flowkit_mockserver.errors import Refusal
from flowkit_mockserver.models.permissions import Permissions
from flowkit_mockserver.store import Store

GUEST = {"src_party_id": "7001", "src_role": "guest"}


@pytest.fixture
def permissions(store: Store, clock: ManualClock) -> Permissions:
    return Permissions(store.collection("permissions"), clock, "/srv/fate")


@pytest.fixture
def granted(permissions: Permissions) -> Permissions:
    permissions.grant({**GUEST, "privilege_role": "host, guest", "privilege_command": "create"})
    return permissions


def test_until_something_is_granted_the_file_is_missing(permissions: Permissions) -> None:
    missing = r"^\[Errno 2\] No such file or directory: '/srv/fate/python/fate_flow/authorization_config.json'$"
    for operation in (permissions.query, permissions.grant, permissions.delete):
        with pytest.raises(FileNotFoundError, match=missing):
            operation(GUEST)


def test_what_is_granted_can_be_asked_for(granted: Permissions) -> None:
    assert granted.query(GUEST) == {
        "src_party_id": "7001",
        "role": "guest",
        "privilege_role": ["host", "guest"],
        "privilege_command": ["create"],
        "privilege_component": [],
    }


def test_granting_again_adds(granted: Permissions) -> None:
    granted.grant({**GUEST, "privilege_role": "host,arbiter"})
    assert granted.query(GUEST)["privilege_role"] == ["host", "guest", "arbiter"]


def test_all_means_every_privilege_of_a_kind(permissions: Permissions) -> None:
    permissions.grant({"privilege_role": "all", "privilege_component": "all"})
    answer = permissions.query({})
    assert set(answer["privilege_role"]) == {"guest", "host", "arbiter"}
    assert answer["privilege_component"] == []
    assert (answer["src_party_id"], answer["role"]) == ("*", "*")


def test_a_party_id_that_is_a_number_is_another_party(granted: Permissions) -> None:
    assert granted.query({"src_party_id": 7001, "src_role": "guest"})["privilege_role"] == []


def test_unknown_privileges_are_refused_and_nothing_changes(granted: Permissions) -> None:
    with pytest.raises(Refusal, match=r"^nosuch does not exist in the permission role$"):
        granted.grant({**GUEST, "privilege_command": "stop", "privilege_role": "nosuch"})
    with pytest.raises(Refusal, match=r"^dataio does not exist in the permission component$"):
        granted.grant({**GUEST, "privilege_component": "dataio"})
    assert granted.query(GUEST)["privilege_command"] == ["create"]


def test_what_was_granted_can_be_taken_back_once(granted: Permissions) -> None:
    granted.delete({**GUEST, "privilege_role": "host"})
    assert granted.query(GUEST)["privilege_role"] == ["guest"]
    with pytest.raises(Refusal, match=r"^role host is not authorized ,it cannot be deleted$"):
        granted.delete({**GUEST, "privilege_role": "host"})


def test_all_can_be_taken_back_from_a_party_that_has_any(granted: Permissions) -> None:
    granted.delete({**GUEST, "privilege_role": "all"})
    assert granted.query(GUEST)["privilege_role"] == []
    with pytest.raises(Refusal, match=r"^No permission to delete$"):
        granted.delete({"src_party_id": "1", "src_role": "host", "privilege_role": "all"})


def test_datasets_are_granted_from_user_to_user_for_a_time(granted: Permissions) -> None:
    users = {**GUEST, "src_user": "ann", "dest_user": "bob"}
    granted.grant({**users, "privilege_dataset": ["shop.g", ["shop.h", 60]]})
    datasets = granted.query(users)["privilege_dataset"]
    assert [name for name, _ in datasets] == ["shop.g", "shop.h"]
    assert datasets[1][1] == 1_622_512_984 + 60
    granted.delete({**users, "privilege_dataset": ["shop.g"]})
    assert [name for name, _ in granted.query(users)["privilege_dataset"]] == ["shop.h"]
    granted.delete({**users, "privilege_dataset": "all"})
    assert granted.query(users)["privilege_dataset"] == []


def test_datasets_need_both_users(granted: Permissions) -> None:
    with pytest.raises(Refusal, match="Required parameters: src_user and dest_user"):
        granted.grant({**GUEST, "privilege_dataset": ["shop.g"]})


def test_before_1_6_nobody_is_granted_data_and_nothing_stands_for_all(
    store: Store, clock: ManualClock
) -> None:
    permissions = Permissions(
        store.collection("permissions"), clock, "/srv/fate", dialect_of("1.5.3")
    )
    with pytest.raises(FileNotFoundError, match=r"^\[Errno 2\] No such file or directory: ''$"):
        permissions.query({})
    permissions.grant({**GUEST, "privilege_role": "host"})
    permissions.grant({**GUEST, "privilege_dataset": ["x"], "src_user": "a", "dest_user": "b"})
    users = {**GUEST, "src_user": "a", "dest_user": "b"}
    assert permissions.query(users)["privilege_role"] == ["host"]
    assert permissions.query({}) == {
        "src_party_id": None,
        "role": None,
        "privilege_role": [],
        "privilege_command": [],
        "privilege_component": [],
    }


def test_a_1_5_that_checks_no_permissions_keeps_none(store: Store, clock: ManualClock) -> None:
    permissions = Permissions(
        store.collection("permissions"), clock, "/srv/fate", dialect_of("1.5"), quirks=True
    )
    missing = r"^\[Errno 2\] No such file or directory: ''$"
    for operation in (permissions.grant, permissions.query, permissions.delete):
        with pytest.raises(FileNotFoundError, match=missing):
            operation({**GUEST, "privilege_role": "host"})
