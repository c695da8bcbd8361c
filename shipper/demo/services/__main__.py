"""Run one service: `python -m shipper.demo.services NAME --log DIR --port-file FILE [--peer name=port …]`."""

from __future__ import annotations

import logging
import signal
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import click

from shipper import app
from shipper.demo.services.peer import Peer
from shipper.demo.services.server import ServiceServer
from shipper.demo.services.shop import Checkout, Inventory, Mailer, Web
from shipper.home import write_private

if TYPE_CHECKING:
    from shipper.demo.services.server import Service

NAMES = ("web", "checkout", "inventory", "mailer")


@click.command()
@click.argument("name", type=click.Choice(NAMES))
@click.option("--log", "folder", type=click.Path(path_type=Path), required=True, help="Folder of the log files.")
@click.option(
    "--port-file", type=click.Path(path_type=Path), required=True, help="Where to write the port, once ready."
)
@click.option("--peer", "peers", multiple=True, help="A service downstream, as name=port.")
@click.option("--logstash", help="host:port of Logstash's beats input (mailer only).")
def main(name: str, folder: Path, port_file: Path, peers: tuple[str, ...], logstash: str | None) -> None:
    """Serve until SIGTERM."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    known = {key: Peer(int(port)) for key, port in (peer.split("=") for peer in peers)}
    server = ServiceServer(_service(name, folder, known, logstash))
    write_private(port_file, str(server.port).encode())
    server.serve_until(stop)
    logging.shutdown()


def _service(name: str, folder: Path, peers: dict[str, Peer], logstash: str | None) -> Service:
    if name == "web":
        return Web(folder / "web.access.log", peers["checkout"], peers["inventory"])
    if name == "checkout":
        app.configure(app.Service("checkout", version="1.4.2", environment="demo"), file=folder / "checkout.json")
        return Checkout(peers["inventory"], peers["mailer"])
    if name == "inventory":
        return Inventory(folder / "inventory.log")
    host, port = (logstash or "127.0.0.1:5044").rsplit(":", 1)
    target = app.LogstashTarget(host, int(port), queue=folder / "mailer.queue.sqlite")
    app.configure(app.Service("mailer", version="0.9.0", environment="demo"), logstash=target)
    return Mailer()


main()
