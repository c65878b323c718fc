"""What a server has beside its jobs: that of all parties, or that of one."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from flowkit_mockserver.clock import ServerClock
from flowkit_mockserver.data.tables import Tables
from flowkit_mockserver.dialects import Dialect
from flowkit_mockserver.dialects.facts import server_facts
from flowkit_mockserver.jobs.data_views import models_so_far
from flowkit_mockserver.jobs.parties import PartyJobs
from flowkit_mockserver.jobs.providers import Providers
from flowkit_mockserver.jobs.service import Jobs
from flowkit_mockserver.models.files.folders import ModelFolders
from flowkit_mockserver.models.later_permissions import LaterPermissions
from flowkit_mockserver.models.permissions import Permissions
from flowkit_mockserver.models.service import Models, Plans
from flowkit_mockserver.models.site_keys import SiteKeys
from flowkit_mockserver.models.tags import Tags
from flowkit_mockserver.settings import Settings
from flowkit_mockserver.store import Store, StorePart
from flowkit_mockserver.store.interface import Lock

__all__ = ["SITE_KEYS", "PartyServices", "Services"]

#: The collection in which the keys of sites are kept.
SITE_KEYS = "site_keys"

NewId = Callable[[], str]


class Services:
    """What a server has beside its jobs.

    Args:
        settings: the choices made at the start.
        clock: the server's time.
        dialect: how it speaks.
        store: where all is kept.
        lock: the server's lock.
        new_id: makes ids.
        plans: the jobs: the plan of each, and which have not come to their end.
        folders: where models lie as folders, too; None for nowhere.
        site_party: the party as which it signs; None when sites do not sign.
        at: returns the services of a party's server, where each party has one.

    Attributes:
        tables, models, tags, permissions, later_permissions, site_keys, providers: the services.
    """

    def __init__(
        self,
        settings: Settings,
        clock: ServerClock,
        dialect: Dialect,
        store: Store | StorePart,
        lock: Lock,
        new_id: NewId,
        plans: Plans,
        folders: ModelFolders | None = None,
        site_party: str | None = None,
        at: Callable[[str], Services] | None = None,
    ) -> None:
        self.tables: Tables = Tables(store, lock, at and (lambda site: at(site).tables))
        self.models: Models = Models(
            settings,
            clock,
            store,
            dialect=dialect,
            new_id=new_id,
            plans=plans,
            folders=folders,
            at=at and (lambda site: at(site).models),
        )
        self.tags = Tags(store.collection("tags"), self.models.rows)
        self.permissions = Permissions(
            store.collection("permissions"),
            clock,
            settings.root,
            dialect,
            quirks=settings.quirks,
        )
        self.site_keys = SiteKeys(store.collection(SITE_KEYS), site_party, dialect.site_digest)
        self.later_permissions: LaterPermissions | None = None
        if settings.permissions:
            known = {kind.lower() for kind in dialect.kinds or ()}
            names = [name for name in server_facts(dialect.line, "grantable") if name in known]
            grants = store.collection("later_permissions")
            self.later_permissions = LaterPermissions(grants, names)
        root = settings.root + dialect.folder
        self.providers = Providers(store.collection("providers"), dialect, root)
        self._at = at

    def refusal(self, party_id: object, *asked: Any) -> dict[str, Any] | None:
        """Return what a party answers to another that lacks a permission; see `LaterPermissions.refusal`."""
        there = self if self._at is None else self._at(str(party_id))
        permissions = there.later_permissions
        return None if permissions is None else permissions.refusal(*asked)


class PartyServices(Services):
    """What the server of one party has, where each party has one.

    Args:
        party_id: the party.
        whole: the services of all servers together.
        at: returns the services of a party's server.
        jobs: the jobs of all servers.
        settings: the choices made at the start.
        clock: the time of all servers.
        dialect: how they speak.
        store: where all is kept.
        lock: the lock of all servers.

    Attributes:
        jobs: the jobs as this server shows them.
        store: its part of the store.
    """

    def __init__(
        self,
        party_id: str,
        whole: Services,
        at: Callable[[str], Services],
        jobs: Jobs,
        settings: Settings,
        clock: ServerClock,
        dialect: Dialect,
        store: Store,
        lock: Lock,
    ) -> None:
        self.store = StorePart(store, party_id)
        signing = settings.site_party if settings.site_party == party_id else None
        new_id, plans = jobs.ids.next, jobs.store
        super().__init__(
            settings, clock, dialect, self.store, lock, new_id, plans, None, signing, at
        )
        self.tables.share_prepared(whole.tables)
        self.jobs = PartyJobs(jobs, party_id, store, self.tables, self.models, self.providers)
        self.models.saved_so_far = partial(models_so_far, jobs.store, self.jobs)
