"""What there is to know about a component kind."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from importlib import import_module
from importlib.util import find_spec
from typing import Any, Literal

from flowkit_mockserver.dialects.behaviour import Behaviour
from flowkit_mockserver.kinds.relabelling import Relabelling
from flowkit_mockserver.kinds.rules import Rules

__all__ = [
    "ANY_ROLE",
    "Buffers",
    "Exactness",
    "Kind",
    "LaterAccuracy",
    "LaterResults",
    "TaskLogs",
    "code_in",
]

#: Stands for all roles in `Kind.buffers`.
ANY_ROLE = "*"


class Exactness(StrEnum):
    """How what a kind computes here compares to what FATE 1.6.1 computes from the same tables and parameters."""

    EXACT = "exact"
    APPROXIMATE = "approximate"
    STAND_IN = "stand-in"


@dataclass(frozen=True, slots=True)
class Buffers:
    """The two protobuf buffers in which a party saves a model.

    Attributes:
        meta: name of the meta buffer, ``HeteroLogisticRegressionMeta``.
        meta_message: its message, ``LRModelMeta``.
        param: name of the parameter buffer.
        param_message: its message.
    """

    meta: str
    meta_message: str
    param: str
    param_message: str

    @classmethod
    def named(cls, name: str, message: str | None = None, *, later: bool = False) -> Buffers:
        """Return buffers by FATE's rule: `name` and `message` (`name` itself if None), with Meta and Param behind.

        Args:
            name: of the buffers.
            message: of the messages.
            later: whether the messages are those of the later lines, where earlier ones have others of that name.
        """
        message, at = message or name, "@later" if later else ""
        return cls(f"{name}Meta", f"{message}Meta{at}", f"{name}Param", f"{message}Param{at}")


@dataclass(frozen=True, slots=True)
class TaskLogs:
    """What the log directory of a task shows of its kind.

    Attributes:
        storage: whether the log of the database is there even if no table went in.
        profiling: when the profile of the calls is there; ``fed`` means that a table went in.
        warns: whether the kind warns about its input.
        later_profiling: whether the profile is there in the later lines.
        later_warns: role → how many warnings it writes in the later lines.
        warns_since: the field of `Behaviour` with which that began; None for all of them.
        told: given the parameters and the role, returns what the kind itself writes at level INFO: the file
            of its code and the text.
    """

    storage: bool = False
    profiling: Literal["always", "fed", "never"] = "always"
    warns: bool = False
    later_profiling: bool = True
    later_warns: Mapping[str, int] = field(default_factory=dict)
    warns_since: str | None = None
    told: Callable[[Mapping[str, Any], str], Iterable[tuple[str, str]]] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LaterResults:
    """What the results of a kind show in the later lines besides.

    Attributes:
        model: given the parameter buffer, role and party, returns further fields of it.
        metrics: given a metric's name and the parameters, returns further fields of its meta.
        summary: given the summary and the parameters, returns further fields of it.
        meta: further fields of the meta buffer.
        retired: what a task of the kind fails with on a line that has retired it; None if none has.
        names_keys: whether its tables are shown with their keys called as the tables call them.
        parameters: given the parameters of a component, changes them to what they are kept as.
        buffers: role (or `ANY_ROLE`) → the buffers in which it saves its model, if others than in the first lines.
    """

    model: Callable[[Mapping[str, Any], str, str], Mapping[str, Any]] | None = None
    metrics: Callable[[str, Mapping[str, Any]], Mapping[str, Any]] | None = None
    summary: Callable[[Mapping[str, Any], Mapping[str, Any]], Mapping[str, Any]] | None = None
    meta: Mapping[str, Any] = field(default_factory=dict)
    retired: str | None = None
    names_keys: bool = False
    parameters: Callable[[dict[str, Any]], None] | None = None
    buffers: Mapping[str, Buffers] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class LaterAccuracy:
    """How the results of a kind compare to FATE's from a line on, where that is otherwise than before.

    Attributes:
        since: the field of `Behaviour` with which it began.
        exactness: how they compare.
        accuracy: the same in a sentence, for users.
        library: the module that they are computed with, if the kind does otherwise without it.
        without: what is otherwise when `library` is not installed, in a sentence for users.
    """

    since: str
    exactness: Exactness
    accuracy: str
    library: str | None = None
    without: str | None = None

    @property
    def difference(self) -> str | None:
        """How results differ from FATE's; None when they do not."""
        if self.library is not None and find_spec(self.library) is None:
            return f"{Exactness.APPROXIMATE.value}: {self.without}"
        if self.exactness is Exactness.EXACT:
            return None
        return f"{self.exactness.value}: {self.accuracy}"


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A component kind: an algorithm that a component of a DSL can name as its module.

    Attributes:
        name: as the DSL spells it, ``HeteroLR``.
        algorithm: the function that runs it, ``package.module:function``; it takes a `ComponentRun` and returns a
            `PartyResult` for each party. It is imported when the first component of the kind runs.
        exactness: how its results compare to FATE's.
        accuracy: the same in a sentence, for users.
        param_class: name of the class that describes its parameters, ``HeteroLogisticParam``.
        defaults: every parameter with its default, nested classes as nested maps.
        whole_maps: parameters whose default is a map that is replaced as a whole; any other map is a nested class.
        rules: what the parameter class checks for itself, in the server's order and words.
        code_path: role → path of the class that the role runs on the real server; a role that is absent skips it.
        need_deploy: whether DSL v1 deploys it unless told otherwise.
        buffers: role (or `ANY_ROLE`) → the buffers in which it saves its model; empty if it learns nothing.
        relabel: rewrites the party ids in the parameter buffer of a model that migrates; None if it holds none.
        alone: whether its parties do not talk to each other, so that one may fail while the others succeed.
        reads_table: whether it stands for a table that the conf names, as a Reader does.
        key_check: place among the kinds for which a submit checks that whoever is guest and arbiter is the only host,
            since its arbiter holds the private key; None if it is not checked.
        time_share: how long a task of it takes, measured by the pace of the server.
        logs: what its logs show.
        extra: the extra of fate-flowkit that brings the library it computes with, beside those of ``mock``.
        library: the module of that library, if the kind does without it as `stand_in` says; it fails without it else.
        stand_in: what is computed when `library` is not installed, in a sentence for users.
        later: what its results show in the later lines besides.
        later_accuracy: how its results compare to FATE's from a line on, if otherwise than `accuracy` says.
        later_only: whether the first lines do not have it.
        later_rules: what the parameter class checks from a line on in place of `rules`, behind the field of `Behaviour`
            with which that began; None if it checks the same.
        later_name: another name that it has in the later lines, spelled in the same letters; None if there is none.
        never_rests: whether its algorithm runs where the parameter says ``need_run: false`` as well.
        rests_with: the function that makes the model of a party whose parameter says ``need_run: false``, written as
            `algorithm` is; it takes a `ComponentRun` and the party. None if such a party saves none.
        in_server: whether its algorithm reads or writes tables, files or models of the server, by the callables of its
            `ComponentRun`; it then runs in the server's own process, and any other may run elsewhere.
    """

    name: str
    algorithm: str
    exactness: Exactness
    accuracy: str
    param_class: str
    defaults: Mapping[str, Any]
    code_path: Mapping[str, str]
    rules: Rules = ()
    whole_maps: frozenset[str] = frozenset()
    need_deploy: bool = True
    buffers: Mapping[str, Buffers] = field(default_factory=dict)
    relabel: Callable[[dict[str, Any], Relabelling], None] | None = None
    alone: bool = False
    reads_table: bool = False
    key_check: int | None = None
    time_share: float = 1.0
    logs: TaskLogs = TaskLogs()
    extra: str | None = None
    library: str | None = None
    stand_in: str | None = None
    later: LaterResults = LaterResults()
    later_accuracy: LaterAccuracy | None = None
    later_only: bool = False
    later_rules: tuple[str, Rules] | None = None
    later_name: str | None = None
    never_rests: bool = False
    rests_with: str | None = None
    in_server: bool = False

    @property
    def roles(self) -> tuple[str, ...]:
        """The roles that run the kind."""
        return tuple(self.code_path)

    def rules_on(self, behaviour: Behaviour) -> Rules:
        """Return what the parameter class of a line checks."""
        if self.later_rules is None or not getattr(behaviour, self.later_rules[0]):
            return self.rules
        return self.later_rules[1]

    @property
    def difference(self) -> str | None:
        """How its results differ from those of the first lines, in words for a user; None when they do not."""
        if self.library is not None and find_spec(self.library) is None:
            return f"{Exactness.STAND_IN.value}: {self.stand_in}" if self.stand_in else None
        if self.exactness is Exactness.EXACT:
            return None
        return f"{self.exactness.value}: {self.accuracy}"

    def difference_on(self, behaviour: Behaviour) -> str | None:
        """Return how its results differ from those of a line, in words for a user; None when they do not."""
        later = self.later_accuracy
        if later is None or not getattr(behaviour, later.since):
            return self.difference
        return later.difference

    def buffers_of(self, role: str, *, later: bool = False) -> Buffers:
        """Return the buffers in which a role saves its model, in the first lines or in the `later` ones.

        Raises:
            LookupError: the kind saves none there.
        """
        buffers = (later and self.later.buffers) or self.buffers
        found = buffers.get(role) or buffers.get(ANY_ROLE)
        if found is None:
            raise LookupError(f"{self.name} saves no model on a {role}")
        return found

    def load(self) -> Callable[[Any], Any]:
        """Import and return the function that runs the kind.

        Raises:
            ImportError: there is no such module or function.
        """
        loaded: Callable[[Any], Any] = self._imported(self.algorithm)
        return loaded

    def load_resting(self) -> Callable[[Any, Any], Any] | None:
        """Import and return the function that makes the model of a party that rests, None if such a party saves none.

        Raises:
            ImportError: there is no such module or function.
        """
        if self.rests_with is None:
            return None
        loaded: Callable[[Any, Any], Any] = self._imported(self.rests_with)
        return loaded

    def _imported(self, path: str) -> Any:
        module, _, function = path.partition(":")
        try:
            return getattr(import_module(module), function)
        except AttributeError as error:
            raise ImportError(f"{self.name} has no algorithm {path}") from error


def code_in(folder: str, **by_role: str) -> Mapping[str, str]:
    """Return a `Kind.code_path` from the folder of the code and, by role, file and class in it."""
    return {role: f"{folder}/{code}" for role, code in by_role.items()}
