"""Envelope: what a server answers, a plain dict with typed access; `flowkit.reply` shows it to people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

if TYPE_CHECKING:
    from flowkit.rows import Row

__all__ = ["Envelope"]

T = TypeVar("T")


class Envelope(dict[str, Any], Generic[T]):
    """The server's envelope: ``retcode``, ``retmsg`` and, where there are any, ``data``, ``jobId``, ``meta``.

    Code written for the official SDK keeps working (``reply["retcode"]``); new code reads
    attributes.
    """

    status: int = 200
    source: str = "network"

    @property
    def retcode(self) -> int | str:
        """The server's return code; 0 is success."""
        return cast("int | str", self.get("retcode"))

    @property
    def retmsg(self) -> str:
        """The server's message."""
        return str(self.get("retmsg", ""))

    @property
    def data(self) -> T:
        """What the operation is about; None when the server sent nothing."""
        return cast(T, self.get("data"))

    @property
    def rows(self) -> list[Row]:
        """The rows in the data, alike for every line of servers; empty when there are none."""
        from flowkit.rows import rows_of

        return rows_of(self.get("data"))

    @property
    def count(self) -> int:
        """How many rows the server has in all, of which `rows` may be a page."""
        from flowkit.rows import total_of

        return total_of(self.get("data"))

    @property
    def meta(self) -> Any:
        """What describes the data; None for most operations."""
        return self.get("meta")

    @property
    def job_id(self) -> str:
        """Id of the job that the operation started; empty when it started none."""
        data = self.get("data")
        inner = data.get("job_id", "") if isinstance(data, dict) else ""
        return str(self.get("jobId") or inner)

    @property
    def model_id(self) -> str:
        """Id of the model that the operation concerns; empty when there is none."""
        return str(self._model_info().get("model_id", ""))

    @property
    def model_version(self) -> str:
        """Version of the model that the operation concerns; empty when there is none."""
        return str(self._model_info().get("model_version", ""))

    @property
    def ok(self) -> bool:
        """True when the server carried the operation out.

        FATE Flow 1.6 answers ``tag/create`` with a sentence in ``retcode`` and ``success`` in
        ``retmsg``; that is success too.
        """
        code = self.get("retcode")
        return code == 0 or (isinstance(code, str) and self.get("retmsg") == "success")

    @property
    def reasons(self) -> dict[str, str]:
        """What each party that refused said, by ``"role/party_id"``; empty when none did.

        FATE Flow answers some operations, `client.model.migrate` for one, with success although a
        party has refused.
        """
        from flowkit.reasons import party_reasons  # rarely needed

        return party_reasons(self)

    def _model_info(self) -> dict[str, Any]:
        data = self.get("data")
        if not isinstance(data, dict):
            return {}
        info = data.get("model_info", data)
        return info if isinstance(info, dict) else {}
