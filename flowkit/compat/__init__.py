"""The official SDK's client, served by flowkit: what ``flow_sdk`` is, under a name of its own.

::

    from flowkit.compat import FlowClient

``import flow_sdk`` is ambiguous where the official ``fate-client`` is installed as well; this is
not. What both names give is the same class.
"""

from __future__ import annotations

from flowkit.compat.client import FlowClient

__all__ = ["FlowClient"]
