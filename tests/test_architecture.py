"""The house rules: who may import whom, where things are, how long a module may be.

Every import counts: those for annotations only, and those inside functions.
"""

from __future__ import annotations

import ast
import re
import sys
import threading
from collections import Counter
from graphlib import TopologicalSorter
from pathlib import Path
from types import FrameType
from typing import Any

from flowkit import OPERATIONS
from flowkit.demo import steps
from flowkit.servers import LINES
from flowkit_mockserver import MockServer
from flowkit_mockserver.kinds.lookup import all_kinds
from import_graph import ROOT, folder_of, graph, mirror_of, modules

#: From the bottom to the top: a module imports from its own line and those before it. The longest name that
#: a module begins with says which line is its own.
LAYERS = (
    (
        "flowkit.call.secrets",
        "flowkit.forks",
        "flowkit.reasons",
        "flowkit.rows",
        "flowkit.servers",
        "flowkit.shapes",
    ),
    ("flowkit.clock", "flowkit.call.envelope", "flowkit.changes"),
    ("flowkit.errors",),
    ("flowkit.results",),
    ("flowkit.frames",),
    ("flowkit.display",),
    ("flowkit.reply",),
    ("flowkit.call",),
    ("flowkit.foreign", "flowkit.operations", "flowkit.inputs"),
    ("flowkit.decoding",),
    ("flowkit.files", "flowkit.routing"),
    ("flowkit.jobs",),
    ("flowkit.groups",),
    ("flowkit.hooks",),
    ("flowkit.config",),
    ("flowkit.settings",),
    ("flowkit.client",),
    ("flowkit",),
    (
        "flowkit.compat",
        "flowkit.demo",
        "flowkit.doctor",
        "flowkit.plot",
        "flowkit.report",
        "flowkit.testing",
    ),
    ("flowkit.cli", "flow_sdk"),
    # Plugins know the client; those of one file may share one more.
    ("flowkit_auth_secret", "flowkit_cache_store", "flowkit_fault_files", "flowkit_fault_seconds"),
    ("flowkit_fault_rules",),
    ("flowkit_auth_bearer", "flowkit_cache_memory", "flowkit_cache_sqlite"),
    (
        "flowkit_auth",
        "flowkit_cache",
        "flowkit_faults",
        "flowkit_inprocess",
        "flowkit_logging",
        "flowkit_progress",
        "flowkit_telemetry",
    ),
    ("flowkit_replay.arguments", "flowkit_replay.cassette", "flowkit_replay.expiry"),
    ("flowkit_replay.clock", "flowkit_replay.filters", "flowkit_replay.secrets"),
    ("flowkit_replay.matching", "flowkit_replay.recorder"),
    ("flowkit_replay.drift",),
    ("flowkit_replay.replay", "flowkit_replay.verify"),
    ("flowkit_replay", "flowkit_replay.environment"),
    ("flowkit_replay.cli",),
    # The mock: what is true of any server, the language of jobs, the algorithms, the services, the wire.
    (
        "flowkit_mockserver.errors",
        "flowkit_mockserver.party",
        "flowkit_mockserver.clock",
        "flowkit_mockserver.columns",
        "flowkit_mockserver.proto",
    ),
    ("flowkit_mockserver.dialects.tables",),
    ("flowkit_mockserver.dialects",),
    ("flowkit_mockserver.settings",),
    ("flowkit_mockserver.http", "flowkit_mockserver.store"),
    ("flowkit_mockserver.store.shared",),
    ("flowkit_mockserver.kinds",),
    ("flowkit_mockserver.kinds.util",),
    ("flowkit_mockserver.kinds.statistic",),
    ("flowkit_mockserver.kinds.feature",),
    ("flowkit_mockserver.kinds.model_selection",),
    ("flowkit_mockserver.kinds.evaluation",),
    ("flowkit_mockserver.kinds.linear_model",),
    ("flowkit_mockserver.kinds.ensemble",),
    ("flowkit_mockserver.kinds.nn",),
    ("flowkit_mockserver.kinds.unsupervised",),
    ("flowkit_mockserver.kinds.other",),
    ("flowkit_mockserver.kinds.flow",),
    ("flowkit_mockserver.kinds.older_rules",),
    ("flowkit_mockserver.kinds.older",),
    ("flowkit_mockserver.dsl",),
    ("flowkit_mockserver.components",),
    ("flowkit_mockserver.components.core",),
    ("flowkit_mockserver.components.statistic",),
    ("flowkit_mockserver.components.evaluation",),
    ("flowkit_mockserver.components.feature.binning",),
    ("flowkit_mockserver.components.optim",),
    ("flowkit_mockserver.components.feature.selection",),
    ("flowkit_mockserver.components.feature",),
    ("flowkit_mockserver.components.util",),
    ("flowkit_mockserver.components.model_selection",),
    ("flowkit_mockserver.components.nn",),
    ("flowkit_mockserver.components.linear_model",),
    ("flowkit_mockserver.components.ensemble",),
    ("flowkit_mockserver.components.unsupervised",),
    ("flowkit_mockserver.components.other",),
    ("flowkit_mockserver.components.flow",),
    ("flowkit_mockserver.data", "flowkit_mockserver.models", "flowkit_mockserver.faults"),
    ("flowkit_mockserver.computing",),
    ("flowkit_mockserver.jobs", "flowkit_mockserver.control.journal.entries"),
    ("flowkit_mockserver.control.journal.search",),
    ("flowkit_mockserver.control.journal.journal",),
    ("flowkit_mockserver.control.journal.shared",),
    ("flowkit_mockserver.parties.services",),
    ("flowkit_mockserver.progress",),
    ("flowkit_mockserver.sharing",),
    ("flowkit_mockserver.state",),
    ("flowkit_mockserver.parties",),
    ("flowkit_mockserver.wire",),
    ("flowkit_mockserver.wire.later", "flowkit_mockserver.wire.service"),
    ("flowkit_mockserver.control",),
    ("flowkit_mockserver.polling", "flowkit_mockserver.board"),
    ("flowkit_mockserver.app",),
    ("flowkit_mockserver.seeding",),
    ("flowkit_mockserver.serving",),
    ("flowkit_mockserver.options", "flowkit_mockserver.remote"),
    (
        "flowkit_mockserver.server",
        "flowkit_mockserver.command",
        "flowkit_mockserver.board.command",
    ),
    ("flowkit_mockserver", "flowkit_mockserver.__main__"),
)
LEVELS = {name: level for level, names in enumerate(LAYERS) for name in names}
#: Packages whose own module (``__init__``) stands elsewhere in the order than what lies in them.
ROOTS = {"flowkit", "flowkit_replay", "flowkit_mockserver"}
#: The only parts of the mock that may know the whole of its state.
KNOW_THE_STATE = (
    "app", "server", "command", "control", "parties", "polling", "seeding", "serving", "wire",
)  # fmt: skip
#: FATE's own words that are names of kinds as well, and the modules in which they stand.
NOT_A_KIND = {
    ("flowkit_mockserver.components.evaluation.report", "PSI"): "the type of a metric",
    ("flowkit_mockserver.board.figures.metrics", "PSI"): "the type of a metric",
    (
        "flowkit_mockserver.components.feature.selection.isometric",
        "HeteroPearson",
    ): "what a buffer calls itself",
}
#: Modules and folders that are tested with others: where. Each operation has the same tests, each kind file is
#: data of the same form, and algorithms are tested by what their kinds compute.
TESTED_ELSEWHERE = {
    "flowkit.cli.options": "flowkit/cli/test_operation.py",
    "flowkit.cli.official.amendment": "flowkit/cli/official/test_acceptance.py",
    "flowkit.cli.official.amendments": "flowkit/cli/official/test_acceptance.py",
    "flowkit.cli.official.functions": "flowkit/cli/official/test_acceptance.py",
    "flowkit.cli.official.spellings": "flowkit/cli/official/test_acceptance.py",
    "flowkit.cli.jobs.following": "flowkit/cli/jobs/test_wait.py",
    "flowkit.cli.jobs.minimum_jobs": "flowkit/cli/jobs/test_minimum.py",
    "flowkit.compat.groups": "flow_sdk/test_signatures.py",
    "flowkit.call.envelope": "flowkit/test_reply.py",
    "flowkit.groups.checkpoint": "flowkit/test_operations.py",
    "flowkit.frames.output": "flowkit/frames/test_tables.py",
    "flowkit.plot.drawing": "flowkit/plot/test_plots.py",
    "flowkit.plot.sources": "flowkit/plot/test_plots.py",
    "flowkit.report.collection": "flowkit/report/test_page.py",
    "flowkit.report.sections": "flowkit/report/test_page.py",
    "flowkit.shapes": "typing/test_typing.py",
    "flowkit.groups.privilege": "flowkit/test_operations.py",
    "flowkit.groups.queue": "flowkit/test_operations.py",
    "flowkit.groups.tag": "flowkit/test_operations.py",
    "flowkit.groups.task": "flowkit/test_operations.py",
    "flowkit.groups.site": "flowkit/test_operations.py",
    "flowkit.groups.table": "flowkit/test_operations.py",
    "flowkit.groups.component": "flowkit/test_operations.py",
    "flowkit.groups.job.download": "flowkit/test_operations.py",
    "flowkit.groups.job.query": "flowkit/test_operations.py",
    "flowkit.groups.model.query": "flowkit/test_operations.py",
    "flowkit.groups.model.transfer": "flowkit/test_operations.py",
    "flowkit.cli.tabulation": "flowkit/cli/test_output.py",
    "flowkit.testing.call_log": "flowkit/testing/test_pytest_plugin.py",
    "flowkit.testing.cassette_files": "flowkit/testing/test_pytest_plugin.py",
    "flowkit.testing.marker": "flowkit/testing/test_pytest_plugin.py",
    "flowkit.testing.shared_server": "flowkit/testing/test_sharing.py",
    "flowkit.testing.network": "flowkit/testing/test_pytest_plugin.py",
    "flowkit_mockserver.control.journal.assertions": "mockserver/control/journal/test_journal.py",
    "flowkit_mockserver.control.journal.entries": "mockserver/control/journal/test_journal.py",
    "flowkit_mockserver.control.journal.search": "mockserver/control/journal/test_journal.py",
    "flowkit_mockserver.control.answering": "mockserver/control/test_views.py",
    "flowkit_mockserver.computing.caches": "mockserver/wire/later/test_caches.py",
    "flowkit_mockserver.computing.inputs": "mockserver/jobs/test_executor.py",
    "flowkit_mockserver.computing.outputs": "mockserver/jobs/test_executor.py",
    "flowkit_mockserver.http.rule_answers": "mockserver/test_faults.py",
    "flowkit_fault_seconds": "plugins/test_flowkit_faults.py",
    "flowkit_fault_files": "plugins/test_flowkit_faults.py",
    "flowkit_fault_rules": "plugins/test_flowkit_faults.py",
    "flowkit_auth_bearer": "plugins/test_flowkit_auth.py",
    "flowkit_auth_secret": "plugins/test_flowkit_auth.py",
    "flowkit_cache_memory": "plugins/test_flowkit_cache.py",
    "flowkit_cache_sqlite": "plugins/test_flowkit_cache.py",
    "flowkit_mockserver.columns": "mockserver/columns/test_records.py",
    "flowkit_mockserver.parties": "mockserver/parties/test_view.py",
    "flowkit_mockserver.jobs.parties": "mockserver/parties/test_view.py",
    "flowkit_mockserver.store.parts": "mockserver/parties/test_view.py",
    "flowkit_mockserver.serving.served": "mockserver/parties/test_view.py",
    "flowkit_mockserver.seeding.cassettes": "mockserver/seeding/test_seeds.py",
    "flowkit_mockserver.seeding.documents": "mockserver/seeding/test_seeds.py",
    "flowkit_mockserver.control.controls": "mockserver/control/controls/test_controls.py",
    "flowkit_mockserver.control.worlds.namespace": "mockserver/control/worlds/test_namespaces.py",
    "flowkit_mockserver.dsl.later_submission": "mockserver/wire/later/test_lines_run.py",
    "flowkit_mockserver.jobs.providers": "mockserver/wire/later/test_recorded_later.py",
    "flowkit_mockserver.jobs.scheduling.steps": "mockserver/jobs/scheduling/test_scheduler.py",
    "flowkit_mockserver.jobs.scheduling.stages": "mockserver/test_stages.py",
    "flowkit_mockserver.jobs.workers": "mockserver/jobs/test_rows.py",
    "flowkit_mockserver.models.files.checkpoints": "mockserver/wire/later/test_recorded_later.py",
    "flowkit_mockserver.models.files.later_archive": "mockserver/wire/later/test_models_of_1_11.py",
    "flowkit_mockserver.models.files.members": "mockserver/models/files/test_archive.py",
    "flowkit_mockserver.models.later_permissions": "mockserver/wire/later/test_lines_run.py",
    "flowkit_mockserver.wire.later": "mockserver/wire/later/test_recorded_later.py",
    "flowkit_mockserver.wire.service.metrics": "mockserver/wire/service/test_probes.py",
    "flowkit_mockserver.store.shared.engine": "mockserver/store/shared/test_database.py",
    "flowkit_mockserver.store.errors": "mockserver/store/test_database.py",
    "flowkit_mockserver.store.interface": "mockserver/store/test_database.py",
    "flowkit_mockserver.store.schema": "mockserver/store/test_migrations.py",
    "flowkit_mockserver.store.sorting": "mockserver/store/test_rows.py",
    "flowkit_mockserver.components.flow.cache_loader": "mockserver/wire/later/test_caches.py",
    "flowkit_mockserver.components.ensemble": "mockserver/components/ensemble/test_hetero_secureboost.py",
    "flowkit_mockserver.components.evaluation": "mockserver/components/evaluation/test_evaluation.py",
    "flowkit_mockserver.components.feature": "mockserver/components/test_features.py",
    "flowkit_mockserver.components.feature.binning": "mockserver/components/feature/binning/test_bins.py",
    "flowkit_mockserver.components.feature.selection": (
        "mockserver/components/feature/selection/test_hetero_feature_selection.py"
    ),
    "flowkit_mockserver.components.ensemble.homo": "mockserver/components/ensemble/test_homo_secureboost.py",
    "flowkit_mockserver.components.linear_model": "mockserver/components/test_linear.py",
    "flowkit_mockserver.components.linear_model.averaged": (
        "mockserver/components/linear_model/averaged/test_epochs.py"
    ),
    "flowkit_mockserver.components.model_selection": "mockserver/components/test_splitting.py",
    "flowkit_mockserver.components.nn": "mockserver/components/nn/test_hetero_nn.py",
    "flowkit_mockserver.components.nn.pytorch": "mockserver/components/nn/test_own_networks.py",
    "flowkit_mockserver.components.other": "mockserver/components/test_further_kinds.py",
    "flowkit_mockserver.components.statistic": "mockserver/components/test_further_kinds.py",
    "flowkit_mockserver.components.unsupervised": "mockserver/components/test_further_kinds.py",
    "flowkit_mockserver.components.util": "mockserver/components/util/test_data_io.py",
    "flowkit_mockserver.kinds.older_rules": "mockserver/kinds/test_older.py",
    "flowkit_mockserver.kinds.util": "mockserver/kinds/test_kinds.py",
    "flowkit_mockserver.kinds.statistic": "mockserver/kinds/test_kinds.py",
    "flowkit_mockserver.kinds.feature": "mockserver/kinds/test_kinds.py",
    "flowkit_mockserver.kinds.model_selection": "mockserver/kinds/test_kinds.py",
    "flowkit_mockserver.kinds.evaluation": "mockserver/kinds/test_kinds.py",
    "flowkit_mockserver.kinds.linear_model": "mockserver/kinds/test_kinds.py",
    "flowkit_mockserver.kinds.ensemble": "mockserver/kinds/test_kinds.py",
    "flowkit_mockserver.kinds.nn": "mockserver/kinds/test_kinds.py",
    "flowkit_mockserver.kinds.unsupervised": "mockserver/kinds/test_kinds.py",
    "flowkit_mockserver.kinds.other": "mockserver/kinds/test_kinds.py",
    "flowkit_mockserver.kinds.flow": "mockserver/kinds/test_kinds.py",
}
MOST_MODULES = 15
MOST_LINES = 400
MOST_FILES_OF_A_SUBMIT = 47
MOCK = "flowkit_mockserver."
ENDPOINT = re.compile(r"``(GET|POST) (?:/v1/)?([a-z_/]+)``")


