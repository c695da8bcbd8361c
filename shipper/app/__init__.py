"""What a service imports: five lines turn its logging into ECS, in a file, on stdout or straight to Logstash.

Example::

    from shipper import app
    app.configure(app.Service("checkout", version="1.4.2"), file="/var/log/checkout.json")
    log = logging.getLogger("checkout")
    with app.context(**{"trace.id": trace_id}):
        log.info("order placed", extra={"order": {"id": "o-1"}})

The service never waits: not for a disk, not for a Logstash that is down.
"""

try:
    from shipper.app.configure import configure
    from shipper.app.context import bind, bound, clear, context
    from shipper.app.formatter import EcsFormatter, Service
    from shipper.app.logstash import LogstashHandler, LogstashTarget
    from shipper.app.requests import AsgiMiddleware, WsgiMiddleware
    from shipper.app.structured import structlog_processor
    from shipper.app.tasks import CeleryTasks
except ModuleNotFoundError as error:
    if (error.name or "").startswith("shipper"):
        raise
    raise ModuleNotFoundError(
        f"shipper.app needs the package `{error.name}`: install Shipper with its extra `app` "
        "(pip install '.[app]' in its checkout)",
        name=error.name,
    ) from error

__all__ = [
    "AsgiMiddleware",
    "CeleryTasks",
    "EcsFormatter",
    "LogstashHandler",
    "LogstashTarget",
    "Service",
    "WsgiMiddleware",
    "bind",
    "bound",
    "clear",
    "configure",
    "context",
    "structlog_processor",
]
