"""What a cluster can do, found by asking it, never by its version.

The local server core lacks much that a full distribution has; a cluster may lack a licence. Code that has two paths
asks here. Ask once a program and hand the result on: it is frozen.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from elasticsearch import ApiError, BadRequestError, NotFoundError

from shipper.errors import UnavailableError

if TYPE_CHECKING:
    from elasticsearch import Elasticsearch

RICHER_TYPES = ("match_only_text", "wildcard", "constant_keyword", "scaled_float", "unsigned_long")
_LICENCES_WITH_DOCUMENT_SECURITY = {"trial", "platinum", "enterprise"}


@dataclass(frozen=True, slots=True)
class Capabilities:
    """One cluster, at the time it was asked."""

    version: tuple[int, int, int]
    """The oldest node's version."""
    nodes: int
    data_nodes: int
    field_types: frozenset[str]
    """Those of `RICHER_TYPES` that a mapping may use."""
    painless: bool
    ilm: bool
    slm: bool
    transforms: bool
    security: bool
    """Users must show who they are."""
    native_users: bool
    """Roles, users and API keys can be stored through the security API."""
    document_security: bool
    """The licence lets a role see some documents of an index only."""

    def has_type(self, name: str) -> bool:
        """Whether a mapping may use the richer type `name`."""
        return name in self.field_types


def probe(client: Elasticsearch) -> Capabilities:
    """Ask the cluster; some ten small requests, none of which writes.

    An account that may not simulate templates sees no richer types: the plain path works everywhere.

    Raises:
        elasticsearch.TransportError, elasticsearch.ApiError: unreachable, or the account lacks `monitor`.
    """
    nodes = client.nodes.info(metric="plugins")["nodes"]
    modules = set.intersection(*({m["name"] for m in node["modules"]} for node in nodes.values()))
    version = min(_version(node["version"]) for node in nodes.values())
    licence = _licence(client)
    return Capabilities(
        version=version,
        nodes=len(nodes),
        data_nodes=sum(any(role.startswith("data") for role in node["roles"]) for node in nodes.values()),
        field_types=frozenset(name for name in RICHER_TYPES if _takes_type(client, name)),
        painless="lang-painless" in modules,
        ilm=_answers(client, "/_ilm/policy/shipper-probe"),
        slm=_answers(client, "/_slm/policy/shipper-probe"),
        transforms=_answers(client, "/_transform?size=1"),
        security=_answers(client, "/_security/_authenticate"),
        native_users="analysis-common" in modules,  # the security index needs its analysers
        document_security=licence in _LICENCES_WITH_DOCUMENT_SECURITY,
    )


def _version(text: str) -> tuple[int, int, int]:
    try:
        major, minor, patch = text.partition("-")[0].split(".")
        return int(major), int(minor), int(patch)
    except ValueError as error:
        raise UnavailableError(
            f"this is no version of Elasticsearch: {text!r}", hint="look at what stands between"
        ) from error


def _licence(client: Elasticsearch) -> str:
    try:
        licence: dict[str, Any] = client.license.get()["license"]
    except NotFoundError:  # a serverless or a stripped cluster
        return "none"
    return str(licence["type"]) if licence["status"] == "active" else "none"


def _takes_type(client: Elasticsearch, name: str) -> bool:
    options = {"scaling_factor": 100} if name == "scaled_float" else {}
    mapping = {"properties": {"field": {"type": name, **options}}}
    try:
        client.indices.simulate_template(
            index_patterns=["shipper-capability-probe-*"], template={"mappings": mapping}, priority=1_000_000
        )
    except BadRequestError:
        return False
    except ApiError as error:
        if error.status_code == 403:
            return False
        raise
    return True


def _answers(client: Elasticsearch, path: str) -> bool:
    """Whether the cluster knows `path` at all: "there is none" and "you may not" are a yes.

    The paths are chosen so that a cluster without them says 400: the client takes a 405 for a sick node.
    """
    try:
        client.perform_request("GET", path, headers={"accept": "application/json"})
    except ApiError as error:
        if error.status_code in {401, 403, 404}:
            return True
        if error.status_code in {400, 405}:
            return False
        raise UnavailableError(
            f"the cluster did not say whether it has {path}: {error.status_code}", hint="try again later"
        ) from error
    return True
