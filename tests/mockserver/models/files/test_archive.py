from __future__ import annotations

import io
import zipfile
from typing import Any

import pytest

from flowkit_mockserver.errors import Refusal
from flowkit_mockserver.models.cache import EMPTY_BUFFER, ModelCache
from flowkit_mockserver.models.files import archive
from flowkit_mockserver.models.files.archive import pack, unpack
from flowkit_mockserver.party import Party

DEFINITION = "define/define_meta.yaml"


def model(**changes: Any) -> dict[str, Any]:
    return {
        "module": "ColumnExpand",
        "meta_name": "ColumnExpandMeta",
        "meta_message": "ColumnExpandMeta",
        "meta": {"appendHeader": ["a"], "method": "manual", "fillValue": [], "needRun": True},
        "param_name": "ColumnExpandParam",
        "param_message": "ColumnExpandParam",
        "param": {"header": ["x", "a"]},
        "state": {},
        **changes,
    }


def pipeline() -> dict[str, Any]:
    return {
        "inference_dsl": {},
        "train_dsl": {"components": {}},
        "train_runtime_conf": {"role": {"guest": [7001]}},
        "fate_version": "1.6.1",
        "model_id": "guest-7001#model",
        "model_version": "1",
        "parent": True,
        "loaded_times": 0,
        "roles": {"guest": [7001]},
        "work_mode": 0,
        "initiator_role": "guest",
        "initiator_party_id": 7001,
        "runtime_conf_on_party": {},
        "parent_info": {},
    }


def empty() -> ModelCache:
    return ModelCache(Party("guest", "7001"), "guest-7001#model", "1")


def cache(**changes: Any) -> ModelCache:
    made = empty()
    made.pipeline = pipeline()
    made.put_model("expand_0", "ColumnExpand", "model", model(**changes))
    return made


def unpacked(data: bytes, *, later: bool = False) -> ModelCache:
    target = empty()
    unpack(io.BytesIO(data), target, path="/srv/fate/temp/m.zip", root="/srv/fate", later=later)
    return target


