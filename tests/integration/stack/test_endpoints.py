"""The shared local stack of a test run."""

from __future__ import annotations

import pytest

from shipper.elastic.client import connect, for_role

pytestmark = pytest.mark.elasticsearch


def test_each_account_of_the_local_stack_has_its_own_role(endpoints):
    for role, account in endpoints.accounts.items():
        with connect(for_role(endpoints, role)) as client:
            known = client.security.authenticate()
        assert known["username"] == account.user
        assert known["roles"] == ["superuser" if role == "admin" else role]
