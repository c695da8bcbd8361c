"""Brings a cluster to what Shipper needs: plan first, then apply; a second run changes nothing.

What somebody else made under one of our names is never touched: it is reported, and the run fails.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from elasticsearch import NotFoundError

from shipper.elastic.capability import probe
from shipper.errors import FindingError
from shipper.stack.roles import OURS, all_roles
from shipper.stack.shadows import find_shadows
from shipper.stack.snapshots import same_repository
from shipper.stack.templates import META, component_templates, index_templates

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from elasticsearch import Elasticsearch

    from shipper.elastic.capability import Capabilities
    from shipper.stack.settings import RepositorySettings
    from shipper.stack.shadows import Shadow

Kind = Literal["component_template", "index_template", "template", "role", "repository", "slm_policy"]
Action = Literal["create", "update", "unchanged", "foreign", "shadows", "outranked"]

_PATHS: Mapping[Kind, str] = {
    "component_template": "_component_template",
    "index_template": "_index_template",
    "template": "_template",
    "role": "_security/role",
    "repository": "_snapshot",
    "slm_policy": "_slm/policy",
}


@dataclass(frozen=True, slots=True)
class Step:
    """One object, and what has to be done with it.

    `foreign`: it is there and not ours. `shadows`: a template of others whose priority is that of ours or above, and
    which matches our indices; `outranked`: one that matches them, and ours goes before it.
    """

    kind: Kind
    name: str
    action: Action
    body: Mapping[str, Any]
    existing: Mapping[str, Any] | None = None
    """What is there, in the same shape."""


@dataclass(frozen=True, slots=True)
class TemplateWishes:
    """How templates are to be.

    Attributes:
        force: ours go one above those of others that match our indices.
        logsdb: new days of logs are in Elasticsearch's logsdb mode.
    """

    force: bool = False
    logsdb: bool = False


def plan(
    client: Elasticsearch,
    prefix: str = "",
    tenants: Iterable[str] = (),
    snapshots: RepositorySettings | None = None,
    templates: TemplateWishes = TemplateWishes(),
) -> list[Step]:
    """What `apply` would do, in its order; only reads.

    A snapshot schedule is part of it only where the cluster has SLM; see `unmet`.
    """
    capabilities = probe(client)
    ours = index_templates(capabilities, prefix)
    found = find_shadows(client, ours)
    _rank(client, ours, found, force=templates.force)
    wanted: list[tuple[Kind, str, dict[str, Any]]] = [
        *(
            ("component_template", name, body)
            for name, body in component_templates(capabilities, prefix, logsdb=templates.logsdb).items()
        ),
        *(("index_template", name, body) for name, body in ours.items()),
        *(("role", name, body) for name, body in _roles(capabilities, prefix, tenants).items()),
        *_snapshot_objects(capabilities, prefix, snapshots),
    ]
    return [*_shadowing(found, ours), *(_step(client, kind, name, body) for kind, name, body in wanted)]


def _rank(client: Elasticsearch, ours: dict[str, dict[str, Any]], found: Iterable[Shadow], *, force: bool) -> None:
    """Set the priorities in `ours`: what an earlier run with `force` raised stays where it is."""
    for name, body in ours.items():
        existing = _existing(client, "index_template", name)
        if existing is not None and _ours("index_template", existing, body):
            body["priority"] = max(body["priority"], existing.get("priority", 0))
        above = [shadow.priority for shadow in found if shadow.priority is not None and name in shadow.covers]
        if force and above and max(above) >= body["priority"]:
            body["priority"] = max(above) + 1


def _shadowing(found: Iterable[Shadow], ours: Mapping[str, Mapping[str, Any]]) -> Iterable[Step]:
    for shadow in found:
        if shadow.priority is None:
            yield Step("template", shadow.name, "outranked", {}, shadow.body)
            continue
        lowest = min(ours[name]["priority"] for name in shadow.covers)
        action: Action = "shadows" if shadow.priority >= lowest else "outranked"
        yield Step("index_template", shadow.name, action, {}, shadow.body)


def unmet(client: Elasticsearch, snapshots: RepositorySettings | None) -> list[str]:
    """What was asked for and this cluster cannot do, in words."""
    if snapshots is None or snapshots.schedule is None or probe(client).slm:
        return []
    return ["this cluster has no snapshot lifecycle: run `shipper stack snapshot` from cron or a timer instead"]


def apply(client: Elasticsearch, steps: Iterable[Step]) -> None:
    """Create and update what the plan says.

    Raises:
        FindingError: something of ours is there already, made by someone else, or a template of others would be
            used for our indices in place of ours; nothing was changed.
    """
    steps = list(steps)
    shadows = [
        f"{step.name} (priority {(step.existing or {}).get('priority', 0)})"
        for step in steps
        if step.action == "shadows"
    ]
    if shadows:
        raise FindingError(
            f"templates of others would be used for our indices in place of ours: {', '.join(shadows)}",
            hint="narrow their patterns, lower their priority, or let ours go above them with --force-templates",
        )
    foreign = [step for step in steps if step.action == "foreign"]
    if foreign:
        raise FindingError(
            f"not made by Shipper: {', '.join(f'{step.kind} {step.name}' for step in foreign)}",
            hint="rename or delete it, or give this installation a prefix of its own",
        )
    for step in steps:
        if step.action in {"create", "update"}:
            client.perform_request(
                "PUT",
                f"/{_PATHS[step.kind]}/{step.name}",
                headers={"accept": "application/json", "content-type": "application/json"},
                body=step.body,
            )


def set_up(client: Elasticsearch, prefix: str = "", tenants: Iterable[str] = ()) -> list[Step]:
    """`plan`, then `apply`; returns the plan."""
    steps = plan(client, prefix, tenants)
    apply(client, steps)
    return steps


def _roles(capabilities: Capabilities, prefix: str, tenants: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Roles through the security API; where that cannot store any (the local stack) `roles.yml` holds them."""
    if not capabilities.native_users:
        return {}
    return {prefix + role.name: {**role.render(prefix), "metadata": META} for role in all_roles(tenants)}


