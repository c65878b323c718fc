"""The choices in which lines of servers differ."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Literal

from flowkit.servers import ServerLine
from flowkit_mockserver.dialects.behaviour import FIRST_BEHAVIOUR, Behaviour

__all__ = ["ChangedKind", "Dialect", "OlderKind"]

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True, slots=True)
class ChangedKind:
    """A component kind as a line knows it.

    Attributes:
        param_class: name of the class that describes its parameters.
        roles: role → name of the class that the role runs; a role that is absent skips the kind.
        defaults: every parameter with its default.
        maps: parameters whose default is a map that is replaced as a whole; of a nested one the path,
            ``trainer.param``.
        deprecated: parameters that are noted when somebody gives them.
    """

    param_class: str
    roles: Mapping[str, str]
    defaults: Mapping[str, Any]
    maps: frozenset[str]
    deprecated: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class OlderKind:
    """What a line before 1.6 knows of a component kind otherwise than 1.6.

    Attributes:
        param_class: name of the class that describes its parameters; None if it is the same.
        without: the parameters that it does not have, nested ones as paths (``cv_param.role``).
        defaults: parameters with another default, or that 1.6 does not have, by path.
    """

    param_class: str | None
    without: frozenset[str]
    defaults: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """How one version of a server speaks. The defaults are those of the oldest line.

    Attributes:
        line: the line of the server.
        fate_version: the version of FATE that it says it is.
        flow_version: its version of FATE Flow.
        data_privileges: users can be granted data, and who grants without naming a party or role means all (``*``).
        own_project: FATE Flow is a project of its own, with the endpoints that came with that: providers, worker
            processes, checkpoints, servers; a DSL v1 is refused, the work mode and the backend draw a warning.
        any_content_type: a body is read as JSON whatever its content type, and what is no JSON counts as null.
        reads_bodies_first: a body that should be JSON and is not is HTTP 400, be the path known or not.
        exceptions_as_repr: an exception shows as ``repr(exception)`` instead of ``str(exception)``.
        json_errors: what no route or method answers is HTTP 200 with retcode 100, not an HTML page.
        dates: ``"rfc"`` (``Tue, 01 Jun 2021 10:03:20 GMT``) or ``"iso"`` (``2021-06-01 10:03:20``).
        partial_filters: job ids and parties in the filter of a list match parts, and there is one of partners.
        table_facts: what the description of a table tells besides.
        levels_in_reports: a report says in which order components can run, and is in that order.
        paged_lists: lists of jobs and tasks come in pages, with a count, filters and columns without ``f_``.
        absent_job_columns, absent_task_columns, absent_model_columns: the columns that the rows do not have.
        absent_run_parameters: the parameters of a job that it does not know.
        folder: what stands between the server's directory and its own folders in paths.
        versions: versions of what belongs to a release.
        kinds: the component kinds as the line knows them; a kind that is absent does not exist. None: as they are.
        older_kinds: the component kinds that the line, before 1.6, knows otherwise; None for one that it does not have.
        reworked: the views as they were reworked for 1.9, when instances of FATE Flow came to know each other, and a
            request can name the one that it is about.
        parameters_by_party: the parameters of a job name its parties and what is given to single ones.
        deletes_all_metrics: the metrics of a whole job are deleted, whatever party or component a request names.
        guards_meta: the meta of a table is changed only where there is one, and the table then shows its columns as
            they were uploaded; a bound table whose rows are numbered keeps it.
        details_as_repr: what each party says of a deployment that failed is ``repr(exception)``.
        checks_partitions: a table of the server's own engine is bound only with a number of partitions.
        keeps_parents: a model is the parent of others whatever it predicts with.
        tells_versions: what parties ask of each other says of which version they are.
        quoted_details: the details of a prediction are a text that stands in quotes, not a map.
        retires: tasks of kinds that the line has retired fail.
        older_grpc: a call that reached nobody is an error as gRPC before 1.25 names and describes it.
        deploys_chosen: a deployment keeps the models of the components that will predict, of none where an empty list
            is given, and takes a list or a DSL, not both.
        converts_models: homogeneous components of a model can be converted; FATE Flow 1.9 fails on every model.
        site_digest: the digest that servers sign.
        behaviour: what its components compute otherwise than those of the oldest line.
    """

    line: ServerLine
    fate_version: str
    flow_version: str
    data_privileges: bool = False
    own_project: bool = False
    any_content_type: bool = False
    reads_bodies_first: bool = False
    exceptions_as_repr: bool = False
    json_errors: bool = False
    dates: Literal["rfc", "iso"] = "rfc"
    partial_filters: bool = False
    table_facts: tuple[str, ...] = ()
    levels_in_reports: bool = False
    paged_lists: bool = False
    absent_job_columns: tuple[str, ...] = ()
    absent_task_columns: tuple[str, ...] = ()
    absent_model_columns: tuple[str, ...] = ()
    absent_run_parameters: tuple[str, ...] = ("pulsar_run",)
    folder: str = ""
    versions: Mapping[str, str] = field(default_factory=dict)
    kinds: Mapping[str, ChangedKind] | None = None
    older_kinds: Mapping[str, OlderKind | None] = field(default_factory=dict)
    reworked: bool = False
    parameters_by_party: bool = False
    deletes_all_metrics: bool = False
    guards_meta: bool = False
    checks_partitions: bool = False
    details_as_repr: bool = False
    keeps_parents: bool = False
    tells_versions: bool = False
    quoted_details: bool = False
    retires: bool = False
    deploys_chosen: bool = False
    converts_models: bool = True
    older_grpc: bool = True
    site_digest: Literal["md5", "sha256"] = "md5"
    behaviour: Behaviour = FIRST_BEHAVIOUR

    def format_date(self, moment: int | None) -> str | None:
        """Return a date for milliseconds since the epoch, None for None.

        It is the local time of the server; the older form labels it GMT all the same, as the real server does.
        """
        return None if moment is None else _date(moment // 1000, self.dates)


@lru_cache(maxsize=4096)
def _date(second: int, form: str) -> str:
    t = time.localtime(second)
    clock = f"{t.tm_hour:02}:{t.tm_min:02}:{t.tm_sec:02}"
    if form == "iso":
        return f"{t.tm_year:04}-{t.tm_mon:02}-{t.tm_mday:02} {clock}"
    return f"{_DAYS[t.tm_wday]}, {t.tm_mday:02} {_MONTHS[t.tm_mon - 1]} {t.tm_year:04} {clock} GMT"