def place(module: str) -> str:
    """Return the entry of `LAYERS` that a module falls under."""
    parts = module.split(".")
    for end in range(len(parts), 0, -1):
        name = ".".join(parts[:end])
        if name in LEVELS and (name not in ROOTS or name == module):
            return name
    raise AssertionError(f"{module} has no place in LAYERS")


def test_no_module_imports_itself_by_way_of_others() -> None:
    assert len(list(TopologicalSorter(graph()).static_order())) == len(modules())


def test_imports_point_downward() -> None:
    offenders = [
        f"{module} imports {other}"
        for module, others in graph().items()
        for other in sorted(others)
        if place(other) != place(module) and LEVELS[place(other)] >= LEVELS[place(module)]
    ]
    assert not offenders


def test_no_folder_has_more_modules_than_one_can_look_through() -> None:
    counts = Counter(
        folder_of(module) for module, path in modules().items() if path.name != "__init__.py"
    )
    counts.pop("", None)  # the bundled plugins of one file each
    assert not {folder: count for folder, count in counts.items() if count > MOST_MODULES}


def test_no_module_is_longer_than_anybody_wants_to_read() -> None:
    lengths = {module: path.read_bytes().count(b"\n") for module, path in modules().items()}
    assert not {module: lines for module, lines in lengths.items() if lines > MOST_LINES}


