"""The formats by name, the surest first. A new format is one module and one line here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shipper.agent.codec.structured.json_line import JsonLine
from shipper.agent.codec.text.access import AccessLog
from shipper.agent.codec.text.app_servers import SERVER_FORMATS
from shipper.agent.codec.text.clouds import CLOUD_FORMATS
from shipper.agent.codec.text.daemon_files import MORE_DAEMON_FILES
from shipper.agent.codec.text.daemons import DAEMON_FILES
from shipper.agent.codec.text.dotnet import DOTNET_FORMATS
from shipper.agent.codec.text.elastic import Elastic
from shipper.agent.codec.text.elixir import ELIXIR_FORMATS
from shipper.agent.codec.text.frameworks import FRAMEWORK_FORMATS
from shipper.agent.codec.text.go_console import GO_FORMATS
from shipper.agent.codec.text.go_daemons import DAEMON_FORMATS
from shipper.agent.codec.text.haproxy import Haproxy
from shipper.agent.codec.text.headline import Headline
from shipper.agent.codec.text.hosts import HOST_FORMATS
from shipper.agent.codec.text.ibm_mq import IBM_FORMATS
from shipper.agent.codec.text.java import JAVA_FORMATS
from shipper.agent.codec.text.journal_export import JournalExport
from shipper.agent.codec.text.levelled import LEVELLED_FORMATS
from shipper.agent.codec.text.logfmt import Logfmt
from shipper.agent.codec.text.mysql import MYSQL_FORMATS
from shipper.agent.codec.text.nagios import NAGIOS_FORMATS
from shipper.agent.codec.text.node import NODE_FORMATS
from shipper.agent.codec.text.packages import PACKAGE_FORMATS
from shipper.agent.codec.text.php import PHP_FORMATS
from shipper.agent.codec.text.plain import Plain
from shipper.agent.codec.text.postgresql import PostgreSQL
from shipper.agent.codec.text.postgresql_csv import PostgreSQLCsv
from shipper.agent.codec.text.proxies import PROXY_FORMATS
from shipper.agent.codec.text.python import PYTHON_FORMATS
from shipper.agent.codec.text.ruby import RUBY_FORMATS
from shipper.agent.codec.text.rust import RustLog
from shipper.agent.codec.text.stores import STORE_FORMATS
from shipper.agent.codec.text.syslog import Syslog
from shipper.agent.codec.text.traefik import TraefikText
from shipper.agent.codec.text.w3c import W3C
from shipper.agent.codec.text.web_errors import WEB_ERROR_FORMATS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from shipper.agent.codec.format import TextFormat

FALLBACK = Plain()
"""Takes what no other format takes."""

_ORDER: Sequence[TextFormat] = (
    JsonLine(),
    Haproxy(),
    *DOTNET_FORMATS,
    Syslog(),
    TraefikText(),
    AccessLog(),
    *PROXY_FORMATS,
    W3C(),
    *WEB_ERROR_FORMATS,
    PostgreSQLCsv(),
    PostgreSQL(),
    *MYSQL_FORMATS,
    *STORE_FORMATS,
    *DAEMON_FILES,
    *MORE_DAEMON_FILES,
    *NAGIOS_FORMATS,
    *HOST_FORMATS,
    *PACKAGE_FORMATS,
    JournalExport(),
    Logfmt(),
    *GO_FORMATS,
    *DAEMON_FORMATS,
    Elastic(),
    *SERVER_FORMATS,
    *IBM_FORMATS,
    *CLOUD_FORMATS,
    *ELIXIR_FORMATS,
    *FRAMEWORK_FORMATS,
    *JAVA_FORMATS,
    *RUBY_FORMATS,
    *PHP_FORMATS,
    RustLog(),
    *PYTHON_FORMATS,
    *NODE_FORMATS,
    Headline(),
    *LEVELLED_FORMATS,
)
"""`auto` tries them in this order, those that are `weak` after all others."""

FORMATS: Mapping[str, TextFormat] = {format_.name: format_ for format_ in _ORDER}

GROUPS: Mapping[str, tuple[str, ...]] = {
    "dotnet": tuple(format_.name for format_ in DOTNET_FORMATS),
    "ecs": ("json",),
    "go": tuple(format_.name for format_ in (*GO_FORMATS, *DAEMON_FORMATS)),
    "java": tuple(format_.name for format_ in JAVA_FORMATS),
    "mysql": tuple(format_.name for format_ in MYSQL_FORMATS),
    "node": tuple(format_.name for format_ in NODE_FORMATS),
    "python": tuple(format_.name for format_ in PYTHON_FORMATS),
}
"""Names for several formats of one kind."""

NAMES: frozenset[str] = frozenset({*FORMATS, *GROUPS, "plain"})
"""What `codec:` may say, beside `auto`."""


def candidates(codec: str) -> Sequence[TextFormat]:
    """The formats that `codec` stands for.

    Raises:
        KeyError: there is no such codec.
    """
    if codec == "auto":
        return _ORDER
    if codec == FALLBACK.name:
        return ()
    return [FORMATS[name] for name in GROUPS.get(codec, (codec,))]
