"""Adds a bill of materials (CycloneDX) to the metadata of the wheel: what it needs, as the project says."""

from __future__ import annotations

import json
import re
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from packaging.requirements import Requirement

NAME = "fate-flowkit.cdx.json"


class SbomHook(BuildHookInterface[Any]):
    """Writes the bill where the build finds it, and removes it afterwards."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Make the bill; the wheel of an editable installation has one, too."""
        self._folder = TemporaryDirectory()
        path = Path(self._folder.name, NAME)
        core = self.metadata.core
        groups = {"": core.dependencies, **core.optional_dependencies}
        bill = bill_of_materials(core.name, self.metadata.version, core.license, groups)
        path.write_text(json.dumps(bill, indent=2, sort_keys=True) + "\n", encoding="utf-8")
        build_data["sbom_files"].append(str(path))

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Remove the file."""
        self._folder.cleanup()


def bill_of_materials(
    name: str, version: str, license_expression: str, groups: dict[str, list[str]]
) -> dict[str, Any]:
    """Return the bill: equal sources give equal bytes, so there is neither a time nor a random number in it.

    Args:
        name: the distribution.
        version: its version.
        license_expression: its licence, as SPDX has it.
        groups: by extra, the requirements; the empty name has those that are always needed.
    """
    root = f"pkg:pypi/{name}@{version}"
    needed: dict[str, dict[str, Any]] = {}
    for extra, texts in groups.items():
        for text in texts:
            requirement = Requirement(text)
            normal = re.sub(r"[-_.]+", "-", requirement.name).lower()
            if normal == name or extra == "dev":
                continue
            component = needed.setdefault(
                normal,
                {
                    "bom-ref": f"pkg:pypi/{normal}",
                    "name": normal,
                    "purl": f"pkg:pypi/{normal}",
                    "scope": "required" if not extra else "optional",
                    "type": "library",
                    "properties": [],
                },
            )
            component["properties"].append({"name": "requirement", "value": text})
    components = [needed[key] for key in sorted(needed)]
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "component": {
                "bom-ref": root,
                "licenses": [{"expression": license_expression}],
                "name": name,
                "purl": root,
                "type": "library",
                "version": version,
            },
            "lifecycles": [{"phase": "build"}],
        },
        "components": components,
        "dependencies": [{"ref": root, "dependsOn": [item["bom-ref"] for item in components]}],
    }