def test_only_the_top_of_the_mock_knows_its_state() -> None:
    knowing = {name for name, others in graph().items() if f"{MOCK}state" in others}
    allowed = {f"{MOCK}{part}" for part in KNOW_THE_STATE} | {"flowkit_mockserver"}
    assert {name for name in knowing if ".".join(name.split(".")[:2]) not in allowed} == set()


def package_of(module: str) -> str:
    return module.partition(".")[0]


def test_the_client_knows_neither_plugins_nor_the_mock_server() -> None:
    for module, others in graph().items():
        if package_of(module) in {"flowkit", "flow_sdk"}:
            assert {package_of(other) for other in others} <= {"flowkit", "flow_sdk"}, module


def test_no_plugin_knows_the_mock_server() -> None:
    for module, others in graph().items():
        if package_of(module) != "flowkit_mockserver":
            assert "flowkit_mockserver" not in {package_of(other) for other in others}, module


def test_the_mock_server_needs_no_plugin_but_what_connects_it_and_the_rules_of_faults() -> None:
    allowed = {
        "flowkit",
        "flowkit_mockserver",
        "flowkit_inprocess",
        "flowkit_fault_files",
        "flowkit_fault_rules",
        "flowkit_fault_seconds",
    }
    for module, others in graph().items():
        if package_of(module) == "flowkit_mockserver":
            assert {package_of(other) for other in others} <= allowed, module


