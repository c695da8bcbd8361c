"""The site on a loopback socket. Only names of this machine are answered, so that no other site can reach in."""

from __future__ import annotations

import logging
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Self

from shipper.errors import UnavailableError

if TYPE_CHECKING:
    from types import TracebackType

    from shipper.web.site import Response, Site

LOG = logging.getLogger(__name__)
IDLE_SECONDS = 30.0
"""A connection that sends nothing for so long is closed."""


class Server:
    """Serves a `Site` on 127.0.0.1; a context manager, or `serve_forever` in the foreground."""

    def __init__(self, site: Site, port: int = 0) -> None:
        """Bind at once; port 0 takes a free one.

        Raises:
            UnavailableError: the port is taken or not allowed.
        """
        try:
            self._http = _Http(port, site)
        except (OSError, OverflowError) as error:
            raise UnavailableError(
                f"cannot listen: {error}", where=f"127.0.0.1:{port}", hint="choose another with --port, or 0 for any"
            ) from error
        self._thread: threading.Thread | None = None

    @property
    def port(self) -> int:
        """The port that was bound."""
        return int(self._http.server_address[1])

    @property
    def url(self) -> str:
        """`http://127.0.0.1:<port>/`."""
        return f"http://127.0.0.1:{self.port}/"

    def serve_forever(self) -> None:
        """Answer until `close` is called from another thread or the program is interrupted."""
        self._http.serve_forever(poll_interval=0.05)

    def close(self) -> None:
        """Stop answering and free the port. Safe to call twice."""
        if self._thread is not None:
            self._http.shutdown()
            self._thread.join()
            self._thread = None
        self._http.server_close()

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self.serve_forever, name="site", daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class _Http(ThreadingHTTPServer):
    """Threads that share one site."""

    daemon_threads = True

    def __init__(self, port: int, site: Site) -> None:
        self.site = site
        super().__init__(("127.0.0.1", port), _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A browser that leaves, at whatever moment, is no fault of ours to print."""
        if isinstance(sys.exception(), ConnectionError | TimeoutError):
            LOG.debug("a reader left: %s", sys.exception())
            return
        super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    """Hands each request to the site."""

    server: _Http
    protocol_version = "HTTP/1.1"
    server_version = "Shipper"
    sys_version = ""
    timeout = IDLE_SECONDS

    def do_GET(self) -> None:
        self._answer(with_body=True)

    def do_HEAD(self) -> None:
        self._answer(with_body=False)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        LOG.debug(format, *args)

    def _answer(self, *, with_body: bool) -> None:
        if not self._is_for_us():
            self.send_error(421, "Misdirected Request", "This address is not served here.")
            return
        response = self._respond()
        try:
            self.send_response(response.status)
            for name, value in response.headers.items():
                self.send_header(name, value)
            self.end_headers()
            if with_body:
                self.wfile.write(response.body)
        except (BrokenPipeError, ConnectionResetError):  # the reader left
            self.close_connection = True

    def _respond(self) -> Response:
        try:
            return self.server.site.respond(self.path)
        except Exception:  # the boundary: one broken page must not end the site
            LOG.exception("a page failed: %s", self.path)
            return self.server.site.failure()

    def _is_for_us(self) -> bool:
        """Refuse foreign host names: DNS rebinding makes a browser send them to loopback."""
        port = self.server.server_address[1]
        hosts = self.headers.get_all("Host") or []
        return len(hosts) == 1 and hosts[0].lower() in {f"127.0.0.1:{port}", f"localhost:{port}"}
