"""TLS for a listener, with certificates that may be renewed while it runs."""

from __future__ import annotations

import logging
import ssl
from pathlib import Path
from typing import Literal

from shipper.config import Secret, Settings
from shipper.errors import ConfigError

_log = logging.getLogger(__name__)

_VERIFY = {"none": ssl.CERT_NONE, "optional": ssl.CERT_OPTIONAL, "required": ssl.CERT_REQUIRED}


class ServerTls(Settings, frozen=True):
    """Certificate and key of the listener; `verify` says whether clients must show a certificate of `authorities`."""

    certificate: Path
    key: Path
    passphrase: Secret | None = None
    authorities: tuple[Path, ...] = ()
    verify: Literal["none", "optional", "required"] = "none"


class TlsContext:
    """The current context of a `ServerTls`; files that changed are read again, a bad edit keeps the old ones."""

    def __init__(self, settings: ServerTls) -> None:
        """Read the files.

        Raises:
            ConfigError: a file cannot be read or does not fit.
        """
        self._settings = settings
        self._stamp = self._files()
        self._context = _build(settings)

    def current(self) -> ssl.SSLContext:
        """The context for the next connection."""
        stamp = self._files()
        if stamp != self._stamp:
            self._stamp = stamp
            try:
                self._context = _build(self._settings)
                _log.info("read the renewed certificate %s", self._settings.certificate)
            except ConfigError as error:
                _log.error("keep the old certificate: %s", error)
        return self._context

    def _files(self) -> tuple[tuple[int, int, int] | None, ...]:
        settings = self._settings
        return tuple(map(_stat, (settings.certificate, settings.key, *settings.authorities)))


def _stat(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


def _build(settings: ServerTls) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    place = settings.certificate
    try:
        passphrase = settings.passphrase.reveal() if settings.passphrase else ""
        context.load_cert_chain(settings.certificate, settings.key, password=passphrase)
        for authority in settings.authorities:
            place = authority
            context.load_verify_locations(authority)
    except (OSError, ssl.SSLError) as error:
        reason = error.strerror or str(error)
        raise ConfigError(
            f"the certificate or its key cannot be used: {reason}",
            where=str(place),
            hint="check the files, their permissions and that the key belongs to the certificate",
        ) from error
    context.verify_mode = _VERIFY[settings.verify]
    return context
