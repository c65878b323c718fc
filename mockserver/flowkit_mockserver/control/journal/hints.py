"""Why a request was refused: what the real server's answer means, where that alone hardly says so."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

__all__ = ["Refused", "hint_for"]


@dataclass(frozen=True, slots=True)
class Refused:
    """A request that was refused, as far as hints look at it.

    Attributes:
        method: the HTTP method.
        path: the whole path.
        content_type: that of the request.
        status: the HTTP status.
        text: the text of the answer.
        routes: the routes of the server, as ``POST /v1/job/submit``.
        jobs: the ids of jobs that are there, newest first.
    """

    method: str
    path: str
    content_type: str
    status: int
    text: str
    routes: Callable[[], list[str]]
    jobs: Callable[[], list[str]]


_NO_JSON = "the body was not read, because its content type is {type}: send application/json"
_SHOWN_JOBS = 3

#: Patterns of answers, and what they mean. A group of the pattern can stand in the text.
_MEANINGS: Mapping[str, str] = {
    r"'NoneType' object has no attribute '(?:get|items|keys|pop)'|must be a mapping, not NoneType": (
        "the body was empty, null, or no JSON object; send one with content type application/json"
    ),
    r"^'(\w+)'$": "the argument {0} is missing",
    r"required positional arguments?: (.*)$": "missing: {0}",
    r"connect to all addresses|StatusCode\.UNAVAILABLE": (
        "the conf is for a cluster (work_mode 1), and this mock is a standalone server; --engines eggroll, or"
        " MockServer(engines='eggroll'), lets it play one"
    ),
    r"injected failure": "the failure was ordered, with refuse or POST /_flowkit/refuse",
    r"spoilt by a rule": "a rule of the fault file says so",
    r"has not been deployed": "deploy the model first (model.deploy), and predict with the version that it returns",
    r"^no data$": "this party has no such data of the component; another component or party may have some",
    r"list index out of range": "the conf lists fewer parties or parameters for a role than another part of it needs",
}
_PATTERNS = [(re.compile(pattern), text) for pattern, text in _MEANINGS.items()]
_NO_JOB = re.compile(r"can ?not found job|no found job|not found job|no job could be found", re.I)


def hint_for(refused: Refused) -> str | None:
    """Return why a request was refused, in one line; None when the answer itself says it."""
    if refused.status in (404, 405) and "<" in refused.text[:20]:
        return _elsewhere(refused)
    if refused.status == 400 and "<" in refused.text[:20]:
        return "the body is not JSON, though its content type says so"
    if _NO_JOB.search(refused.text):
        ids = refused.jobs()
        if not ids:
            return "this server, or namespace, has no jobs yet"
        newest = ", ".join(ids[:_SHOWN_JOBS])
        return f"no job has that job_id; there are {len(ids)}, the newest are: {newest}"
    for pattern, text in _PATTERNS:
        if (found := pattern.search(refused.text)) is not None:
            if text == _MEANINGS[_PATTERNS[0][0].pattern] and _other_type(refused.content_type):
                return _NO_JSON.format(type=refused.content_type or "missing")
            return text.format(*found.groups())
    return None


def _other_type(content_type: str) -> bool:
    return not content_type.lower().startswith(("application/json", "multipart/"))


def _elsewhere(refused: Refused) -> str | None:
    """Return where a request that found no route is likely to go."""
    routes = refused.routes()
    methods = sorted(
        method
        for method, _, path in (route.partition(" ") for route in routes)
        if path == refused.path
    )
    if methods:
        return f"{refused.path} takes {' or '.join(methods)}, not {refused.method}"
    wanted = f"{refused.method} {refused.path}"
    close = get_close_matches(wanted, routes, 1, 0.75)
    if not refused.path.startswith("/v1/"):
        close = close or get_close_matches(f"{refused.method} /v1{refused.path}", routes, 1, 0.9)
    return f"there is no {wanted}" + (f"; did you mean {close[0]}?" if close else "")
