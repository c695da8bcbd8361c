"""Security findings from answers in the shapes of `GET _security/role` and `GET _nodes/settings,http` (8.19)."""

from __future__ import annotations

import pytest

from shipper.stack.findings import broad_roles, open_ports
from shipper.stack.roles import ROLES
from shipper.stack.templates import META


def role(names, privileges, *, cluster=(), metadata=None):
    grant = {"names": names, "privileges": privileges, "allow_restricted_indices": False}
    return {"cluster": list(cluster), "indices": [grant], "run_as": [], "metadata": metadata or {}}


@pytest.mark.parametrize(
    ("body", "broad"),
    [
        (role(["*"], ["all"]), True),
        (role(["shipper-*"], ["read", "delete"]), True),
        (role(["*"], ["read"]), False),
        (role(["orders-*"], ["all"]), False),
        (role([], [], cluster=["all"]), True),
        (role(["*"], ["all"], metadata={"_reserved": True}), False),
    ],
)
def test_a_role_of_people_that_may_change_our_logs_is_broad(body, broad):
    assert broad_roles({"theirs": body}) == (["theirs"] if broad else [])


def test_our_own_roles_are_not():
    ours = {one.name: {**one.render(), "metadata": META} for one in ROLES}
    assert broad_roles(ours) == []


@pytest.mark.parametrize(
    ("address", "tls", "found"),
    [
        ("127.0.0.1:9200", "false", 0),
        ("[::1]:9200", "false", 0),
        ("10.0.0.5:9200", "false", 1),
        ("[::]:9200", "false", 1),
        ("10.0.0.5:9200", "true", 0),
    ],
)
def test_a_port_that_others_reach_without_tls_is_open(address, tls, found):
    node = {
        "name": "n1",
        "settings": {"xpack.security.http.ssl.enabled": tls},
        "http": {"bound_address": [address], "publish_address": address},
    }
    assert len(list(open_ports([node]))) == found
