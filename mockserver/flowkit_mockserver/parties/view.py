"""The state as the server of one party has it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from flowkit_mockserver.jobs.service import Jobs
from flowkit_mockserver.parties.services import PartyServices
from flowkit_mockserver.settings import Settings
from flowkit_mockserver.state import ServerState
from flowkit_mockserver.store import StorePart

if TYPE_CHECKING:
    from flowkit_mockserver.data.tables import Tables
    from flowkit_mockserver.models.later_permissions import LaterPermissions
    from flowkit_mockserver.models.permissions import Permissions
    from flowkit_mockserver.models.service import Models
    from flowkit_mockserver.models.site_keys import SiteKeys
    from flowkit_mockserver.models.tags import Tags

__all__ = ["PartyState", "own_view"]

WSGIApp = Callable[..., Iterable[bytes]]


def own_view(state: ServerState | PartyState) -> ServerState | PartyState:
    """Return the state as its server shows it: all of it, or that of its own party."""
    own = state.settings.own_party
    if isinstance(state, PartyState) or own is None:
        return state
    return PartyState(state, own, state.settings.own_url)


class PartyState:
    """The state as the server of one party has it. What is not a party's own is that of the whole state.

    Args:
        world: the state of all servers.
        party_id: the party.
        own_url: where this server listens; None when it does not.
        host: the name by which requests may be for it, beside those of the whole.

    Attributes:
        world: the state of all servers.
        party_id: the party.
    """

    def __init__(
        self, world: ServerState, party_id: str, own_url: str | None, host: str | None = None
    ) -> None:
        self.world = world
        self._host = host
        self.party_id = party_id
        self.own_url = own_url

    def __getattr__(self, name: str) -> Any:
        return getattr(self.world, name)

    def show_own(self, app: WSGIApp, key: str) -> WSGIApp:
        """Return a WSGI application that answers for this party in namespaces as well.

        Args:
            app: the application.
            key: where the environment of a request has the state of a namespace.
        """

        def answer(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
            if isinstance(state := environ.get(key), ServerState):
                environ[key] = PartyState(state, self.party_id, self.own_url, self._host)
            return app(environ, start_response)

        return answer

    @property
    def settings(self) -> Settings:
        """The choices made at the start, as this party has made them."""
        settings = self.world.settings
        signing = settings.site_party if settings.site_party == self.party_id else None
        hosts = settings.allow_hosts if self._host is None else (*settings.allow_hosts, self._host)
        return replace(
            settings,
            own_party=self.party_id,
            own_url=self.own_url,
            site_party=signing,
            allow_hosts=hosts,
        )

    @property
    def _own(self) -> PartyServices:
        return self.world.at(self.party_id)

    @property
    def store(self) -> StorePart:
        """Its part of the store."""
        return self._own.store

    @property
    def jobs(self) -> Jobs:
        """Its jobs."""
        return self._own.jobs

    @property
    def tables(self) -> Tables:
        """Its tables."""
        return self._own.tables

    @property
    def models(self) -> Models:
        """Its models."""
        return self._own.models

    @property
    def tags(self) -> Tags:
        """Its tags."""
        return self._own.tags

    @property
    def permissions(self) -> Permissions:
        """The permissions of the first lines that it has granted."""
        return self._own.permissions

    @property
    def later_permissions(self) -> LaterPermissions | None:
        """The permissions of the later lines that it has granted; None when the switch is off."""
        return self._own.later_permissions

    @property
    def site_keys(self) -> SiteKeys:
        """The keys of sites that it knows."""
        return self._own.site_keys
