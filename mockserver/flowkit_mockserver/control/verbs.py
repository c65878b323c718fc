"""The verbs of the control API, as data: what is asked how, what a request may hold, what it is for.

The views check requests by this table, and the OpenAPI document is made from it. Each verb is a method of `Controls`
of the same name, and thereby of `MockServer`.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from flowkit_mockserver.control.fields import Field, Schema
from flowkit_mockserver.faults import ROLES

__all__ = ["MODES", "SNAPSHOT", "VERBS", "Verb"]

TEXT: Schema = {"type": "string"}
NUMBER: Schema = {"type": "number"}
COUNT: Schema = {"type": ["integer", "null"], "minimum": 0}
TIMES: Schema = {"type": ["integer", "null"], "minimum": 1}
FLAG: Schema = {"type": ["boolean", "null"]}
OPTIONAL: Schema = {"type": ["string", "null"]}
OBJECT: Schema = {"type": "object"}


@dataclass(frozen=True, slots=True)
class Verb:
    """One verb.

    Attributes:
        name: that of the method.
        method: the HTTP method.
        path: the path below ``/_flowkit``; in braces the names of fields that stand in it.
        summary: what it does, in one sentence.
        fields: what a request may hold: members of a JSON body, or of the query without ``POST``.
        answer: what ``data`` of the answer is.
        settles: whether jobs are brought up to the present moment first.
    """

    name: str
    method: str
    path: str
    summary: str
    fields: tuple[Field, ...] = ()
    answer: Schema = field(default_factory=lambda: OBJECT)
    settles: bool = True


#: The file of a snapshot: the whole body or answer, where nothing else is in it.
SNAPSHOT: Schema = {"type": "object", "title": "Snapshot"}

#: How time can pass.
MODES = ("real", "scaled", "manual")

_NONE: Schema = {"type": "null"}
_ENTRIES: Schema = {"type": "array", "items": OBJECT}

_FILTERS = (
    Field(
        "operation", TEXT, "pattern of operation names (job.*), or of paths (job/*); all by default"
    ),
    Field("status", {"type": ["integer", "null"]}, "the HTTP status"),
    Field("retcode", {"type": ["integer", "null"]}, "the return code"),
    Field("refused", FLAG, "true for those that were refused, false for the others"),
    Field("test", OPTIONAL, "the test that asked, as its header X-Flowkit-Test says"),
)
_ARGUMENTS = Field(
    "arguments", {"type": ["object", "null"]}, "arguments that a request has, among others"
)

VERBS: tuple[Verb, ...] = (
    Verb("status", "GET", "", "Say how things are."),
    # Failures.
    Verb(
        "fail",
        "POST",
        "/fail",
        "Let a component fail.",
        (
            Field("component", TEXT, "its name in the DSL", required=True),
            Field("message", TEXT, "what its log says", required=True),
            Field("role", {"enum": [*ROLES, None]}, "the role on which it fails"),
            Field(
                "party_id", {"type": ["integer", "string", "null"]}, "the party on which it fails"
            ),
            Field("times", TIMES, "how many tasks fail; all by default"),
        ),
        _NONE,
    ),
    Verb(
        "refuse",
        "POST",
        "/refuse",
        "Let the next requests fail with an HTTP status.",
        (
            Field("path", TEXT, "pattern of the path below /v1/"),
            Field("status", {"type": "integer", "minimum": 200, "maximum": 599}, "the HTTP status"),
            Field("times", TIMES, "how many requests; 1 by default, null for all"),
            Field("retry_after", OPTIONAL, "value of the header Retry-After"),
        ),
        _NONE,
    ),
    Verb(
        "add_rules",
        "POST",
        "/rules",
        "Let requests and components fail by the rules and stages of a rule file.",
        (Field("rules", OBJECT, "what the file holds: rules, stages and seed", required=True),),
        _NONE,
    ),
    # Time.
    Verb(
        "advance",
        "POST",
        "/advance",
        "Move time on.",
        (Field("seconds", NUMBER, "by how much", required=True),),
    ),
    Verb(
        "advance_to_next_event",
        "POST",
        "/advance/next",
        "Move time on until the status of a job or task changes; null when nothing is going to.",
        (),
        {"type": ["object", "null"]},
    ),
    Verb(
        "set_time",
        "POST",
        "/time",
        "Say how time passes from now on: as it does, faster or slower, or on demand.",
        (
            Field("mode", {"enum": [*MODES]}, "real, scaled or manual", required=True),
            Field(
                "factor",
                {"type": ["number", "null"], "minimum": 0, "maximum": 1_000_000},
                "how many seconds pass in one of scaled time",
            ),
        ),
    ),
    Verb(
        "set_pace",
        "POST",
        "/pace",
        "Say how long tasks take in jobs that are submitted from now on.",
        (
            Field(
                "pace", {"type": ["number", "string"]}, "instant, seconds, or manual", required=True
            ),
        ),
    ),
    # The journal.
    Verb(
        "requests",
        "GET",
        "/journal",
        "Return the requests that were answered, oldest first.",
        (*_FILTERS, Field("last", TIMES, "the last so many of them")),
        _ENTRIES,
    ),
    Verb(
        "assert_called",
        "POST",
        "/journal/assert",
        "Check how many requests match; HTTP 409 when they are more or fewer.",
        (
            *_FILTERS,
            _ARGUMENTS,
            Field("times", COUNT, "how many there must be"),
            Field("at_least", COUNT, "how many there must be at least; 1 by default"),
            Field("at_most", COUNT, "how many there may be"),
        ),
        _ENTRIES,
    ),
    # The state.
    Verb(
        "reset",
        "POST",
        "/reset",
        "Forget everything, and return a line about each ordered failure that has hit nothing.",
        (),
        {"type": "array", "items": TEXT},
        settles=False,
    ),
    Verb(
        "snapshot",
        "GET",
        "/snapshot",
        "Return all that the server remembers, as a file.",
        answer=SNAPSHOT,
    ),
    Verb(
        "restore",
        "PUT",
        "/snapshot",
        "Let the server remember what a snapshot says, and nothing else; the body is its file.",
        (Field("snapshot", SNAPSHOT, "the snapshot", required=True),),
        _NONE,
    ),
    Verb(
        "diff",
        "POST",
        "/diff",
        "Say what two snapshots differ in.",
        (
            Field("before", SNAPSHOT, "the earlier snapshot", required=True),
            Field(
                "after",
                {"type": ["object", "null"]},
                "the later one; by default the server as it is",
            ),
        ),
    ),
    Verb(
        "fork",
        "POST",
        "/fork",
        "Make a namespace that starts as a copy of this world.",
        (Field("name", TEXT, "its name", required=True),),
        _NONE,
    ),
    # Namespaces.
    Verb(
        "namespaces",
        "GET",
        "/namespaces",
        "Return the names of the namespaces that are there.",
        (),
        {"type": "array", "items": TEXT},
    ),
    Verb(
        "drop",
        "DELETE",
        "/namespaces/{name}",
        "Forget a namespace; false when there is none of that name.",
        (Field("name", TEXT, "its name", required=True),),
        {"type": "boolean"},
    ),
)
