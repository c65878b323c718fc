"""For tests of code that uses flowkit: the bundled cassettes, and a check for plugins."""

from __future__ import annotations

from flowkit.testing.cassettes import *  # noqa: F403
from flowkit.testing.cassettes import __all__ as __all__
