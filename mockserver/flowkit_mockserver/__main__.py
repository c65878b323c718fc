"""``python -m flowkit_mockserver``: the command ``flowkit mock``."""

from flowkit_mockserver.command import mock

mock(prog_name="python -m flowkit_mockserver")
