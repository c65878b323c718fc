from __future__ import annotations

from typing import Any

import pytest

from flowkit.clock import ManualClock
from flowkit_mockserver.errors import Refusal
from flowkit_mockserver.models.rows import ModelRows
from flowkit_mockserver.models.tags import Tags
from flowkit_mockserver.store import Store


@pytest.fixture
def tags(store: Store, clock: ManualClock) -> Tags:
    rows = ModelRows(store.collection("model_rows"), clock)
    for party_id in (7001, 7002):
        rows.add(
            {
                "role": "guest",
                "party_id": party_id,
                "model_id": "m",
                "model_version": "1",
                "size": 38,
            }
        )
    tags = Tags(store.collection("tags"), rows)
    tags.create("gold", "the best")
    tags.create("silver")
    return tags


def names(tags: Tags, limit: Any = 10) -> list[str]:
    return [tag["name"] for tag in tags.first(limit)]


def test_tags_are_listed_in_the_order_in_which_they_were_made(tags: Tags) -> None:
    assert tags.first(10) == [
        {"name": "gold", "description": "the best", "model_count": 0},
        {"name": "silver", "description": None, "model_count": 0},
    ]


@pytest.mark.parametrize(
    ("limit", "shown"), [(1, ["gold"]), (0, []), (-1, ["gold"]), (99, ["gold", "silver"])]
)
def test_a_limit_counts_as_a_slice_does(tags: Tags, limit: int, shown: list[str]) -> None:
    assert names(tags, limit) == shown


@pytest.mark.parametrize("name", ["", None])
def test_a_tag_needs_a_name(tags: Tags, name: str | None) -> None:
    with pytest.raises(
        Refusal, match=f"^'{name}' tag created failed. Please input a valid tag name.$"
    ):
        tags.create(name)


def test_names_are_unique(tags: Tags) -> None:
    with pytest.raises(Refusal, match=r"^'gold' has already exists in database\.$"):
        tags.create("gold")


def test_a_renamed_tag_keeps_its_place_and_loses_a_description_that_is_not_repeated(
    tags: Tags,
) -> None:
    tags.update("gold", "platinum", None)
    assert tags.first(10)[0] == {"name": "platinum", "description": None, "model_count": 0}


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (("gold", "gold", "the best"), "Nothing to be updated."),
        (("gold", "gold", "better"), "'gold' tag already exists."),
        (("gold", "silver", None), "'silver' tag already exists."),
        (("tin", "iron", None), "Can not found 'tin' tag."),
        ((None, None, None), "Can not found 'None' tag."),
    ],
)
def test_changes_that_are_none_are_refused(tags: Tags, change: Any, text: str) -> None:
    with pytest.raises(Refusal) as refused:
        tags.update(*change)
    assert refused.value.retmsg == text


def test_search_finds_parts_of_names_in_either_case(tags: Tags) -> None:
    assert [tag["name"] for tag in tags.search("L")] == ["gold", "silver"]
    with pytest.raises(Refusal, match=r"^No tags found\.$"):
        tags.search("tin")


def test_a_tag_belongs_to_the_version_on_all_parties(tags: Tags) -> None:
    tags.attach("1", "gold")
    assert tags.first(1)[0]["model_count"] == 1
    assert tags.models("gold") == [
        {
            "model_id": "m",
            "model_version": "1",
            "model_size": 38,
            "role": "guest",
            "party_id": party_id,
        }
        for party_id in ("7001", "7002")
    ]


def test_the_tags_of_a_model_come_in_the_order_in_which_they_were_attached(tags: Tags) -> None:
    tags.attach("1", "silver")
    tags.attach("1", "bronze")  # made on the way
    tags.attach("1", "gold")
    assert [tag["name"] for tag in tags.of_model("1")] == ["silver", "bronze", "gold"]
    assert tags.detach("1", "silver") == (
        "'silver' tag has been removed from tag list of model m 1."
    )
    assert [tag["name"] for tag in tags.of_model("1")] == ["bronze", "gold"]


@pytest.mark.parametrize(
    ("job_id", "name", "text"),
    [
        ("2", "gold", "Can not found model by job id: '2'."),
        (None, "gold", "Can not found model by job id: 'None'."),
        ("1", "", "Tag name should not be an empty string."),
        ("1", None, "ConstraintError: NOT NULL constraint failed: t_tags.f_name"),
        ("1", "gold", "Model m 1 already been tagged as tag 'gold'."),
    ],
)
def test_attaching_can_be_refused(tags: Tags, job_id: Any, name: Any, text: str) -> None:
    tags.attach("1", "gold")
    with pytest.raises(Refusal) as refused:
        tags.attach(job_id, name)
    assert refused.value.retmsg == text


def test_detaching_can_be_refused(tags: Tags) -> None:
    with pytest.raises(Refusal, match=r"^Can not found 'tin' tag\.$"):
        tags.detach("1", "tin")
    with pytest.raises(Refusal, match=r"^Model m 1 does not have tag 'gold'\.$"):
        tags.detach("1", "gold")


def test_a_deleted_tag_is_gone_everywhere(tags: Tags) -> None:
    tags.attach("1", "gold")
    tags.destroy("gold")
    assert names(tags) == ["silver"]
    assert tags.of_model("1") == []
    with pytest.raises(Refusal, match=r"^Can not found 'gold' tag\.$"):
        tags.destroy("gold")


def test_places_survive_a_restart(store: Store, clock: ManualClock, tags: Tags) -> None:
    tags.attach("1", "silver")
    again = Tags(store.collection("tags"), ModelRows(store.collection("model_rows"), clock))
    again.create("bronze")
    again.attach("1", "gold")
    assert names(again) == ["gold", "silver", "bronze"]
    assert [tag["name"] for tag in again.of_model("1")] == ["silver", "gold"]
