"""The inputs: `INPUTS` declares each with its options and what makes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shipper.logstash_runner.input import beats, dead_letter_queue, generator, http, stdin, tcp
from shipper.logstash_runner.input.base import Declaration
from shipper.logstash_runner.plugin import InputOptions, String

if TYPE_CHECKING:
    from collections.abc import Mapping


class PipelineInputOptions(InputOptions, frozen=True, kw_only=True):
    """Where other pipelines send to."""

    address: String


INPUTS: Mapping[str, Declaration] = {
    "beats": Declaration(beats.BeatsOptions, beats.prepare),
    "dead_letter_queue": Declaration(dead_letter_queue.DeadLetterOptions, dead_letter_queue.prepare),
    "generator": Declaration(generator.GeneratorOptions, generator.prepare, ordered=True),
    "http": Declaration(http.HttpOptions, http.prepare),
    "pipeline": Declaration(PipelineInputOptions, None),
    "stdin": Declaration(stdin.StdinOptions, stdin.prepare, ordered=True),
    "tcp": Declaration(tcp.TcpOptions, tcp.prepare),
}
"""Inputs of the subset."""

OUTSIDE = frozenset({
    "azure_event_hubs", "couchdb_changes", "elastic_agent", "elasticsearch", "elastic_serverless_forwarder", "exec",
    "file", "ganglia", "gelf", "graphite", "heartbeat", "http_poller", "imap", "jdbc", "jms", "kafka", "logstash",
    "pipe", "rabbitmq", "redis", "s3", "snmp", "snmptrap", "sqs", "syslog", "twitter", "udp", "unix",
})  # fmt: skip
"""Inputs that only Logstash has."""