def _snapshot_objects(
    capabilities: Capabilities, prefix: str, snapshots: RepositorySettings | None
) -> Iterable[tuple[Kind, str, dict[str, Any]]]:
    if snapshots is None:
        return
    yield "repository", snapshots.name, snapshots.body()
    if snapshots.schedule is not None and capabilities.slm:
        yield "slm_policy", f"{prefix}shipper", {
            "schedule": snapshots.schedule,
            "name": "<shipper-{now/d}>",
            "repository": snapshots.name,
            "config": {
                "indices": [prefix + pattern for pattern in OURS],
                "include_global_state": False,
                "metadata": META,
            },
            "retention": {"expire_after": f"{snapshots.keep_days}d", "min_count": 1},
        }  # fmt: skip


def _step(client: Elasticsearch, kind: Kind, name: str, body: dict[str, Any]) -> Step:
    existing = _existing(client, kind, name)
    if existing is None:
        return Step(kind, name, "create", body)
    if not _ours(kind, existing, body):
        return Step(kind, name, "foreign", body, existing)
    present = {key: existing.get(key) for key in body}
    same = kind == "repository" or _normal(present) == _normal(body)
    return Step(kind, name, "unchanged" if same else "update", body, present)


def _existing(client: Elasticsearch, kind: Kind, name: str) -> dict[str, Any] | None:
    try:
        answer = client.perform_request("GET", f"/{_PATHS[kind]}/{name}", headers={"accept": "application/json"}).body
    except NotFoundError:
        return None
    if kind in {"role", "repository"}:
        return answer.get(name)  # type: ignore[no-any-return]  # the client types every answer as Any
    if kind == "slm_policy":
        return answer[name]["policy"]  # type: ignore[no-any-return]  # the client types every answer as Any
    return answer[f"{kind}s"][0][kind]  # type: ignore[no-any-return]  # the client types every answer as Any


def _ours(kind: Kind, existing: Mapping[str, Any], body: Mapping[str, Any]) -> bool:
    """Whether we made it: by its mark; a repository carries none, and is ours where it is the same."""
    if kind == "repository":
        return same_repository(existing, body)
    mark = existing.get("_meta") or existing.get("metadata") or existing.get("config", {}).get("metadata") or {}
    return bool(mark.get("managed_by") == META["managed_by"])


def difference(step: Step) -> list[str]:
    """What an update changes, a line a setting: `- path: old` and `+ path: new`."""
    if step.action != "update" or step.existing is None:
        return []
    old, new = (_leaves(_normal(dict(side))) for side in (step.existing, step.body))
    lines = []
    for path in sorted(old.keys() | new.keys()):
        if old.get(path) != new.get(path):
            lines += [f"- {path}: {old[path]}"] if path in old else []
            lines += [f"+ {path}: {new[path]}"] if path in new else []
    return lines


def _leaves(value: Any) -> dict[str, str]:
    return {path: json.dumps(item, sort_keys=True) for path, item in _flat(value, "")}


def _normal(value: Any, key: str = "") -> Any:
    """Elasticsearch gives settings back nested and as text, and adds defaults to roles."""
    if key == "settings":
        return {name: _text(item) for name, item in _flat(value, "")}
    if isinstance(value, dict):
        return {name: _normal(item, name) for name, item in value.items() if (name, item) != _DEFAULT_IN_ROLES}
    if isinstance(value, list):
        return [_normal(item) for item in value]
    return value


_DEFAULT_IN_ROLES = ("allow_restricted_indices", False)


def _flat(value: Any, path: str) -> Iterable[tuple[str, Any]]:
    if not isinstance(value, dict):
        yield path, value
        return
    for name, item in value.items():
        yield from _flat(item, f"{path}.{name}" if path else name)


def _text(value: Any) -> Any:
    if isinstance(value, list):
        return [str(item) for item in value]
    return str(value).lower() if isinstance(value, bool) else str(value)
