"""Whether an account sees the indices it is asked about: if it may not, Elasticsearch answers as if there were none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from elasticsearch import ApiError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from elasticsearch import Elasticsearch

_NO_SECURITY = frozenset({400, 404, 405, 500})
"""Answers of clusters whose security is off (`_security` has no handler there, or says that it is disabled)."""


def unseen(client: Elasticsearch, patterns: Iterable[str], privileges: Sequence[str]) -> list[str]:
    """Those of `patterns` for which the account lacks one of `privileges`; none where security is off.

    Raises:
        elasticsearch.ApiError, elasticsearch.TransportError: the cluster does not know the account, or cannot be asked.
    """
    wanted = list(patterns)
    if not wanted:
        return []
    body = {"index": [{"names": wanted, "privileges": list(privileges)}]}
    try:
        answer = client.perform_request(
            "POST",
            "/_security/user/_has_privileges",
            headers={"accept": "application/json", "content-type": "application/json"},
            body=body,
        ).body
    except ApiError as error:
        if error.status_code in _NO_SECURITY:
            return []
        raise
    return [pattern for pattern in wanted if not all(answer["index"][pattern].values())]
