"""TLS towards a peer."""

from __future__ import annotations

import logging
import ssl
import threading
from pathlib import Path

from shipper.config import Secret, Settings
from shipper.errors import ConfigError

_LOG = logging.getLogger("shipper.agent.output")

Stamp = tuple[tuple[int, int, int] | None, ...]


class TlsSettings(Settings, frozen=True):
    """TLS 1.2 or newer.

    Attributes:
        ca: certificate authorities (PEM); by default the system's.
        certificate, key: our own (PEM), for mutual TLS; `passphrase` opens the key.
        verify: check the peer's certificate and name.
        server_name: the name in the peer's certificate, where it is not its host.

    Files that change are used for new connections within a second; where they do not fit, the old ones stay in use.
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


class ClientTls:
    """The current context; files that changed are read again, a bad edit keeps the old ones. Thread-safe."""

    def __init__(self, settings: TlsSettings) -> None:
        """Read the files.

        Raises:
            ConfigError: a file cannot be read or does not fit.
        """
        self._settings = settings
        self._files = [path for path in (settings.ca, settings.certificate, settings.key) if path is not None]
        self._lock = threading.Lock()
        self._read_at = self.stamp()
        self._context = client_context(settings)

    def stamp(self) -> Stamp:
        """Of the files as they are now; another one means that they changed."""
        return tuple(map(_stat, self._files))

    def context(self) -> ssl.SSLContext:
        """For the next connection."""
        with self._lock:
            stamp = self.stamp()
            if stamp != self._read_at:
                self._read_at = stamp
                try:
                    self._context = client_context(self._settings)
                    _LOG.info("read the renewed TLS files %s", ", ".join(map(str, self._files)))
                except ConfigError as error:
                    _LOG.error("keep the old TLS files: %s", error)
            return self._context


def _stat(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


def client_context(settings: TlsSettings) -> ssl.SSLContext:
    """A context made of the files as they are now.

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
