"""A cassette's text is cut into entries without being parsed, or else parsed as a whole."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowkit import CassetteError
from flowkit_replay.cassette.interaction_list import EntryIndex, InteractionList
from flowkit_replay.cassette.vcrpy_format import HEAD, TAIL, dump_entries
from recorded import HOST, interaction

LONG = b'{"text": "' + b"a long text with blanks \\n and\\nlines " * 40 + b'"}'
HELD = [
    interaction("/v1/job/query", b'{"retcode": 0}\n- request:\n'),
    interaction("/v1/data/upload?%7B%22a%22%3A%201%7D", LONG),
    interaction("/v1/job/log", b"\x00\xff" * 200),
    interaction("/v1/" + "long/" * 40, "ünïcode\n\n- request:\n  x".encode()),
    interaction("/v1/a'b: #c", b""),
]
TEXT = HEAD + dump_entries(HELD).encode() + TAIL


def scan(text: bytes) -> EntryIndex:
    index = EntryIndex.scan(text)
    assert index is not None
    return index


def test_every_entry_is_found_whatever_its_bodies_look_like() -> None:
    lazy = InteractionList(index=scan(TEXT))
    assert len(lazy) == 5
    assert list(lazy) == HELD
    assert lazy[-1] == HELD[-1]
    assert lazy[1:3] == HELD[1:3]
    with pytest.raises(IndexError, match="there are 5 interactions, not 5"):
        lazy[5]


def test_addresses_and_requests_are_read_without_the_answers() -> None:
    lazy = InteractionList(index=scan(TEXT))
    assert [lazy.get_uri(n) for n in range(5)] == [one.uri for one in HELD]
    assert [lazy.get_request(n).request_body for n in range(5)] == [b"{}"] * 5
    assert lazy._parsed == {}
    assert not lazy.loaded


def test_an_entry_is_parsed_once() -> None:
    lazy = InteractionList(index=scan(TEXT))
    assert lazy[0] is lazy[0]


@pytest.mark.parametrize(
    "text",
    [
        TEXT.replace(b"\n", b"\r\n"),
        b"# by hand\n" + TEXT,
        TAIL + HEAD + dump_entries(HELD).encode(),
        TEXT.replace(b"- request:", b"-  request:"),
        TEXT.replace(b"- x\n", b"- &id001 x\n", 1).replace(b"- x\n", b"- *id001\n", 1),
        TEXT.replace(b"\n  response:", b"\n  answer:", 1),
        b"interactions: []\nversion: 1\n",
    ],
    ids=["CRLF", "comment", "version first", "indented", "anchors", "no response", "empty"],
)
def test_what_is_not_written_in_the_plain_way_is_left_to_the_parser(text: bytes) -> None:
    assert EntryIndex.scan(text) is None


def test_what_follows_the_entries_is_kept_apart() -> None:
    text = TEXT.removesuffix(TAIL) + b"metadata:\n  by: Ada\n" + TAIL
    assert scan(text).rest == "metadata:\n  by: Ada\nversion: 1\n"


def test_a_damaged_entry_is_named_when_it_is_asked_for() -> None:
    text = TEXT.replace(b"      code: 200", b"      code: [", 1)
    lazy = InteractionList(index=scan(text), title="cassette one.yaml")
    assert lazy[1] == HELD[1]
    with pytest.raises(CassetteError, match=r"cassette one\.yaml is damaged: interaction 1: "):
        lazy[0]


def test_what_is_added_to_a_copy_is_not_in_the_original() -> None:
    held = InteractionList(HELD[:2], {"metadata": 1})
    twin = held.copy()
    twin.append(HELD[2])
    assert (len(held), len(twin), twin.extra) == (2, 3, {"metadata": 1})
    assert [one.uri.startswith(HOST) for one in twin] == [True] * 3


TEXTS = st.lists(
    st.sampled_from(
        ["\n- request:\n", "\n  response:\n", "    uri: http://x/y", "'", '"', "a b", "\n", "&a *b"]
    )
    | st.text(max_size=8)
).map("".join)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(TEXTS, TEXTS, TEXTS), min_size=1, max_size=4))
def test_whatever_is_recorded_is_found_again(held: list[tuple[str, str, str]]) -> None:
    written = [
        interaction(
            f"/v1/{target}",
            body.encode("utf-8", "surrogatepass"),
            request_body=sent.encode("utf-8", "surrogatepass"),
        )
        for target, sent, body in held
    ]
    text = HEAD + dump_entries(written).encode() + TAIL
    index = EntryIndex.scan(text)
    if index is not None:  # otherwise the whole text is parsed
        lazy = InteractionList(index=index)
        assert [lazy.get_uri(n) for n in range(len(lazy))] == [one.uri for one in written]
        assert [one.body for one in lazy] == [one.body for one in written]
        assert [one.request_body for one in lazy] == [one.request_body for one in written]
