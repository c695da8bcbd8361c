"""TLS of the Lumberjack server: mutual, renewed, and files that do not fit."""

from __future__ import annotations

import socket
import subprocess
import threading
import time
from typing import TYPE_CHECKING

import pytest
from logstash_async.transport import BeatsTransport

from shipper.config import Duration
from shipper.errors import ConfigError
from shipper.lumberjack.server import LumberjackServer, ServerSettings, ServerTls

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.integration.lumberjack.conftest import Sink


class Certificates:
    """A small authority made with openssl."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._openssl("req", "-x509", "-newkey", "ec", *self._curve, "-nodes", "-days", "2", "-subj", "/CN=ca",
                      "-keyout", "ca.key", "-out", "ca.crt")  # fmt: skip

    _curve = ("-pkeyopt", "ec_paramgen_curve:prime256v1")

    def issue(self, name: str, out: str | None = None) -> None:
        out = out or name
        self._openssl("req", "-newkey", "ec", *self._curve, "-nodes", "-subj", f"/CN={name}", "-addext",
                      "subjectAltName=IP:127.0.0.1", "-keyout", f"{out}.key", "-out", f"{out}.csr")  # fmt: skip
        self._openssl("x509", "-req", "-in", f"{out}.csr", "-CA", "ca.crt", "-CAkey", "ca.key", "-days", "2",
                      "-copy_extensions", "copy", "-out", f"{out}.crt")  # fmt: skip

    def __truediv__(self, name: str) -> Path:
        return self.folder / name

    def _openssl(self, *arguments: str) -> None:
        subprocess.run(["openssl", *arguments], cwd=self.folder, check=True, capture_output=True)


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    made = Certificates(tmp_path_factory.mktemp("certificates"))
    made.issue("server")
    made.issue("client")
    return made


def beats(server: LumberjackServer, certificates: Certificates, *, client: str | None) -> BeatsTransport:
    host, port = server.address
    return BeatsTransport(
        host=host,
        port=port,
        timeout=5,
        ssl_enable=True,
        ssl_verify=True,
        keyfile=str(certificates / f"{client}.key") if client else None,
        certfile=str(certificates / f"{client}.crt") if client else None,
        ca_certs=str(certificates / "ca.crt"),
        ssl_verify_flags=None,
    )


def test_mutual_tls_takes_a_known_client_and_refuses_the_others(
    serve: Callable[..., LumberjackServer], sink: Sink, certificates: Certificates
) -> None:
    tls = ServerTls(
        certificate=certificates / "server.crt",
        key=certificates / "server.key",
        authorities=(certificates / "ca.crt",),
        verify="required",
    )
    server = serve(tls=tls, keepalive=Duration(0.05))
    sink.hold = True
    transport = beats(server, certificates, client="client")
    sender = threading.Thread(target=transport.send, args=([b'{"n":%d}' % n for n in range(25)],))
    sender.start()
    sink.wait_for(25)
    time.sleep(0.2)  # some keepalives through TLS
    sink.held[0](True)
    sender.join(5)
    transport.close()
    stranger = beats(server, certificates, client=None)
    with pytest.raises(OSError):
        stranger.send([b'{"n":"stranger"}'])
    stranger.close()
    assert len(sink.events) == 25


def test_a_renewed_certificate_serves_new_connections_and_a_broken_one_keeps_the_old(
    serve: Callable[..., LumberjackServer], sink: Sink, certificates: Certificates
) -> None:
    certificates.issue("first", out="renewed")
    server = serve(tls=ServerTls(certificate=certificates / "renewed.crt", key=certificates / "renewed.key"))

    def subject() -> str:
        import ssl

        context = ssl.create_default_context(cafile=certificates / "ca.crt")
        with (
            socket.create_connection(server.address, timeout=10) as plain,
            context.wrap_socket(plain, server_hostname="127.0.0.1") as peer,
        ):
            shown = peer.getpeercert()
        assert shown is not None
        return str(dict(pair[0] for pair in shown["subject"])["commonName"])  # type: ignore[misc]  # the stubs know only the union

    assert subject() == "first"
    certificates.issue("second", out="renewed")
    assert subject() == "second"
    (certificates / "renewed.key").write_text("broken")
    assert subject() == "second"


def test_a_key_that_does_not_fit_is_an_error_for_people(sink: Sink, certificates: Certificates) -> None:
    tls = ServerTls(certificate=certificates / "server.crt", key=certificates / "client.key")
    with pytest.raises(ConfigError, match="key belongs to the certificate"):
        LumberjackServer(ServerSettings(port=0, tls=tls), sink)
