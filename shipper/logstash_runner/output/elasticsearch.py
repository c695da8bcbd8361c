"""Output `elasticsearch`: a batch of events becomes operations; what is refused for good becomes dead letters."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Annotated

import orjson

from shipper.logstash_runner.dead_letters import entry
from shipper.logstash_runner.fault import EventFault
from shipper.logstash_runner.output.bulk import BulkPolicy, BulkSender, Operation, Rejection
from shipper.logstash_runner.output.nodes import NodePool, NodeSettings
from shipper.logstash_runner.plugin import (
    Array,
    Boolean,
    InvalidPluginError,
    Number,
    OutputOptions,
    OutsideSubsetError,
    Password,
    PathOption,
    RegisterError,
    String,
    Uris,
    one_of,
)
from shipper.logstash_runner.template import compile_template

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shipper.logstash_runner.event import Event
    from shipper.logstash_runner.output.base import OutputContext

_log = logging.getLogger(__name__)


class ElasticsearchOptions(OutputOptions, frozen=True, kw_only=True):
    """As Logstash's, without data streams, templates and scripts; intervals in seconds."""

    hosts: Uris = ("127.0.0.1",)
    index: String
    document_id: String | None = None
    action: Annotated[str, one_of("create", "index")] = "index"
    user: String | None = None
    password: Password | None = None
    api_key: Password | None = None
    path: String = ""
    timeout: Number = 60
    retry_initial_interval: Number = 2
    retry_max_interval: Number = 64
    compression_level: Number = 1
    data_stream: Annotated[str, one_of("false", "auto")] = "false"
    manage_template: Boolean = False
    ilm_enabled: Annotated[str, one_of("false")] = "false"
    dlq_on_failed_indexname_interpolation: Boolean = True
    ssl_enabled: Boolean | None = None
    ssl_verification_mode: Annotated[str, one_of("full", "certificate", "none")] = "full"
    ssl_certificate_authorities: Array = ()
    ssl_certificate: PathOption | None = None
    ssl_key: PathOption | None = None


def make(options: ElasticsearchOptions, context: OutputContext) -> ElasticsearchOutput:
    """Build the output; no connection is made yet.

    Raises:
        InvalidPluginError: two ways to log in, or half of one.
        ConfigError: a host is no address, a certificate cannot be read.
    """
    _check(options, context)
    pool = NodePool(
        NodeSettings(
            hosts=options.hosts,
            user=options.user,
            password=options.password,
            api_key=options.api_key,
            tls=options.ssl_enabled,
            authorities=tuple(str(path) for path in options.ssl_certificate_authorities),
            verification=options.ssl_verification_mode,
            certificate=str(options.ssl_certificate) if options.ssl_certificate else None,
            key=str(options.ssl_key) if options.ssl_key else None,
            path=options.path,
            timeout=float(options.timeout),
        ),
        context.locate,
        context.clock,
    )
    policy = BulkPolicy(
        retry_initial=float(options.retry_initial_interval),
        retry_max=float(options.retry_max_interval),
        compression=int(options.compression_level),
    )
    sender = BulkSender(pool, policy, context.clock, context.stopping)
    return ElasticsearchOutput(options, sender, pool, context)


def _check(options: ElasticsearchOptions, context: OutputContext) -> None:
    where = str(context.plugin.place)
    if options.manage_template:
        raise OutsideSubsetError(
            "templates are not managed here",
            where=where,
            hint="set manage_template => false; run `shipper stack setup`",
        )
    if options.api_key is not None and options.user is not None:
        raise InvalidPluginError("user and api_key exclude each other", where=where)
    if options.api_key is not None and not _secure(options):
        raise RegisterError(
            "Using api_key authentication requires SSL/TLS secured communication",
            where=where,
            hint="use https:// hosts",
        )
    if options.user is not None and options.password is None:
        raise InvalidPluginError("user and password belong together", where=where)


def _secure(options: ElasticsearchOptions) -> bool:
    if options.ssl_enabled is not None:
        return bool(options.ssl_enabled)
    return all(host.startswith("https://") for host in options.hosts)


class ElasticsearchOutput:
    """Writes through a `BulkSender`."""

    def __init__(
        self, options: ElasticsearchOptions, sender: BulkSender, pool: NodePool, context: OutputContext
    ) -> None:
        self._sender = sender
        self._pool = pool
        self._context = context
        self._index = compile_template(options.index)
        self._document_id = compile_template(options.document_id) if options.document_id is not None else None
        self._action = options.action.encode()
        self._heads: dict[str, bytes] = {}

    def receive(self, events: Sequence[Event]) -> None:
        operations: list[Operation] = []
        rejections: list[Rejection] = []
        for event in events:
            try:
                operations.append(self._operation(event))
            except EventFault as fault:
                rejections.append(Rejection(Operation(b"", b"", event), 400, str(fault)))
        rejections += self._sender.send(operations)
        if rejections:
            self._keep(rejections)

    def close(self) -> None:
        self._pool.close()

    def _operation(self, event: Event) -> Operation:
        head = self._head(self._index(event))
        if self._document_id is None:
            return Operation(head + b"}}\n", event.encode() + b"\n", event)
        line = b'%b,"_id":%b}}\n' % (head, orjson.dumps(self._document_id(event)))
        return Operation(line, event.encode() + b"\n", event)

    def _head(self, index: str) -> bytes:
        head = self._heads.get(index)
        if head is None:
            if "%{" in index:
                raise EventFault(f"could not resolve the dynamic index: {index}")
            if len(self._heads) > 1000:  # an index name made of a field with many values
                self._heads.clear()
            head = b'{"%b":{"_index":%b' % (self._action, orjson.dumps(index))
            self._heads[index] = head
        return head

    def _keep(self, rejections: Sequence[Rejection]) -> None:
        first = rejections[0]
        _log.warning("%d events refused for good, the first with %d: %s", len(rejections), first.status, first.reason)
        now = self._context.clock.time()
        self._context.letters.write(
            [
                entry(
                    operation.event.whole(),
                    ("elasticsearch", self._context.id),
                    f"Could not index event to Elasticsearch. status: {status}, reason: {reason}",
                    now,
                )
                for operation, status, reason in rejections
            ]
        )
