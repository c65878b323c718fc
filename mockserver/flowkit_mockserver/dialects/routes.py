"""Which routes a line has, and which arguments each of them needs.

A route that is not listed is there in every line. Arguments are checked here only where the real server checks them
before anything else, in the order in which it names them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from flowkit.servers import LINES, ServerLine, find_line

__all__ = ["Route", "find_route", "numbers_of", "rule_on"]

_PARAMETER = re.compile(r"<[^>]*>")


@dataclass(frozen=True, slots=True)
class Route:
    """A route: method and path below ``/v1``.

    Attributes:
        path: such as ``POST /job/log/download``; what is between ``<`` and ``>`` does not matter.
        since, until: the first and the last line that have it; None for no bound. `since` may be a version of
            FATE Flow within its line.
        absent: a line between them that does not have it.
        needs: the arguments that it needs, from the line `checked` on.
        checked, checked_until: the first and the last line that check them before anything else.
    """

    path: str
    since: str | None = None
    until: str | None = None
    absent: str | None = None
    needs: tuple[str, ...] = ()
    checked: str = "1.7"
    checked_until: str | None = None

    def checks(self, line: ServerLine) -> bool:
        """Say whether a line checks its arguments before anything else."""
        first = find_line(self.checked)
        last = None if self.checked_until is None else find_line(self.checked_until)
        return (first is None or line >= first) and (last is None or line <= last)

    def there(self, line: ServerLine, flow_version: str | None = None) -> bool:
        """Say whether a line has it, in a version of FATE Flow or in the last one."""
        since = None if self.since is None else find_line(self.since)
        until = None if self.until is None else find_line(self.until)
        if line.name == self.absent:
            return False
        if since == line and numbers_of(flow_version or line.fate_flow[-1]) < numbers_of(
            self.since
        ):
            return False
        return (since is None or line >= since) and (until is None or line <= until)


def numbers_of(version: str | None) -> tuple[int, ...]:
    """Return the numbers of a version, for comparing."""
    return tuple(int(number) for number in (version or "").split(".") if number)


_MODEL = ("model_id", "model_version", "role", "party_id")
_TABLE = ("table_name", "namespace")

ROUTES: tuple[Route, ...] = (
    # The line 1.6 and before.
    Route("GET /job/log", until="1.6"),
    Route("POST /version/registry", "1.6", "1.6"),
    Route("POST /version/query", "1.6", "1.6"),
    Route("POST /service/get", "1.6", "1.6"),
    Route("POST /service/registry", "1.6"),
    Route("POST /service/query", "1.6", needs=("service_name",), checked="1.9"),
    Route("POST /permission/grant/privilege", until="1.8"),
    Route("POST /permission/delete/privilege", until="1.8"),
    Route("POST /permission/query/privilege", until="1.8"),
    Route("POST /model/load/do", until="1.6"),
    Route("POST /model/deploy/do", until="1.6"),
    Route("POST /model/migrate/do", until="1.6"),
    # Checks that came with FATE Flow as a project of its own.
    Route("POST /job/url/get", needs=("job_id", "role", "party_id")),
    Route(
        "POST /model/migrate",
        needs=(
            "migrate_initiator",
            "role",
            "migrate_role",
            "model_id",
            "model_version",
            "execute_party",
            "job_parameters",
        ),
    ),
    Route("POST /model/<operation>", needs=_MODEL),
    Route("GET /model/<operation>", needs=_MODEL),
    Route("POST /model/get/predict/conf", needs=("model_id", "model_version"), checked_until="1.8"),
    Route("POST /model/deploy", needs=("model_id", "model_version")),
    Route("POST /table/bind", needs=("engine", "address", "namespace", "name")),
    Route("POST /table/add", needs=("engine", "address", "namespace", "name")),
    Route("POST /table/list", needs=("job_id", "role", "party_id")),
    Route(
        "POST /tracking/component/output/data/table",
        needs=("job_id", "role", "party_id", "component_name"),
    ),
    Route(
        "POST /tracking/component/summary/download",
        needs=("job_id", "component_name", "role", "party_id"),
    ),
    Route("POST /version/set", until="1.8", absent="1.6", needs=("federatedId",)),
    # Routes that came with a line.
    Route("POST /job/log/download", "1.7", needs=("job_id",)),
    Route("POST /job/log/path", "1.7", needs=("job_id",)),
    Route("POST /job/parameter/update", "1.7", needs=("job_id",)),
    Route("POST /job/report", "1.9"),
    Route("POST /log/size", "1.7.1"),
    Route("POST /log/cat", "1.7.1"),
    Route("POST /checkpoint/list", "1.7"),
    Route("POST /checkpoint/get", "1.7"),
    Route("POST /component/get", "1.7"),
    Route("POST /component/<name>/get", "1.7"),
    Route(
        "POST /component/hetero/merge",
        "1.9",
        needs=(
            "model_id",
            "model_version",
            "guest_party_id",
            "host_party_ids",
            "component_name",
            "model_type",
            "output_format",
        ),
    ),
    Route("POST /component/woe_array/extract", "1.10", needs=(*_MODEL, "component_name")),
    Route(
        "POST /component/woe_array/merge", "1.10", needs=(*_MODEL, "component_name", "woe_array")
    ),
    Route("POST /key/public/save", "1.9"),
    Route("POST /key/query", "1.9"),
    Route("POST /key/public/delete", "1.9"),
    Route("POST /model/homo/convert", "1.7", needs=_MODEL),
    Route(
        "POST /model/homo/deploy",
        "1.7",
        needs=("service_id", *_MODEL, "component_name", "deployment_type", "deployment_parameters"),
    ),
    Route("POST /model/archive/packaging", "1.9", needs=("party_model_id", "model_version")),
    Route("POST /model/service/register", "1.9", needs=("party_model_id", "model_version")),
    Route("POST /model/query/detail", "1.11"),
    Route("POST /permission/grant", "1.9", needs=("party_id",)),
    Route("POST /permission/delete", "1.9", needs=("party_id",)),
    Route("POST /permission/query", "1.9", needs=("party_id",)),
    Route("POST /provider/register", "1.7", needs=("name", "version", "path")),
    Route("POST /provider/registry/get", "1.7"),
    Route("POST /provider/get", "1.7"),
    Route("POST /provider/<name>/get", "1.7"),
    Route("POST /provider/update", "1.9"),
    Route("POST /resource/query", "1.7"),
    Route("POST /resource/return", "1.7", needs=("job_id",)),
    Route("POST /server/version/get", "1.7"),
    Route("POST /server/service/get", "1.7"),
    Route("POST /server/service/<name>/register", "1.7"),
    Route("POST /server/service/<name>/get", "1.7"),
    Route("POST /server/reload", "1.7"),
    Route("POST /server/config/job/default", "1.7"),
    Route("POST /server/fateflow/info", "1.9"),
    Route("POST /server/get", "1.9"),
    Route("POST /server/<name>/register", "1.9"),
    Route("POST /server/<name>/get", "1.9"),
    Route("POST /info/mysql", "1.7", "1.9"),
    Route("POST /info/eggroll", "1.7"),
    Route("POST /info/common", "1.10"),
    Route("POST /info/version", "1.10"),
    Route("POST /info/party/<party>", "1.10"),
    Route("POST /info/party/<proxy>/<party>", "1.10"),
    Route("POST /table/connector/create", "1.7.2"),
    Route("POST /table/connector/query", "1.7.2"),
    Route("GET /table/download", "1.7.1"),
    Route("POST /table/preview", "1.11"),
    Route("POST /table/disable", "1.8"),
    Route("POST /table/enable", "1.8"),
    Route("POST /table/disable/delete", "1.8"),
    Route("POST /table/schema/update", "1.9", needs=("schema", "namespace", "name")),
    Route(
        "POST /table/schema/anonymous/migrate",
        "1.9",
        needs=("namespace", "name", "role", "party_id", "migrate_mapping"),
    ),
    Route("POST /table/tracking/source", "1.7", needs=_TABLE),
    Route("POST /table/tracking/job", "1.7", needs=_TABLE),
    Route("POST /template/download", "1.7.1"),
    Route("POST /worker/config/load", "1.11.1"),
)


def find_route(method: str, rule: str) -> Route:
    """Return what is known of a route.

    Args:
        method: ``POST`` or ``GET``.
        rule: the path below ``/v1``, parameters in angle brackets.
    """
    path = f"{method} {rule}"
    return _routes().get(_shape(path)) or Route(path)


def rule_on(
    line: ServerLine, method: str, rule: str, flow_version: str | None = None
) -> str | None:
    """Return the path of a route on a line, None when the line, or the version of FATE Flow, does not have it.

    Lines move routes (`ServerLine.moved`); a route that was moved is not where it had been.
    """
    if not find_route(method, rule).there(line, flow_version):
        return None
    for known in LINES:
        if known <= line:
            rule = known.moved.get(f"{method} {rule}", rule)
    return rule


def _shape(path: str) -> str:
    return _PARAMETER.sub("<>", path)


@cache
def _routes() -> dict[str, Route]:
    return {_shape(route.path): route for route in ROUTES}
