"""TLS towards a peer."""

from __future__ import annotations

import ssl
from pathlib import Path

from shipper.config import Secret, Settings
from shipper.errors import ConfigError


class TlsSettings(Settings, frozen=True):
    """TLS 1.2 or newer.

    Attributes:
        ca: certificate authorities (PEM); by default the system's.
        certificate, key: our own (PEM), for mutual TLS; `passphrase` opens the key.
        verify: check the peer's certificate and name.
        server_name: the name in the peer's certificate, where it is not its host.
    """

    ca: Path | None = None
    certificate: Path | None = None
    key: Path | None = None
    passphrase: Secret | None = None
    verify: bool = True
    server_name: str | None = None

    def __post_init__(self) -> None:
        if (self.certificate is None) != (self.key is None):
            raise ValueError("`certificate` and `key` go together")
        if self.ca is not None and not self.verify:
            raise ValueError("`ca` without `verify` checks nothing; remove one")


def client_context(settings: TlsSettings) -> ssl.SSLContext:
    """A context for one connection; files are read anew, so that a renewed certificate is used.

    Raises:
        ConfigError: a file cannot be read or is no PEM.
    """
    try:
        context = ssl.create_default_context(cafile=str(settings.ca) if settings.ca else None)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        if not settings.verify:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        if settings.certificate is not None:
            passphrase = settings.passphrase.reveal() if settings.passphrase else ""
            context.load_cert_chain(settings.certificate, settings.key, passphrase)
    except (OSError, ssl.SSLError) as error:
        raise ConfigError(
            f"the TLS files cannot be used: {error}",
            where=str(settings.certificate or settings.ca),
            hint="check the paths, their permissions and that they are PEM",
        ) from error
    return context
