"""client.test: a job that tests the link between two parties."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from flowkit.changes import WORK_MODE
from flowkit.errors import ArgumentError
from flowkit.groups.base import Group
from flowkit.inputs.arguments import FilePath, Id, integer, party, path, switch
from flowkit.reply import Reply

__all__ = ["Test", "toy_conf", "toy_dsl"]

COMPONENT = "secure_add_example_0"
SEEDS = {"guest": 123, "host": 321}


class Test(Group):
    """The toy job: guest and host add secret numbers."""

    __test__ = False  # pytest: not a test class, though its name looks like one

    def toy(
        self,
        guest_party_id: Id,
        host_party_id: Id,
        guest_user_name: str = "",
        host_user_name: str = "",
        task_cores: int = 2,
        timeout: int = 60,
        *,
        work_mode: int = 0,
    ) -> Reply[dict[str, Any]]:
        """Submit the toy job.

        Unlike the official SDK's, the host's seed is put where the server looks for it.

        Args:
            guest_party_id: party id of the guest; the job is submitted in its name.
            host_party_id: party id of the host.
            guest_user_name: user of the guest, where the server wants one.
            host_user_name: user of the host.
            task_cores: cores that a task may use.
            timeout: accepted because the official SDK has it, and not sent there either; give it
                to ``client.job.wait``.
            work_mode: 0 for a standalone server, 1 for a cluster; servers up to 1.6 want to know.

        Returns:
            A reply as `client.job.submit` gives.

        Raises:
            OperationError: the server refuses the job.

        Endpoint: ``POST job/submit``.
        """
        integer("timeout", timeout)
        mode: int | None = switch("work_mode", work_mode)
        if not WORK_MODE.holds_on(self._client.server_line()):
            mode = None
        conf = toy_conf(
            guest_party_id, host_party_id, guest_user_name, host_user_name, task_cores, mode
        )
        return self._post("test.toy", {"job_dsl": toy_dsl(), "job_runtime_conf": conf})

    def check_toy(self, guest_party_id: Id, job_status: str, log_dir: FilePath) -> Iterator[str]:
        """Return what the logs of a toy job say of its outcome.

        Args:
            guest_party_id: party id of the guest.
            job_status: how the job ended.
            log_dir: directory into which `client.job.log` has put its logs.

        Returns:
            The lines about the guest's sum; all of the error log when the job has failed.

        Raises:
            ArgumentError: the log is not there.

        Endpoint: none; it reads local files.
        """
        done = job_status in ("success", "canceled")
        folder = Path(path("log_dir", log_dir), "guest", party("guest_party_id", guest_party_id))
        file = folder / ("INFO.log" if done else "ERROR.log")
        try:
            lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError as error:
            text = f"log_dir holds no {str(file)!r}: {error.strerror}"
            raise ArgumentError(text, argument="log_dir", value=log_dir) from error
        return iter([line.strip() for line in lines if not done or "secure_add_guest" in line])


def toy_conf(
    guest_party_id: Id,
    host_party_id: Id,
    guest_user_name: str = "",
    host_user_name: str = "",
    task_cores: int = 2,
    work_mode: int | None = None,
) -> dict[str, Any]:
    """Return the runtime configuration of the toy job; the arguments are those of `Test.toy`.

    Raises:
        ArgumentError: an argument cannot be used.
    """
    parties = {
        "guest": int(party("guest_party_id", guest_party_id)),
        "host": int(party("host_party_id", host_party_id)),
    }
    users = {"guest": guest_user_name, "host": host_user_name}
    common: dict[str, Any] = {"task_cores": integer("task_cores", task_cores)}
    if work_mode is not None:
        common["work_mode"] = work_mode
    return {
        "dsl_version": 2,
        "initiator": {"role": "guest", "party_id": parties["guest"]},
        "role": {role: [number] for role, number in parties.items()},
        "job_parameters": {
            "common": common,
            "role": {role: {"0": {"user": user}} for role, user in users.items()},
        },
        "component_parameters": {
            "common": {COMPONENT: {"partition": 4, "data_num": 1000}},
            "role": {role: {"0": {COMPONENT: {"seed": seed}}} for role, seed in SEEDS.items()},
        },
    }


def toy_dsl() -> dict[str, Any]:
    """Return the DSL of the toy job."""
    return {"components": {COMPONENT: {"module": "SecureAddExample"}}}
