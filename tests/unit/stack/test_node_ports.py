"""Which ports a local server tries, in which order."""

from __future__ import annotations

from pathlib import Path

from shipper.stack.node import HTTP_PORTS, http_ports


def tried(folder: str) -> list[int]:
    """The ports in their order."""
    bounds = [tuple(map(int, part.split("-"))) for part in http_ports(Path(folder)).split(",")]
    return [port for low, high in bounds for port in range(low, high + 1)]


def test_a_folder_tries_every_port_once_and_always_in_the_same_order():
    for number in range(300):
        ports = tried(f"/home/{number}")
        assert sorted(ports) == list(range(HTTP_PORTS[0], HTTP_PORTS[1] + 1))
        assert ports == tried(f"/home/{number}")


def test_homes_begin_at_places_of_their_own_so_that_none_takes_the_port_of_one_that_is_down():
    begins = {tried(f"/home/{number}")[0] for number in range(300)}
    assert len(begins) > 80
