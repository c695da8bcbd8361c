"""Security findings from answers in the shapes of `GET _security/role` and `GET _nodes/settings,http` (8.19)."""

from __future__ import annotations

from typing import Any

import pytest

from shipper.clock import ManualClock
from shipper.stack.findings import broad_roles, certificate_findings, open_ports
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


class Cluster:
    """Answers as `GET _ssl/certificates` does."""

    def __init__(self, *ends):
        self.ssl = self
        self.body = [
            {"path": f"{number}.crt", "format": "PEM", "subject_dn": "CN=es", "has_private_key": True, "expiry": end}
            for number, end in enumerate(ends)
        ]

    def certificates(self):
        return self


def test_certificates_that_ended_or_end_within_30_days_are_told():
    client: Any = Cluster("2025-12-01T00:00:00.000Z", "2026-01-20T00:00:00.000Z", "2026-03-01T00:00:00.000Z")
    found = [finding.what for finding in certificate_findings(client, ManualClock())]
    assert found == [
        "the certificate 0.crt of CN=es ended on 2025-12-01",
        "the certificate 1.crt of CN=es ends on 2026-01-20",
    ]


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
