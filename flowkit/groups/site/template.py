"""client.template: FATE's examples, as the server has them; servers from 1.7 on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from flowkit.files.downloads import download_archive
from flowkit.groups.base import Group
from flowkit.inputs.arguments import FilePath, path, switch
from flowkit.reply import Reply

__all__ = ["Template"]


class Template(Group):
    """Configurations, DSLs and data to begin with."""

    def download(self, output_path: FilePath = ".", min_data: bool = False) -> Reply[Any]:
        """Download FATE's examples; servers from 1.7 on.

        Args:
            output_path: directory in which ``template`` is made. What it held from an earlier
                download is replaced once the new one is complete.
            min_data: True leaves out all but the smallest data.

        Returns:
            A reply with ``directory``.

        Raises:
            ArchiveError: the archive is damaged, unsafe or too large.
            FlowError: the files cannot be written.

        Endpoint: ``POST template/download``.
        """
        body = {"min_data": switch("min_data", min_data)}
        directory = Path(path("output_path", output_path), "template")
        return download_archive(self._client, "template.download", body, directory)
