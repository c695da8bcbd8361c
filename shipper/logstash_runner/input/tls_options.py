"""The TLS options that the listening inputs share."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, cast

from shipper.logstash_runner.plugin import (
    Array,
    Boolean,
    InputOptions,
    InvalidPluginError,
    Number,
    Password,
    PathOption,
    RegisterError,
    one_of,
)
from shipper.lumberjack.tls import ServerTls

if TYPE_CHECKING:
    from shipper.logstash_runner.tree import Plugin


class ListenerOptions(InputOptions, frozen=True, kw_only=True):
    """TLS of a listener; `ssl_handshake_timeout` in milliseconds."""

    ssl_enabled: Boolean = False
    ssl_certificate: PathOption | None = None
    ssl_key: PathOption | None = None
    ssl_key_passphrase: Password | None = None
    ssl_certificate_authorities: Array = ()
    ssl_client_authentication: Annotated[str, one_of("none", "optional", "required")] = "none"
    ssl_supported_protocols: Array = ()
    ssl_handshake_timeout: Number = 10_000


def check_port(port: float, plugin: Plugin) -> None:
    """Make sure that it is one.

    Raises:
        RegisterError: it is not.
    """
    if not 0 <= port <= 65535 or port != int(port):
        raise RegisterError(f"{port:g} is no port", where=str(plugin.place), hint="choose one of 1 to 65535")


def server_tls(options: ListenerOptions, plugin: Plugin) -> ServerTls | None:
    """The TLS of a listener, None where it is off.

    Raises:
        InvalidPluginError: a certificate or an authority is missing.
    """
    if not options.ssl_enabled:
        return None
    where = str(plugin.place)
    if options.ssl_certificate is None or options.ssl_key is None:
        raise InvalidPluginError("ssl_certificate and ssl_key are needed when ssl_enabled is true", where=where)
    if options.ssl_client_authentication != "none" and not options.ssl_certificate_authorities:
        raise InvalidPluginError("ssl_client_authentication needs ssl_certificate_authorities", where=where)
    unknown = set(map(str, options.ssl_supported_protocols)) - {"TLSv1.2", "TLSv1.3"}
    if unknown:
        raise InvalidPluginError(f"only TLSv1.2 and TLSv1.3 are spoken, not {', '.join(sorted(unknown))}", where=where)
    return ServerTls(
        certificate=options.ssl_certificate,
        key=options.ssl_key,
        passphrase=options.ssl_key_passphrase,
        authorities=tuple(Path(str(item)) for item in options.ssl_certificate_authorities),
        verify=cast("Literal['none', 'optional', 'required']", options.ssl_client_authentication),
    )
