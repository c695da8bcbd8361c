"""Who may do what: one definition, rendered as `roles.yml` (local stack) and for the security API (a cluster).

Names are those of docs/concepts/architecture.md; docs/operations/roles.md says it in words.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import yaml

from shipper.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable

_SEE = ("read", "view_index_metadata")
_STORE = ("read", "write", "create_index", "auto_configure", "view_index_metadata", "maintenance")
_TENANT = re.compile(r"[a-z0-9][a-z0-9_]{0,62}")


@dataclass(frozen=True, slots=True)
class Grant:
    """Privileges on index patterns; the installation's prefix goes before each pattern.

    A `tenant` narrows the grant to that tenant's documents (document-level security). `everywhere`: no prefix.
    """

    patterns: tuple[str, ...]
    privileges: tuple[str, ...]
    tenant: str | None = None
    everywhere: bool = False

    def render(self, prefix: str) -> dict[str, Any]:
        """As the security API and roles.yml want it."""
        body: dict[str, Any] = {
            "names": [pattern if self.everywhere else prefix + pattern for pattern in self.patterns],
            "privileges": list(self.privileges),
        }
        if self.tenant is not None:
            body["query"] = f'{{"term": {{"tenant": "{self.tenant}"}}}}'
        return body


@dataclass(frozen=True, slots=True)
class Role:
    """A role: what it is for, cluster privileges, grants on indices, and Kibana features."""

    name: str
    purpose: str
    cluster: tuple[str, ...]
    grants: tuple[Grant, ...]
    kibana: tuple[str, ...] = ()

    def render(self, prefix: str = "") -> dict[str, Any]:
        """The body of `PUT _security/role/<name>`."""
        body: dict[str, Any] = {
            "cluster": list(self.cluster),
            "indices": [grant.render(prefix) for grant in self.grants],
        }
        if self.kibana:
            body["applications"] = [
                {"application": "kibana-.kibana", "privileges": list(self.kibana), "resources": ["*"]}
            ]
        return body


_LOGS_AND_METRICS = ("shipper-logs-*", "shipper-metrics-*")
_EVENTS = ("campaign-events-*",)
OURS = (*_LOGS_AND_METRICS, *_EVENTS, "shipper-alerts*", "shipper-rule-state*", "insights-*")

ROLES: tuple[Role, ...] = (
    Role(
        "shipper_writer",
        "Logstash and the agent: adds log and metric documents; never reads, changes or deletes one",
        ("monitor",),
        (Grant(_LOGS_AND_METRICS, ("create_doc", "auto_configure")),),
    ),
    Role(
        "campaign_writer",
        "Logstash: adds campaign events; never reads, changes or deletes one",
        ("monitor",),
        (Grant(_EVENTS, ("create_doc", "auto_configure")),),
    ),
    Role(
        "shipper_reader",
        "people and dashboards: read logs, metrics, events, alerts and Insights",
        ("monitor",),
        (Grant((*_LOGS_AND_METRICS, *_EVENTS, "shipper-alerts*", "insights-*"), _SEE),),
    ),
    Role(
        "rules_evaluator",
        "the evaluator: reads what rules look at, keeps alerts and its own state, adds metrics about itself",
        ("monitor",),
        (
            Grant((*_LOGS_AND_METRICS, *_EVENTS), (*_SEE, "maintenance")),
            Grant(("shipper-alerts*", "shipper-rule-state*"), _STORE),
            Grant(("shipper-metrics-*",), ("create_doc", "auto_configure")),
        ),
    ),
    Role(
        "insights_worker",
        "Insights: reads campaign events, keeps entities, ledger and roll-ups",
        ("monitor",),
        (
            Grant(_EVENTS, (*_SEE, "monitor", "maintenance")),
            Grant(("insights-*",), (*_STORE, "monitor", "delete_index")),
        ),
    ),
    Role(
        "insights_eraser",
        "erases one contact on request, in events and in Insights; separate, so that nothing else can",
        ("monitor",),
        (
            Grant(_EVENTS, (*_SEE, "delete", "maintenance")),
            Grant(("insights-*",), (*_SEE, "write", "maintenance")),
        ),
    ),
    Role(
        "dashboard_deployer",
        "deploys dashboards into Kibana and reads what they show",
        ("monitor",),
        (Grant((*_LOGS_AND_METRICS, *_EVENTS, "shipper-alerts*", "insights-*"), _SEE),),
        (
            "feature_dashboard.all",
            "feature_visualize.all",
            "feature_discover.all",
            "feature_indexPatterns.all",
            "feature_savedObjectsManagement.all",
        ),
    ),
    Role(
        "stack_operator",
        "retention, templates and snapshots; deletes whole indices, never a document",
        ("monitor", "manage_index_templates", "create_snapshot", "monitor_snapshot"),
        (
            Grant(OURS, ("monitor", "view_index_metadata", "delete_index", "maintenance")),
            Grant(("shipper-metrics-*",), ("create_doc", "auto_configure")),
        ),
    ),
    Role(
        "stack_monitor",
        "statistics of the cluster and of every index, no document's content; adds them as metrics",
        ("monitor",),
        (
            Grant(("*",), ("monitor",), everywhere=True),
            Grant(("shipper-metrics-*",), ("create_doc", "auto_configure")),
        ),
    ),
)
"""Every fixed role; `tenant_role` adds one a tenant."""


def tenant_role(tenant: str) -> Role:
    """`insights_<tenant>`: reads that tenant's Insights and nothing else.

    Document-level security needs a licence that has it (trial, platinum, enterprise); without one Elasticsearch
    denies the role everything, so it fails closed.

    Raises:
        UsageError: the tenant's name cannot stand in a role and a query.
    """
    if not _TENANT.fullmatch(tenant):
        raise UsageError(
            f"{tenant!r} cannot be a tenant's role", hint="use lower-case letters, digits and _, at most 63 of them"
        )
    name = f"insights_{tenant}"
    if any(role.name == name for role in ROLES):
        raise UsageError(f"the tenant {tenant!r} would take the name of the role {name}", hint="rename the tenant")
    return Role(name, f"reads the Insights of {tenant} only", (), (Grant(("insights-*",), _SEE, tenant),))


def all_roles(tenants: Iterable[str] = ()) -> tuple[Role, ...]:
    """The fixed roles and one for each tenant."""
    return (*ROLES, *(tenant_role(tenant) for tenant in sorted(set(tenants))))


def roles_yml(roles: Iterable[Role], prefix: str = "") -> str:
    """The text of Elasticsearch's `config/roles.yml`."""
    return yaml.safe_dump({role.name: role.render(prefix) for role in roles}, sort_keys=False)
