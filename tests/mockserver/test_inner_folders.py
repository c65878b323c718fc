"""The inner folders of the mock: what may import what, who names a kind, and where the tests are."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from flowkit_mockserver.kinds.lookup import all_kinds

ROOT = Path(__file__).parent.parent.parent
MOCK = ROOT / "mockserver" / "flowkit_mockserver"
PACKAGE = "flowkit_mockserver."
MOST_MODULES = 15

#: From the bottom to the top: a folder imports from those before it only. The algorithms know nothing of DSLs.
ROOMS = ("errors", "party", "clock", "settings", "proto", "kinds", "dsl")
COMPONENTS = (
    "core",
    "rows",
    "optim",
    "statistic",
    "evaluation",
    "feature/binning",
    "feature/selection",
    "feature",
    "util",
    "model_selection",
    "linear_model",
    "ensemble",
    "nn",
    "unsupervised",
    "other",
    "flow",
)
FAMILIES = (
    "",
    "util",
    "statistic",
    "feature",
    "model_selection",
    "evaluation",
    "linear_model",
    "ensemble",
    "nn",
    "unsupervised",
    "other",
    "flow",
)

#: A name of FATE that happens to be that of a kind as well.
NOT_A_KIND = {
    ("components/evaluation/report.py", "PSI"): "the type of a metric",
    ("components/feature/selection/isometric.py", "HeteroPearson"): "what a buffer calls itself",
}


#: Algorithms are tested by what their kinds compute, several modules together: folder or module → its test.
TESTED_TOGETHER = {
    "components/core/federation.py": "components/test_linear.py",
    "components/core/instance.py": "components/test_features.py",
    "components/core/predict_output.py": "components/test_linear.py",
    "components/core/random_state.py": "components/test_splitting.py",
    "components/ensemble": "components/ensemble/test_decision_tree.py",
    "components/evaluation": "components/evaluation/test_evaluation.py",
    "components/feature": "components/test_features.py",
    "components/feature/binning": "components/feature/binning/test_bins.py",
    "components/feature/selection": (
        "components/feature/selection/test_hetero_feature_selection.py"
    ),
    "components/linear_model": "components/test_linear.py",
    "components/model_selection": "components/test_splitting.py",
    "components/nn": "components/nn/test_hetero_nn.py",
    "components/optim": "components/test_linear.py",
    "components/other": "components/test_further_kinds.py",
    "components/rows": "components/test_linear.py",
    "components/statistic": "components/test_further_kinds.py",
    "components/unsupervised": "components/test_further_kinds.py",
    "components/util": "components/util/test_data_io.py",
    # The files of the kinds are data; what holds for one holds for all.
    **{f"kinds/{family}": "kinds/test_kinds.py" for family in FAMILIES if family},
}


@cache
def imported(path: Path) -> frozenset[str]:
    """Return the modules of the mock that a module imports anywhere, for types and late ones too."""
    found = set()
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith(PACKAGE):
            found.add(node.module.removeprefix(PACKAGE))
        elif isinstance(node, ast.Import):
            found |= {
                name.name.removeprefix(PACKAGE)
                for name in node.names
                if name.name.startswith(PACKAGE)
            }
    return frozenset(found)


def modules(folder: str) -> list[Path]:
    return sorted((MOCK / folder).rglob("*.py"))


def folder_in(room: str, module: str) -> str:
    """Return the folder of a module below a room: ``feature/binning`` of components.feature.binning.bins."""
    below = module.split(".")[1:]
    while below and not (MOCK / room).joinpath(*below).is_dir():
        below.pop()
    return "/".join(below)


def wrong_imports(room: str, order: tuple[str, ...]) -> Iterator[str]:
    for path in modules(room):
        own = path.relative_to(MOCK / room).parent.as_posix().removeprefix(".")
        for module in imported(path):
            if module.startswith(f"{room}."):
                other = folder_in(room, module)
                if order.index(other) > order.index(own):
                    yield f"{path.relative_to(MOCK)} imports {module}"


@pytest.mark.parametrize("room", ["proto", "kinds", "dsl"])
def test_rooms_import_downward(room: str) -> None:
    allowed = ROOMS[: ROOMS.index(room) + 1]
    for path in modules(room):
        for module in imported(path):
            assert module.partition(".")[0] in allowed, f"{path} imports {module}"


def test_algorithms_know_kinds_and_messages_and_nothing_above() -> None:
    for path in modules("components"):
        for module in imported(path):
            assert module.partition(".")[0] in {
                "columns",
                "party",
                "proto",
                "kinds",
                "components",
            }, path


def test_the_folders_of_the_algorithms_import_downward() -> None:
    assert not list(wrong_imports("components", COMPONENTS))


def test_the_families_of_the_kinds_import_downward() -> None:
    assert not list(wrong_imports("kinds", FAMILIES))


def test_no_folder_is_too_full_to_look_through() -> None:
    full = {}
    for room in ("proto", "kinds", "dsl", "components"):
        for folder in {path.parent for path in modules(room)}:
            count = sum(path.name != "__init__.py" for path in folder.glob("*.py"))
            if count > MOST_MODULES:
                full[str(folder.relative_to(MOCK))] = count
    assert not full


def test_a_kind_is_named_in_its_file_and_by_its_algorithm_only() -> None:
    homes = {}
    for kind in all_kinds():
        module = kind.algorithm.partition(":")[0].removeprefix(PACKAGE)
        homes[kind.name] = (MOCK / module.replace(".", "/")).parent
    offenders = set()
    for path in modules(""):
        if path.is_relative_to(MOCK / "kinds"):
            continue
        below = path.relative_to(MOCK).as_posix()
        for node in ast.walk(ast.parse(path.read_bytes())):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                home = homes.get(node.value)
                if home is None or path.is_relative_to(home) or (below, node.value) in NOT_A_KIND:
                    continue
                offenders.add(f"{below}:{node.lineno} names {node.value}")
    assert not offenders


def test_every_module_has_its_mirrored_test_or_is_tested_with_others() -> None:
    missing = []
    for room in ("proto", "kinds", "dsl", "components"):
        for path in modules(room):
            below = path.relative_to(MOCK)
            together = TESTED_TOGETHER.get(below.as_posix()) or TESTED_TOGETHER.get(
                below.parent.as_posix()
            )
            tests = [below.with_name(f"test_{path.name}").as_posix(), together]
            if path.name != "__init__.py" and not any(
                test and (Path(__file__).parent / test).is_file() for test in tests
            ):
                missing.append(below.as_posix())
    assert not missing
