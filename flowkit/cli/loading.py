"""Commands that are imported when they are asked for, and described without being imported."""

from __future__ import annotations

import ast
from contextlib import AbstractContextManager
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import click

from flowkit.cli.docstrings import plain
from flowkit.hooks.extras import install_hint
from flowkit.hooks.loading import MOCK_SERVERS

__all__ = [
    "COMMANDS",
    "LazyGroup",
    "extensions",
    "load",
    "load_extension",
    "mock_server",
    "summary",
]

COMMANDS = "flowkit.commands"


class LazyGroup(click.Group):
    """A group that makes a command when it is asked for; one that is misspelled gets a suggestion."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command that the first of `args` names, and what is left of them."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            import difflib  # needed only once something is misspelled

            near = difflib.get_close_matches(args[0], self.list_commands(ctx))
            if not near or args[0].startswith("-"):
                raise
            hint = f"Did you mean {' or '.join(map(repr, near))}?"
            raise click.UsageError(f"{error.message} {hint}", ctx) from error


def load(target: str) -> click.Command:
    """Return the command that ``"module:attribute"`` stands for."""
    module, _, attribute = target.partition(":")
    command: click.Command = getattr(import_module(module), attribute)
    return command


def extensions() -> dict[str, EntryPoint]:
    """Return the entry points of the commands that installed distributions bring, by name."""
    return {point.name: point for point in entry_points(group=COMMANDS)}


def load_extension(point: EntryPoint) -> click.Command:
    """Return the command of an entry point.

    Raises:
        click.ClickException: it cannot be imported, or is no command.
    """
    command = _load_point(point, f"the command {point.name!r}")
    if not isinstance(command, click.Command):
        raise click.ClickException(f"{point.value} is no click command")
    return command


def _load_point(point: EntryPoint, what: str) -> Any:
    """Return what an entry point stands for; a sentence about it when it cannot be imported."""
    where = f"{what} ({point.value}, from {_origin(point)})"
    try:
        return point.load()
    except ImportError as error:
        hint = install_hint(error) if _origin(point) == "fate-flowkit" else ""
        raise click.ClickException(f"{where} cannot be loaded: {error}{hint}") from error
    except Exception as error:  # foreign code may raise anything, and the others must go on working
        raise click.ClickException(
            f"{where} cannot be loaded: {type(error).__name__}: {error}"
        ) from error


def mock_server(**settings: Any) -> AbstractContextManager[Any]:
    """Return a mock server of the installed kind, `settings` being its arguments.

    Raises:
        click.ClickException: none is installed, or it cannot be imported.
    """
    points = list(entry_points(group=MOCK_SERVERS))
    if not points:
        raise click.ClickException("no mock server is installed: pip install 'fate-flowkit[mock]'")
    server: AbstractContextManager[Any] = _load_point(points[0], "the mock server")(**settings)
    return server


def summary(point: EntryPoint) -> str:
    """Return the first line of a command's or a plugin's docstring, read from its source.

    Importing it could take long, or fail; where there is no source to read, its origin is named.
    """
    text = _docstring(point.module, point.attr)
    return plain(text.partition("\n")[0]) or f"From {_origin(point)}."


def _docstring(module: str, name: str) -> str:
    """Return the docstring of a top-level function or class; empty when there is none to find."""
    try:
        source = _source(module)
        tree = ast.parse(source.read_bytes() if source else b"")
    except (ImportError, OSError, SyntaxError, ValueError):
        return ""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name == name:
            return ast.get_docstring(node) or ""
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for alias in node.names:
                if name == (alias.asname or alias.name):
                    return _docstring(node.module, alias.name)
    return ""


def _source(module: str) -> Path | None:
    """Return the source file of a module without importing the packages it lies in."""
    top, *below = module.split(".")
    spec = find_spec(top)
    if spec is None or spec.origin is None:
        return None
    if not below:
        return Path(spec.origin)
    for folder in spec.submodule_search_locations or ():
        path = Path(folder, *below)
        for candidate in (path.with_suffix(".py"), path / "__init__.py"):
            if candidate.is_file():
                return candidate
    return None


def _origin(point: EntryPoint) -> str:
    return point.dist.name if point.dist else "an unknown distribution"
