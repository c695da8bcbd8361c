"""What is wrong with a cluster, or will be: shards against the sizing rule, security, and what it lacks."""

from __future__ import annotations

import fnmatch
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from elasticsearch import ApiError

from shipper.stack.templates import META

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from elasticsearch import Elasticsearch

    from shipper.clock import Clock
    from shipper.elastic.capability import Capabilities
    from shipper.stack.retention import Daily

LARGEST_SHARD = 50 * 2**30
"""Bytes of one primary shard: above, recovery and merging take too long."""

MOST_DOCUMENTS = 200_000_000
"""Documents of one primary shard; Lucene's own end is at 2.1 billion.

Source of both: https://www.elastic.co/guide/en/elasticsearch/reference/8.19/size-your-shards.html
"""

MOST_SHARDS = 1000
"""Shards of one data node: Elasticsearch's default limit, where no new day can begin any more."""

ENDS_SOON = timedelta(days=30)
"""A certificate that ends within this time is told."""

_DEFAULT_PASSWORDS = ("changeme", "elastic", "password")
_STRONG = {"all", "write", "delete", "delete_index", "manage", "create", "index"}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to mend; `area` is `account`, `health`, `shards` or `security`."""

    area: str
    what: str
    hint: str


def sight_findings(hidden: Iterable[str]) -> Iterator[Finding]:
    """Index patterns that this account may not see: what is there is missing in the days, not absent."""
    if names := ", ".join(hidden):
        yield Finding(
            "account",
            f"this account may not see {names}: their days are left out here",
            "give it monitor and view_index_metadata there: docs/operations/roles.md",
        )


def shard_findings(client: Elasticsearch, dailies: Iterable[Daily], capabilities: Capabilities) -> Iterator[Finding]:
    """Shards that are too large, or too many."""
    for daily in dailies:
        count = max(1, daily.shards)
        if daily.bytes / count > LARGEST_SHARD or daily.documents / count > MOST_DOCUMENTS:
            yield Finding(
                "shards",
                f"{daily.index} holds {daily.bytes / count / 2**30:.0f} GiB and {daily.documents // count:,} documents"
                " a shard",
                "set more shards for coming days: docs/operations/sizing.md says how many",
            )
    health = client.cluster.health()
    if health["active_shards"] > 0.8 * MOST_SHARDS * max(1, capabilities.data_nodes):
        yield Finding(
            "shards",
            f"{health['active_shards']} shards on {capabilities.data_nodes} data nodes",
            f"{MOST_SHARDS} a node is the limit, then no new day can begin: shorten retention, or add nodes",
        )
    if health["unassigned_shards"]:
        yield Finding(
            "health",
            f"{health['unassigned_shards']} shards have no node",
            "see `GET _cluster/allocation/explain`; a lone node cannot hold replicas",
        )


def security_findings(client: Elasticsearch, urls: Iterable[str], capabilities: Capabilities) -> Iterator[Finding]:
    """Open doors, as far as the account may see them."""
    if not capabilities.security:
        yield Finding(
            "security", "security is off: anyone who reaches it may do anything", "xpack.security.enabled: true"
        )
        return
    beyond = [url for url in urls if urlsplit(url).scheme == "http" and not _is_loopback(urlsplit(url).hostname or "")]
    if beyond:
        yield Finding(
            "security",
            f"passwords and documents travel in the clear to {', '.join(beyond)}",
            "xpack.security.http.ssl.enabled: true, and https:// here",
        )
    nodes = client.nodes.info(metric=["settings", "http"], flat_settings=True)["nodes"].values()
    yield from open_ports(nodes)
    if len(nodes) > 1 and not all(_on(node, "xpack.security.transport.ssl.enabled") for node in nodes):
        yield Finding("security", "nodes talk to each other in the clear", "xpack.security.transport.ssl.enabled: true")
    yield from _guessable(client)
    yield from _broad_roles(client)


def certificate_findings(client: Elasticsearch, clock: Clock) -> Iterator[Finding]:
    """Certificates of the node that answers that end soon, or have ended."""
    try:
        certificates: list[Mapping[str, Any]] = client.ssl.certificates().body
    except ApiError:
        return  # this account may not look
    now = datetime.fromtimestamp(clock.time(), UTC)
    for certificate in certificates:
        end = datetime.fromisoformat(certificate["expiry"])
        if end <= now + ENDS_SOON:
            yield Finding(
                "security",
                f"the certificate {certificate['path']} of {certificate['subject_dn']}"
                f" {'ended' if end <= now else 'ends'} on {end:%Y-%m-%d}",
                "make it anew: see docs/operations/compose.md for `shipper stack certificates`",
            )


def lacks(capabilities: Capabilities) -> list[str]:
    """What the cluster has not, and Shipper would use."""
    missing = {
        "richer types (match_only_text, wildcard): more disk": not capabilities.field_types,
        "snapshot lifecycle (SLM): take snapshots from cron": not capabilities.slm,
        "stored users and roles: they are in files": not capabilities.native_users,
        "document-level security: one index or cluster a tenant": not capabilities.document_security,
        "a second data node: no replicas, one disk is all": capabilities.data_nodes < 2,
    }
    return [name for name, absent in missing.items() if absent]


def open_ports(nodes: Iterable[Mapping[str, Any]]) -> Iterator[Finding]:
    """Of `GET _nodes/settings,http`: nodes that others can reach without TLS."""
    for node in nodes:
        addresses = node.get("http", {}).get("bound_address", ())
        outside = [address for address in addresses if not _is_loopback(address.rpartition(":")[0].strip("[]"))]
        if outside and not _on(node, "xpack.security.http.ssl.enabled"):
            yield Finding(
                "security",
                f"node {node['name']} listens without TLS at {', '.join(outside)}",
                "turn TLS on, or bind it to loopback or a private network that only you reach",
            )


def _guessable(client: Elasticsearch) -> Iterator[Finding]:
    for password in _DEFAULT_PASSWORDS:
        try:
            client.options(basic_auth=("elastic", password)).security.authenticate()
        except ApiError:
            continue
        yield Finding("security", "the user elastic has a default password", "POST _security/user/elastic/_password")
        return


def _broad_roles(client: Elasticsearch) -> Iterator[Finding]:
    try:
        roles = client.security.get_role().body
    except ApiError:
        return  # this account may not look
    for name in broad_roles(roles):
        yield Finding(
            "security", f"the role {name} may change our indices or the cluster", "narrow its names and privileges"
        )


def broad_roles(roles: Mapping[str, Any]) -> list[str]:
    """Of `GET _security/role`: those made by people that may change our logs or the whole cluster."""
    return [
        name
        for name, role in sorted(roles.items())
        if not role.get("metadata", {}).get("_reserved")
        and role.get("metadata", {}).get("managed_by") != META["managed_by"]
        and ("all" in role.get("cluster", ()) or any(map(_may_change_logs, role.get("indices", ()))))
    ]


def _may_change_logs(grant: Mapping[str, Any]) -> bool:
    reaches = any(fnmatch.fnmatch("shipper-logs-2026.01.01", pattern) for pattern in grant["names"])
    return reaches and bool(_STRONG & set(grant["privileges"]))


def _on(node: Mapping[str, Any], setting: str) -> bool:
    return str(node.get("settings", {}).get(setting, "false")) == "true"


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
