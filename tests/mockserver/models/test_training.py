"""What a training leaves behind: rows and caches of every party."""

from __future__ import annotations

from trained import DSL, MODEL_ID, PARTIES, Api, ids, train_conf


class TestTraining:
    def test_every_party_has_a_row(self, api: Api, version: str) -> None:
        answer = api.ask("model/query", **ids(version))
        assert answer["retmsg"] == "Query model info from db success."
        rows = {row["f_role"]: row for row in answer["data"]}
        assert rows.keys() == PARTIES.keys()
        row = rows["guest"]
        assert row["f_parent"] is True
        assert row["f_job_id"] == row["f_model_version"] == version
        assert row["f_runtime_conf"]["job_parameters"]["common"]["model_version"] == version
        assert row["f_train_runtime_conf"] == row["f_inference_dsl"] == {}
        assert row["f_job_status"] == "running"

    def test_a_failed_job_leaves_a_model_that_can_be_deployed(self, api: Api) -> None:
        conf = train_conf()
        conf["component_parameters"]["role"]["guest"]["0"]["reader_0"]["table"]["name"] = "nosuch"
        version = api.ask("job/submit", job_dsl=DSL, job_runtime_conf=conf)["jobId"]
        assert len(api.ask("model/query", **ids(version))["data"]) == len(PARTIES)
        assert api.deploy(version)

    def test_a_version_is_needed_to_ask(self, api: Api) -> None:
        assert api.ask("model/query", model_id=MODEL_ID) == {
            "retcode": 100,
            "retmsg": "query_model_info() missing 1 required positional argument: 'model_version'",
        }

    def test_unknown_models_are_unknown(self, api: Api) -> None:
        answer = api.ask("model/query", **ids("2099"))
        assert (answer["retcode"], answer["data"]) == (100, [])
        assert answer["retmsg"].startswith("Query model info failed, cannot find model from db. ")

    def test_answers_keep_the_order_of_their_keys(self, api: Api, version: str) -> None:
        text = api.send("model/query", ids(version)).get_data(as_text=True)
        assert text.startswith(
            '{"retcode": 0, "retmsg": "Query model info from db success.", "data": ['
        )
