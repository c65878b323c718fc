"""What belongs to each release of FATE: its version of FATE Flow, FATEBoard, EggRoll and Spark."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["RELEASES", "Release", "absent_definitions", "release_with"]


@dataclass(frozen=True, slots=True)
class Release:
    """The versions of a release, as its server tells them.

    Attributes:
        flow: of FATE Flow; of FATE itself where that has no version of its own.
        board: of FATEBoard.
        eggroll: of EggRoll.
        spark: of Spark.
        python: of Python.
    """

    flow: str
    board: str
    eggroll: str
    spark: str = "2.4.1"
    python: str = "3.6.5"


RELEASES = {
    "1.5.0": Release("1.5.0", "1.5.0", "2.2.0"),
    "1.5.1": Release("1.5.1", "1.5.1", "2.2.1"),
    "1.5.2": Release("1.5.2", "1.5.2", "2.2.2"),
    "1.5.3": Release("1.5.3", "1.5.2", "2.2.3"),
    "1.6.0": Release("1.6.0", "1.6.0", "2.2.1"),
    "1.6.1": Release("1.6.1", "1.6.1", "2.2.2"),
    "1.7.0": Release("1.7.0", "1.7.0", "2.4.0"),
    "1.7.1": Release("1.7.1", "1.7.2", "2.4.2"),
    "1.7.2": Release("1.7.2", "1.7.2.2", "2.4.3"),
    "1.7.3": Release("1.7.2", "1.7.2.2", "2.4.7"),
    "1.8.0": Release("1.8.0", "1.8.0", "2.4.4"),
    "1.8.1": Release("1.8.0", "1.8.0", "2.4.7"),
    "1.9.0": Release("1.9.0", "1.9.0", "2.4.5", "3.1.3", "3.8"),
    "1.9.1": Release("1.9.1", "1.9.1", "2.4.6", "3.3.1", "3.8"),
    "1.9.2": Release("1.9.1", "1.9.1", "2.4.7", "3.3.1", "3.8"),
    "1.10.0": Release("1.10.0", "1.10.0", "2.4.8", "3.3.1", "3.8"),
    "1.11.0": Release("1.11.0", "1.11.0", "2.4.9", "3.3.1", "3.8"),
    "1.11.1": Release("1.11.0", "1.11.0", "2.4.9", "3.3.1", "3.8"),
    "1.11.2": Release("1.11.1", "1.11.1", "2.5.1", "3.4.0", "3.8"),
    "1.11.3": Release("1.11.2", "1.11.2", "2.5.2", "3.4.0", "3.8"),
    "1.11.4": Release("1.11.2", "1.11.2", "2.5.3", "3.4.0", "3.8"),
}


#: Definitions of models that came with FATE 1.6.
_LATER_DEFINITIONS = ("data-transform-meta.proto", "data-transform-param.proto")


def absent_definitions(fate: str) -> tuple[str, ...]:
    """Return the definition files that the models of a version of FATE do not carry yet."""
    return _LATER_DEFINITIONS if fate.startswith("1.5.") else ()


def release_with(flow: str) -> str | None:
    """Return the last release of FATE that has a version of FATE Flow; None if there is none."""
    return next((fate for fate, own in reversed(RELEASES.items()) if own.flow == flow), None)
