"""What the parties of a federation said: the reasons within an answer, party by party.

A server that asks several parties puts their words where few look: into ``data``, role by role and
party by party, as ``model/load`` and a refused ``job/submit`` do; or, as text, into the message:
JSON after ``stop job failed``, and what Python prints of a tuple from FATE Flow 1.11.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

__all__ = [
    "describe_message",
    "describe_reasons",
    "party_reasons",
    "plain_message",
    "without_reasons",
]

DEEPEST = 4  # data, detail, role, party
LONGEST = 200_000  # characters of a message that is looked through
SHOWN = 600  # characters of a reason that stand in the text of an exception
#: The last line of a traceback, and what Python shows of an exception.
RAISED = r"(?s:(?:\w+\.)*(?P<kind>[A-Z]\w*)(?:: (?P<words>.*))?)"
REPR = r"(?s:(?P<kind>(?:[A-Z]\w*)?(?:Error|Exception))\((?P<given>.*?),?\))"
TRACEBACK = "Traceback (most recent call last):"


def plain_message(text: str) -> str:
    """Return a server's message as FATE Flow 1.6 has it: a sentence without the exception around it.

    Servers of 1.9 and later send ``repr(exception)``, and a traceback for what a job is refused for.
    """
    kind, words = _exception(text)
    return (words or kind) if kind else words


def describe_message(text: str) -> str:
    """Return a server's message for people: the last line of a traceback, and what was raised."""
    kind, words = _exception(text)
    if not kind or kind == "Exception":
        return words or kind
    return f"{kind}: {words}" if words else kind


def party_reasons(answer: Mapping[str, Any]) -> dict[str, str]:
    """Return what each party that refused said, by ``"role/party_id"``; empty where none did.

    Args:
        answer: the server's envelope.
    """
    found = dict(_refusals(answer.get("data"), ()))
    return found or dict(_refusals(_structure(str(answer.get("retmsg", "")))[1], ()))


def describe_reasons(reasons: Mapping[str, str]) -> str:
    """Return the reasons as one text; parties that say the same are named together."""
    parties: dict[str, list[str]] = {}
    for party, reason in reasons.items():
        parties.setdefault(reason, []).append(party)
    return "; ".join(f"{', '.join(names)}: {_shorten(text)}" for text, names in parties.items())


def without_reasons(message: str) -> str:
    """Return a server's message without the parties' words in it, which `party_reasons` returns."""
    start, _ = _structure(message)
    if start is None:
        return message
    head = message[:start]
    if TRACEBACK in head:
        head = head.rpartition("\n")[2].rpartition("Exception: ")[2]
    return " ".join(head.split()).strip("(',:\" ")


def _refusals(node: Any, path: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Yield party and reason of each refusal below `node`."""
    if not isinstance(node, dict) or len(path) > DEEPEST:
        return
    if len(path) >= 2 and "retmsg" in node:
        if node.get("retcode") != 0:
            text = _last_words(str(node["retmsg"])) or f"retcode {node.get('retcode')}"
            yield "/".join(path[-2:]), text
        return
    for key, inner in node.items():
        yield from _refusals(inner, (*path, str(key)))


def _structure(message: str) -> tuple[int | None, Any]:
    """Return where a mapping of the parties begins in a message, and the mapping."""
    start = message.find("{")
    if start < 0 or len(message) > LONGEST:
        return None, None
    try:
        found, _ = json.JSONDecoder().raw_decode(message, start)
    except (ValueError, RecursionError):
        try:
            found = _literal(message[start : message.rindex("}") + 1])
        except ValueError:  # it holds no such thing
            return None, None
    return (start, found) if any(_refusals(found, ())) else (None, None)


def _literal(text: str) -> Any:
    """Return what Python's own notation of a value means.

    Raises:
        ValueError: it is none.
    """
    import ast  # rarely needed, and slow to import

    try:
        return ast.literal_eval(text)
    except (SyntaxError, TypeError, RecursionError, MemoryError) as error:
        raise ValueError(f"not a literal: {error}") from error


def _exception(text: str) -> tuple[str, str]:
    """Return the class and the words of an exception in a message; no class where it is none."""
    stripped = text.strip()
    if TRACEBACK in stripped:
        last = _last_words(stripped)
        raised = re.fullmatch(RAISED, last)
        return (raised["kind"], raised["words"] or "") if raised else ("", last)
    shown = re.fullmatch(REPR, stripped)
    if shown is None:
        return "", text
    try:
        given = _literal(f"({shown['given']},)") if shown["given"] else ()
    except ValueError:  # it only looks like one
        return "", text
    if len(given) > 1:
        return "", text
    kind = shown["kind"]
    # As Python has it: the text of a missing key is the key in quotes.
    words = "".join(repr(one) if kind == "KeyError" else str(one) for one in given)
    return kind, words


def _last_words(text: str) -> str:
    """Return what a traceback says at its end; any other text as it stands."""
    while TRACEBACK in text:
        inner = text
        if text.endswith(")") and "(" in text.partition(TRACEBACK)[0]:  # repr of an exception
            try:
                inner = str(_literal(text[text.index("(") : -1].lstrip("(").rstrip(",")))
            except ValueError:
                inner = text.replace("\\n", "\n")
        lines = inner.rpartition(TRACEBACK)[2].splitlines()
        ends = max((at for at, line in enumerate(lines) if line[:1].isspace()), default=-1)
        words = "\n".join(lines[ends + 1 :]).strip()
        if words == text:
            break
        text = words
    return text.strip()


def _shorten(text: str) -> str:
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"
