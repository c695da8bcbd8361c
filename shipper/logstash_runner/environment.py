"""What the pipelines' variables mean when the runner belongs to a local installation.

A variable that is set always wins; the rest comes from `endpoints.json` of the home, so that
`shipper logstash run` works after `shipper stack up` without a single setting.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from shipper.errors import UnavailableError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from shipper.home import Endpoints, Home

_ACCOUNTS = {
    "SHIPPER_WRITER": "shipper_writer",
    "SHIPPER_CAMPAIGN": "campaign_writer",
    "SHIPPER_HTTP": "campaign_writer",
}


def local_environment(environment: Mapping[str, str], home: Home, folder: Path | None) -> dict[str, str]:
    """`environment` completed from the home, if there is one.

    `folder` is where `pipelines.yml` stands; its `pipelines/` is the default of SHIPPER_PIPELINES.
    """
    completed = dict(environment)
    if folder is not None:
        completed.setdefault("SHIPPER_PIPELINES", str(folder / "pipelines"))
    endpoints = endpoints_of(home)
    if endpoints is None:
        return completed
    completed.setdefault("SHIPPER_ES_URL", endpoints.elasticsearch)
    completed.setdefault("SHIPPER_DLQ_PATH", str(dead_letter_folder(home)))
    for prefix, role in _ACCOUNTS.items():
        account = endpoints.accounts.get(role)
        if account is not None and f"{prefix}_PASSWORD" not in environment:
            completed[f"{prefix}_USER"] = account.user
            completed[f"{prefix}_PASSWORD"] = account.password
    # two homes on one machine never fight for a port: what is free is taken and published
    completed.setdefault("SHIPPER_BEATS_PORT", "0")
    completed.setdefault("SHIPPER_HTTP_PORT", "0")
    return completed


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


def data_folder(home: Home) -> Path:
    """Where the runner keeps offsets and dead letters."""
    return home.path / "logstash"


def dead_letter_folder(home: Home) -> Path:
    """Where outputs put what Elasticsearch refused, a folder a pipeline."""
    return data_folder(home) / "dead_letter_queue"


def publish(home: Home, addresses: Mapping[str, str]) -> None:
    """Write the addresses of the inputs `beats` and `http` into the home's endpoints."""
    endpoints = endpoints_of(home)
    if endpoints is not None:
        home.publish(replace(endpoints, logstash_beats=addresses.get("beats"), logstash_http=addresses.get("http")))
