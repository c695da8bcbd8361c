"""Hosts by name: a name that does not resolve yet, and one whose address changes."""

from __future__ import annotations

import socket

import pytest

from shipper.agent.output.elasticsearch import ElasticsearchSettings
from shipper.agent.output.logstash import LogstashSettings
from shipper.config import Duration
from tests.support.agent_process import until
from tests.support.fake_bulk import FakeBulk
from tests.support.lumberjack_sink import LumberjackSink
from tests.support.pipe import Pipe, batch

NAME = "logs.failover.example"
KINDS = {
    "logstash": (LumberjackSink, LogstashSettings, f"{NAME}:5044"),
    "elasticsearch": (FakeBulk, ElasticsearchSettings, f"http://{NAME}:9200"),
}


@pytest.fixture
def book(monkeypatch):
    """What names resolve to: name -> (host, port)."""
    book: dict[str, tuple[str, int]] = {}
    real = socket.getaddrinfo

    def resolve(host, port, *arguments, **options):
        if host == NAME and host not in book:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return real(*book.get(host, (host, port)), *arguments, **options)

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    return book


def place(peer):
    host, _, port = peer.url.rpartition("/")[2].partition(":")
    return host, int(port)


@pytest.mark.parametrize("kind", KINDS)
def test_a_name_is_looked_up_for_each_connection(tmp_path, book, kind):
    peer, settings, host = KINDS[kind]
    with peer() as first, peer() as second:
        with Pipe(tmp_path, settings(hosts=[host], ttl=Duration(0.2))) as pipe:
            pipe.delivery.offer(batch(0, 10))
            assert until(lambda: pipe.host(host)["failures"] > 1)
            assert "Name or service not known" in pipe.host(host)["error"]
            book[NAME] = place(first)
            assert until(pipe.delivery.is_idle)
            assert len(first.documents) == 10
            assert pipe.host(host)["error"] == ""
            book[NAME] = place(second)
            number = 10
            while not second.documents:  # the connection that stands goes on until its `ttl`
                pipe.delivery.offer(batch(number, 10))
                assert until(pipe.delivery.is_idle)
                number += 10
        assert len(first.documents) + len(second.documents) == number
