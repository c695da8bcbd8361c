"""The outputs: `OUTPUTS` declares each with its options and what makes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shipper.logstash_runner.output import elasticsearch, files, pipeline
from shipper.logstash_runner.output.base import Declaration
from shipper.logstash_runner.plugin import OutputOptions

if TYPE_CHECKING:
    from collections.abc import Mapping

OUTPUTS: Mapping[str, Declaration] = {
    "elasticsearch": Declaration(elasticsearch.ElasticsearchOptions, elasticsearch.make),
    "file": Declaration(files.FileOptions, files.make_file),
    "null": Declaration(OutputOptions, files.make_null),
    "pipeline": Declaration(pipeline.PipelineOptions, pipeline.make),
    "stdout": Declaration(files.StdoutOptions, files.make_stdout),
}
"""Outputs of the subset."""

OUTSIDE = frozenset({
    "cloudwatch", "csv", "elastic_app_search", "elastic_workplace_search", "email", "graphite", "http", "kafka",
    "logstash", "lumberjack", "nagios", "pipe", "rabbitmq", "redis", "s3", "sns", "sqs", "tcp", "udp",
    "webhdfs",
})  # fmt: skip
"""Outputs that only Logstash has."""
