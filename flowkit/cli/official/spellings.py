"""How the official command line spells what this one has too: groups, commands and options."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

__all__ = ["COMMANDS", "GROUPS", "LETTERS", "MORE_SPELLINGS"]

# Groups under a further name.
GROUPS = {"tracking": "component", "server": "service"}

# Commands under a further name, by group.
COMMANDS = {
    "checkpoint": {"get": "get-checkpoint", "list": "list-checkpoints"},
    "component": {"download-summary": "get-summary"},
    "job": {"dsl": "generate-dsl"},
    "model": {
        "export": "export-model",
        "import": "import-model",
        "model-info": "get-model-info",
    },
    "resource": {"return": "release"},
}

# The letters of options, by the method's argument.
LETTERS = {
    "conf_path": "-c",
    "dsl_path": "-d",
    "job_id": "-j",
    "role": "-r",
    "party_id": "-p",
    "component_name": "-cpn",
    "status": "-s",
    "output_path": "-o",
    "limit": "-l",
    "namespace": "-n",
    "provider_name": "-n",
    "table_name": "-t",
    "tag_name": "-t",
    "tag_desc": "-d",
    "date": "-d",
    "guest_party_id": "-gid",
    "host_party_id": "-hid",
    "host_party_ids": "-hids",
    "arbiter_party_id": "-aid",
}

# Further spellings of options, by operation and argument.
MORE_SPELLINGS: Mapping[str, Mapping[str, Sequence[str]]] = {
    "job.generate_dsl": {"cpn_file_path": ("--cpn-path",)},
    "privilege.query": {"src_party_id": ("-p", "--party-id")},
}
