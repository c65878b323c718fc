"""Migrating a model to other parties."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from trained import MODEL_ID, Api, ids, mock


def migration(version: str, **changes: Any) -> dict[str, Any]:
    return {
        "job_parameters": {"federated_mode": "SINGLE"},
        "role": {"guest": [7001], "host": [7002], "arbiter": [7009]},
        "migrate_initiator": {"role": "guest", "party_id": 8001},
        "migrate_role": {"guest": [8001], "host": [8002], "arbiter": [8009]},
        "execute_party": {"guest": [7001], "host": [7002]},
        "unify_model_version": "20200901",
        **ids(version),
        **changes,
    }


class TestMigration:
    def test_an_archive_is_left_for_the_new_party(self, api: Api, version: str) -> None:
        answer = api.ask("model/migrate", **migration(version))
        assert (answer["retcode"], answer["data"]["guest"]) == (0, {"7001": 0})
        assert answer["jobId"]
        text = answer["data"]["detail"]["guest"]["7001"]["retmsg"]
        found = re.search(
            r"New model id is: (\S+), model version is: 20200901\. .* '(.*)'\.$", text
        )
        assert found
        model_id, path = found.groups()
        assert model_id == "arbiter-8009#guest-8001#host-8002#model"
        assert Path(path).name == f"guest#8001#{model_id}_20200901.zip"
        with mock() as other:
            assert (
                other.import_(Path(path).read_bytes(), "20200901", party_id="8001")["retcode"] == 0
            )
            (row,) = other.ask("model/query", model_version="20200901")["data"]
            assert (row["f_model_id"], row["f_initiator_party_id"]) == (model_id, "8001")

    def test_the_model_here_stays_and_the_new_one_is_not_here(self, api: Api, version: str) -> None:
        before = api.export(version)
        api.ask("model/migrate", **migration(version))
        assert api.export(version) == before
        assert api.ask("model/query", model_version="20200901")["retcode"] == 100

    @pytest.mark.parametrize(
        ("changes", "text"),
        [
            ({"model_version": "2099"}, f"Can not found {MODEL_ID} 2099 model local cache"),
            ({"execute_party": {"guest": ["7001"]}}, "'NoneType' object is not subscriptable"),
        ],
    )
    def test_what_a_party_refuses_does_not_count(
        self, api: Api, version: str, changes: dict[str, Any], text: str
    ) -> None:
        answer = api.ask("model/migrate", **migration(version, **changes))
        assert (answer["retcode"], answer["retmsg"]) == (0, "success")
        assert answer["data"]["detail"]["guest"]["7001"] == {"retcode": 100, "retmsg": text}

    def test_a_version_in_use_is_refused(self, api: Api, version: str) -> None:
        answer = api.ask("model/migrate", **migration(version, unify_model_version=version))
        assert answer["data"]["detail"]["guest"]["7001"]["retmsg"] == (
            f"Unify model version {version} has been occupied in database. "
            "Please choose another unify model version and try again."
        )

    def test_parties_elsewhere_cannot_be_reached(self, api: Api, version: str) -> None:
        changes = {"job_parameters": {"federated_mode": "MULTIPLE"}}
        answer = api.ask("model/migrate", **migration(version, **changes))
        assert (answer["retcode"], answer["retmsg"]) == (101, "failed")
        assert answer["data"]["guest"] == {"7001": 100}
        assert answer["data"]["detail"]["guest"] == {}

    @pytest.mark.parametrize(
        ("changes", "text"),
        [
            (
                {"migrate_role": {"guest": [7001], "host": ["7002"], "arbiter": [7009]}},
                "The config of previous roles is the same with that of migrate roles. "
                "There is no need to migrate model. Migration process aborting.",
            ),
            (
                {"migrate_role": {"guest": [8001], "host": [8002]}},
                "The structure of roles data of local configuration is different from "
                "model runtime configuration's. Migration aborting.",
            ),
            (
                {"migrate_role": {"guest": [8001, 8011], "host": [8002], "arbiter": [8009]}},
                "The structure of roles data of local configuration is different from "
                "model runtime configuration's. Migration aborting.",
            ),
        ],
    )
    def test_roles_have_to_correspond(
        self, api: Api, version: str, changes: dict[str, Any], text: str
    ) -> None:
        answer = api.ask("model/migrate", **migration(version, **changes))
        assert answer == {"retcode": 100, "retmsg": text}

    def test_what_is_missing_is_named(self, api: Api, version: str) -> None:
        config = migration(version)
        del config["execute_party"]
        assert api.ask("model/migrate", **config)["retmsg"] == (
            "required parameters are missing: execute_party;"
        )
        del config["migrate_initiator"]
        assert api.ask("model/migrate", **config)["retmsg"] == "'migrate_initiator'"