def foreign_imports(path: Path) -> set[str]:
    """Return the top-level names of what a module imports from outside the project."""
    found = set()
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            found.update(package_of(alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            found.add(package_of(str(node.module)))
    return found - {package_of(module) for module in modules()} - sys.stdlib_module_names


def test_the_client_needs_only_what_it_declares() -> None:
    """Everything else is an extra: imported late, and in the rooms that are for it only."""
    extras = {
        "flowkit.cli": {"click", "rich", "tomlkit", "yaml"},
        "flowkit.testing": {"filelock", "pytest"},
        "flowkit.frames": {"pandas", "polars"},
        "flowkit.plot": {"matplotlib"},
    }
    for module, path in modules().items():
        if package_of(module) == "flowkit":
            allowed = {"pluggy", "urllib3"} | extras.get(".".join(module.split(".")[:2]), set())
            assert foreign_imports(path) <= allowed, module


def test_the_mock_names_a_server_line_in_its_dialects_only() -> None:
    """A line is added in `flowkit.servers`; what it changes on a server stands in the mock's dialects."""
    names = {line.name for line in LINES}
    offenders = []
    for module, path in modules().items():
        if not module.startswith(MOCK) or module.startswith(f"{MOCK}dialects."):
            continue
        for node in ast.walk(ast.parse(path.read_bytes())):
            if isinstance(node, ast.Constant) and node.value in names:
                offenders.append(f"{module}:{node.lineno} names {node.value}")
    assert not offenders


def kind_homes() -> dict[str, str]:
    """Return, for every kind, the folder that its algorithm lies in."""
    return {
        kind.name: folder_of(kind.algorithm.partition(":")[0])
        for kind in all_kinds()
        if kind.algorithm
    }


def test_a_kind_is_named_in_its_file_and_by_its_algorithm_only() -> None:
    homes = kind_homes()
    offenders = []
    for module, path in modules().items():
        if not module.startswith(MOCK) or module.startswith(f"{MOCK}kinds."):
            continue
        for node in ast.walk(ast.parse(path.read_bytes())):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                home = homes.get(node.value)
                if home and not module.startswith(home) and (module, node.value) not in NOT_A_KIND:
                    offenders.append(f"{module}:{node.lineno} names {node.value}")
    assert not offenders


def test_docstrings_name_endpoints_that_operations_have() -> None:
    known = {
        way for operation in OPERATIONS for way in (route[1:] for route in operation.every_route)
    }
    found = 0
    for module, path in modules().items():
        if not module.startswith(("flowkit.groups", "flow_sdk")):
            continue
        for method, endpoint in ENDPOINT.findall(path.read_text("utf-8")):
            found += 1
            assert (method, endpoint) in known, f"{module}: {method} {endpoint}"
    assert found > len(OPERATIONS) / 2


def test_every_module_has_its_test_file_or_a_reason() -> None:
    missing = {
        module
        for module, path in modules().items()
        if path.name not in {"__init__.py", "__main__.py"} and not mirror_of(module).is_file()
    }
    unexplained = {
        module
        for module in missing
        if module not in TESTED_ELSEWHERE and folder_of(module) not in TESTED_ELSEWHERE
    }
    assert not unexplained
    needless = TESTED_ELSEWHERE.keys() - missing - {folder_of(module) for module in missing}
    assert not needless
    absent = {where for where in TESTED_ELSEWHERE.values() if not (ROOT / "tests" / where).exists()}
    assert not absent


def test_one_submit_passes_few_files() -> None:
    passed: set[str] = set()

    def note(frame: FrameType, event: str, argument: Any) -> None:
        if event == "call" and frame.f_code.co_name != "<module>":
            passed.add(frame.f_code.co_filename)

    with MockServer(pace="manual") as mock:
        flow = mock.client()
        flow.job.submit(steps.DATA / "train_conf.json", steps.DATA / "train_dsl.json")
        sys.setprofile(note)
        threading.setprofile(note)
        try:
            flow.job.submit(steps.DATA / "train_conf.json", steps.DATA / "train_dsl.json")
        finally:
            sys.setprofile(None)
            threading.setprofile(None)
    ours = {str(path) for path in modules().values()}
    assert 10 < len(passed & ours) <= MOST_FILES_OF_A_SUBMIT
