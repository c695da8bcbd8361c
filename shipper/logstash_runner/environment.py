"""What the pipelines' variables mean when the runner belongs to a local installation.

A variable that is set always wins; the rest comes from `endpoints.json` of the home, so that
`shipper logstash run` works after `shipper stack up` without a single setting.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from shipper.errors import UnavailableError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from shipper.home import Endpoints, Home

_log = logging.getLogger(__name__)
_ACCOUNTS = {
    "SHIPPER_WRITER": "shipper_writer",
    "SHIPPER_CAMPAIGN": "campaign_writer",
    "SHIPPER_HTTP": "campaign_writer",
}


def local_environment(environment: Mapping[str, str], home: Home, folder: Path | None) -> dict[str, str]:
    """`environment` completed from the home, if there is one.

    `folder` is where `pipelines.yml` stands; its `pipelines/` is the default of SHIPPER_PIPELINES.
    """
    completed = dict(environment) if folder is None else pipelines_environment(environment, folder)
    endpoints = endpoints_of(home)
    if endpoints is None:
        return completed
    completed.setdefault("SHIPPER_ES_URL", " ".join(endpoints.hosts))
    for prefix, role in _ACCOUNTS.items():
        account = endpoints.accounts.get(role)
        if account is not None and f"{prefix}_PASSWORD" not in environment:
            completed[f"{prefix}_USER"] = account.user
            completed[f"{prefix}_PASSWORD"] = account.password
    # two homes on one machine never fight for a port: what is free is taken and published
    completed.setdefault("SHIPPER_BEATS_PORT", "0")
    completed.setdefault("SHIPPER_HTTP_PORT", "0")
    completed.setdefault("SHIPPER_SIGNED_PORT", "0")
    return completed


def without_accounts(environment: Mapping[str, str]) -> dict[str, str]:
    """A value for each password that `stack up` would have given and `environment` lacks: to check, not to run."""
    return {name: "unknown" for prefix in _ACCOUNTS if (name := f"{prefix}_PASSWORD") not in environment}


def pipelines_environment(environment: Mapping[str, str], folder: Path) -> dict[str, str]:
    """`environment` with the `pipelines/` beside `pipelines.yml` as the default of SHIPPER_PIPELINES."""
    return {"SHIPPER_PIPELINES": str(folder / "pipelines"), **environment}


def endpoints_of(home: Home) -> Endpoints | None:
    """The home's endpoints, or None where no local stack was set up.

    Raises:
        UnavailableError: the file is there but damaged.
    """
    try:
        return home.endpoints()
    except UnavailableError:
        if home.endpoints_file.exists():
            raise
        return None


class LocalCluster:
    """Finds the home's Elasticsearch again when it listens elsewhere, or on another of its nodes."""

    def __init__(self, home: Home, addresses: str | None) -> None:
        """`addresses` is what the pipelines were given, blanks between; others than the home's are left alone."""
        self._home = home
        endpoints = endpoints_of(home) if addresses is not None else None
        hosts = set(endpoints.hosts) if endpoints is not None else set()
        self._known = hosts if hosts & set((addresses or "").split()) else set()

    def __call__(self, url: str) -> Sequence[str]:
        """Where the cluster that was at `url` is now; `url` itself where that is not known."""
        if url not in self._known:
            return (url,)
        try:
            hosts = self._home.endpoints().hosts
        except UnavailableError as error:  # the stack is down, or writes the file just now
            _log.info("the address of Elasticsearch is not known: %s", error)
            return (url,)
        self._known.update(hosts)
        return hosts


def data_folder(home: Home) -> Path:
    """Where the runner keeps offsets and dead letters."""
    return home.path / "logstash"


def with_dead_letters(environment: Mapping[str, str], data: Path) -> dict[str, str]:
    """`environment` with the folder of the dead letters, which is made if it is not there."""
    folder = Path(environment.get("SHIPPER_DLQ_PATH") or data / "dead_letter_queue")
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return {**environment, "SHIPPER_DLQ_PATH": str(folder)}


def publish(home: Home, addresses: Mapping[str, str]) -> None:
    """Write the addresses of the inputs `beats` and `http` into the home's endpoints."""
    endpoints = endpoints_of(home)
    if endpoints is not None:
        home.publish(replace(endpoints, logstash_beats=addresses.get("beats"), logstash_http=addresses.get("http")))