def rezipped(data: bytes, **members: bytes | None) -> bytes:
    """Return an archive with some members replaced, added or (None) left out."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(target, "w") as copy:
        for name in source.namelist():
            if name not in members:
                copy.writestr(name, source.read(name))
        for name, content in members.items():
            if content is not None:
                copy.writestr(name, content)
    return target.getvalue()


def test_a_model_survives_the_journey() -> None:
    assert unpacked(pack(cache())) == cache()


def test_what_a_prediction_needs_beside_the_buffers_travels_along() -> None:
    assert unpacked(pack(cache(state={"fill": [1, "é"]}))) == cache(state={"fill": [1, "é"]})


def test_a_buffer_full_of_defaults_is_not_an_empty_file() -> None:
    packed = pack(cache(param={"header": []}))
    name = "variables/data/expand_0/model/ColumnExpandParam"
    with zipfile.ZipFile(io.BytesIO(packed)) as zipped:
        assert zipped.read(name) == EMPTY_BUFFER
    assert unpacked(packed) == cache(param={"header": []})


def test_the_archive_has_the_layout_of_a_real_one() -> None:
    with zipfile.ZipFile(io.BytesIO(pack(cache()))) as zipped:
        names = [name for name in zipped.namelist() if not name.startswith("define/proto/")]
        assert zipped.read("pipeline.pb") == zipped.read(
            "variables/data/pipeline/pipeline/Pipeline"
        )
        assert b"message Pipeline {" in zipped.read("define/proto/pipeline.proto")
    assert names == [
        "define/",
        "variables/",
        ".lock",
        "pipeline.pb",
        DEFINITION,
        "variables/data/",
        "variables/index/",
        "variables/data/expand_0/",
        "variables/data/expand_0/model/",
        "variables/data/expand_0/model/ColumnExpandMeta",
        "variables/data/expand_0/model/ColumnExpandParam",
        "variables/data/pipeline/",
        "variables/data/pipeline/pipeline/",
        "variables/data/pipeline/pipeline/Pipeline",
    ]


def test_the_same_model_gives_the_same_bytes() -> None:
    assert pack(cache()) == pack(cache())


def test_members_without_a_place_in_a_model_are_never_read() -> None:
    hostile = {"../../etc/passwd": b"x", "/etc/passwd": b"x", "variables/data/../../x": b"x"}
    assert unpacked(rezipped(pack(cache()), **hostile)) == cache()


def test_something_else_is_not_a_zip_file() -> None:
    with pytest.raises(Refusal, match=r"^/srv/fate/temp/m\.zip is not a zip file$"):
        unpacked(b"hello")


def test_an_archive_without_a_definition_leaves_an_empty_shell() -> None:
    target = empty()
    with pytest.raises(Refusal, match=r"\[Errno 2\] .*define/define_meta\.yaml"):
        unpack(io.BytesIO(rezipped(pack(cache()), **{DEFINITION: None})), target, path="", root="")
    assert not target.defined


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("variables/data/expand_0/model/ColumnExpandParam", None),
        ("variables/data/expand_0/model/ColumnExpandParam", b"\x0a\xff"),
        ("variables/data/pipeline/pipeline/Pipeline", b"\x0a\x02[]"),
        (DEFINITION, b"\xff\xfe"),
        (DEFINITION, b"model_proto: text\n"),
    ],
)
def test_damaged_members_are_refused(name: str, content: bytes | None) -> None:
    with pytest.raises(Refusal, match="is not the archive of a model"):
        unpacked(rezipped(pack(cache()), **{name: content}))


CHECKPOINT = "checkpoint/expand_0/1#step_name"
DATABASE = b"""
step_index: '1'
create_time: '2024-01-01T00:00:00'
models: {ColumnExpandMeta: {buffer_name: ColumnExpandMeta}}
"""


def test_checkpoints_and_parameters_of_the_later_lines_come_along() -> None:
    added = {
        "run_parameters/expand_0/run_parameters.json": b'{"module": "ColumnExpand"}',
        "checkpoint/other_0/1#step_name/database.yaml": b"of no component",
        f"{CHECKPOINT}/deeper/database.yaml": b"no checkpoint",
        f"{CHECKPOINT}/database.yaml": DATABASE,
        f"{CHECKPOINT}/ColumnExpandMeta.pb": EMPTY_BUFFER,
        "checkpoint/expand_0/0#step_name/database.yaml": DATABASE.replace(b"'1'", b"'0'"),
        "checkpoint/expand_0/0#step_name/ColumnExpandMeta.pb": EMPTY_BUFFER,
    }
    found = unpacked(rezipped(pack(cache()), **added), later=True)
    assert found.run_parameters == {"expand_0": {"module": "ColumnExpand"}}
    assert list(found.checkpoints) == ["expand_0"]
    assert [one["step_index"] for one in found.checkpoints["expand_0"]] == [0, 1]
    assert found.checkpoints["expand_0"][1]["create_time"] == "2024-01-01T00:00:00"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("run_parameters/expand_0/run_parameters.json", b"[]"),
        (f"{CHECKPOINT}/database.yaml", DATABASE),  # without the buffer that it names
        (f"{CHECKPOINT}/database.yaml", b"models: {}\nstep_index: '1'\n"),
        (f"{CHECKPOINT}/database.yaml", b"models: x\ncreate_time: x\nstep_index: '1'\n"),
        (f"{CHECKPOINT}/database.yaml", b"models: {}\ncreate_time: {}\nstep_index: '1'\n"),
        (f"{CHECKPOINT}/database.yaml", b"models: {}\ncreate_time: x\nstep_index: one\n"),
    ],
)
def test_what_is_no_checkpoint_and_no_parameters_is_refused(name: str, content: bytes) -> None:
    with pytest.raises(Refusal, match="is not the archive of a model"):
        unpacked(rezipped(pack(cache()), **{name: content}), later=True)


@pytest.mark.parametrize("named", ["../x", "/x", "a//x", r"a\\x"])
def test_names_that_lead_elsewhere_are_refused(named: str) -> None:
    database = DATABASE.replace(b"models: {ColumnExpandMeta", f'models: {{"{named}Meta"'.encode())
    added = {
        f"{CHECKPOINT}/database.yaml": database,
        f"{CHECKPOINT}/{named}Meta.pb": EMPTY_BUFFER,
    }
    with pytest.raises(Refusal, match="is no name of a member"):
        unpacked(rezipped(pack(cache()), **added), later=True)


def test_a_bomb_is_refused_before_it_unfolds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MAX_BYTES", 10_000)
    bomb = rezipped(
        pack(cache()), **{"variables/data/expand_0/model/ColumnExpandParam": bytes(1_000_000)}
    )
    with pytest.raises(Refusal, match="unpacks to more than 10000 bytes"):
        unpacked(bomb)


def test_too_many_members_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MAX_MEMBERS", 10)
    with pytest.raises(Refusal, match="more than 10"):
        unpacked(pack(cache()))


def test_an_archive_cut_short_is_refused() -> None:
    packed = pack(cache())
    with pytest.raises(Refusal):
        unpacked(packed[: len(packed) // 2])


def test_weight_is_that_of_the_real_server() -> None:
    assert empty().kilobytes() == 38  # hardly more than the definition files
    heavy = cache(param={"header": ["x" * 10_240]})
    assert heavy.kilobytes() == cache().kilobytes() + 10
    assert cache(state={"a": "x" * 10_240}).kilobytes() == cache().kilobytes()
