"""What differs from one line of servers to the next: routes, checks of arguments, texts, rows, parameters; data first.

Everything else asks: a service is handed the `Dialect` of its server, a view finds it in the server's state.
"""

from __future__ import annotations

from flowkit_mockserver.dialects.dialect import Dialect
from flowkit_mockserver.dialects.lines import DEFAULT, dialect_of

__all__ = ["DEFAULT", "Dialect", "dialect_of"]
