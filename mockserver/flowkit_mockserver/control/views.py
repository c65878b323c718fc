"""The control API below ``/_flowkit``: the verbs of `VERBS`, each a method of `Controls`.

Most servers are never asked for one: what answers is imported with the first that is.
"""

from __future__ import annotations

import json
from functools import partial

from flask import Blueprint, Response, request

from flowkit_mockserver.control.access import refuse_control
from flowkit_mockserver.control.verbs import VERBS, Verb
from flowkit_mockserver.http.access import CONTROL
from flowkit_mockserver.http.envelope import JSON
from flowkit_mockserver.wire.dispatch import current_state

__all__ = ["blueprint"]

blueprint = Blueprint("control", __name__, url_prefix=CONTROL)


def _answer(verb: Verb, **named: str) -> Response:
    from flowkit_mockserver.control.answering import answer

    return answer(verb, **named)


for _verb in VERBS:
    _rule = _verb.path.replace("{", "<").replace("}", ">")
    blueprint.add_url_rule(_rule, _verb.name, partial(_answer, _verb), methods=[_verb.method])


@blueprint.get("/openapi.json")
def openapi() -> Response:
    """Describe the control API as an OpenAPI document (GET /_flowkit/openapi.json)."""
    # Imported by those only who ask.
    from flowkit_mockserver.control.openapi import describe

    if (refused := refuse_control(current_state().settings, request.environ)) is not None:
        return refused
    return Response(json.dumps(describe(), indent=2), content_type=JSON)
