"""What `shipper agent test output` finds out about one host."""

from __future__ import annotations

import ssl
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from shipper.clock import iso_utc
from shipper.errors import ShipperError

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable


@dataclass(slots=True)
class Probe:
    """One host, asked once. None means: it cannot be told.

    Attributes:
        reachable: it takes connections.
        tls: `version` and `certificate_ends` (ISO 8601; None where the certificate is not checked); None without TLS.
        speaks: it answered in the output's protocol.
        authenticated: it knows the account; `user` is its name there.
        writable: index -> whether the account may make it and add documents.
        error: why no record would get in; empty if nothing speaks against it.
    """

    host: str
    reachable: bool = False
    tls: dict[str, str | None] | None = None
    speaks: bool | None = None
    authenticated: bool | None = None
    user: str | None = None
    writable: dict[str, bool] = field(default_factory=dict)
    error: str = ""

    @property
    def ok(self) -> bool:
        return self.reachable and not self.error

    def document(self) -> dict[str, Any]:
        """For `--json`."""
        return {**asdict(self), "ok": self.ok}

    def connected(self, sock: socket.socket | None) -> None:
        """It took the connection; note how."""
        self.reachable = True
        if isinstance(sock, ssl.SSLSocket):
            ends = (sock.getpeercert() or {}).get("notAfter")
            self.tls = {
                "version": sock.version(),
                "certificate_ends": iso_utc(ssl.cert_time_to_seconds(ends)) if isinstance(ends, str) else None,
            }


def probe_host(host: str, ask: Callable[[Probe], None]) -> Probe:
    """Let `ask` fill in the probe; whatever it raises is the host's error."""
    probe = Probe(host)
    try:
        ask(probe)
    except ssl.SSLError as error:
        probe.reachable = True
        probe.error = f"TLS: {error.strerror or error}"
        if isinstance(error, ssl.SSLCertVerificationError):
            probe.error = f"its certificate is refused: {error.verify_message}"
    except (OSError, ShipperError) as error:
        probe.error = str(error) or type(error).__name__
    return probe
