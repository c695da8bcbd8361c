"""Each rule of the library about logs fires on lines as programs write them, by what our own codecs make of them."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
import pytest
from click.testing import CliRunner

from shipper.agent.metrics.host import Host
from shipper.cli.convert import command as convert
from shipper.cli.rules import command as rules
from shipper.clock import SystemClock, iso_utc
from shipper.event import get_field
from shipper.kql import fields
from shipper.rules.query_text import parse_query
from shipper.rules.state import Status
from tests.support.rule_stream import START

if TYPE_CHECKING:
    from collections.abc import Iterator

LIBRARY = Path(__file__).parents[3] / "alert_rules"
MINUTE = 60


def stamp(second: float) -> str:
    """As syslog's new format and logfmt have it."""
    return iso_utc(START + second)


def sshd(second: float, text: str) -> str:
    return f"{stamp(second)} bastion sshd[{2000 + int(second)}]: {text}"


def guesses() -> Iterator[str]:
    """One address tries thirty accounts in a minute; a user of another mistypes twice."""
    for number in range(30):
        yield sshd(
            600 + 2 * number, f"Failed password for invalid user u{number} from 203.0.113.9 port {4000 + number} ssh2"
        )
    for number in range(2):
        yield sshd(700 + number, "Failed password for ann from 198.51.100.7 port 5151 ssh2")
    yield sshd(703, "Accepted password for ann from 198.51.100.7 port 5151 ssh2")
    yield sshd(3600, "Accepted publickey for ann from 198.51.100.7 port 5152 ssh2")


def vsftpd(second: float, result: str, user: str, address: str, number: int) -> str:
    at = datetime.fromtimestamp(START + second, UTC).strftime("%a %b %e %H:%M:%S %Y")
    return f'{at} [pid {number}] [{user}] {result} LOGIN: Client "{address}"'


def ftp_guesses() -> Iterator[str]:
    """The same guesses at vsftpd."""
    for number in range(30):
        yield vsftpd(600 + 2 * number, "FAIL", f"u{number}", "203.0.113.9", number + 100)
    yield vsftpd(700, "FAIL", "ann", "198.51.100.7", 200)
    yield vsftpd(701, "OK", "ann", "198.51.100.7", 200)
    yield vsftpd(3600, "OK", "ann", "198.51.100.7", 201)


def login(result: str, user: str, address: str) -> str:
    return f"imap-login: {result}: user=<{user}>, method=PLAIN, rip={address}, lip=192.0.2.1, TLS, session=<abc>"


def mail_guesses() -> Iterator[str]:
    """At Dovecot, by way of syslog."""
    failed = "Disconnected: Connection closed (auth failed, 1 attempts in 2 secs)"
    for number in range(30):
        yield f"{stamp(600 + 2 * number)} mail dovecot: {login(failed, f'u{number}', '203.0.113.9')}"
    yield f"{stamp(700)} mail dovecot: {login(failed, 'ann', '198.51.100.7')}"
    yield f"{stamp(701)} mail dovecot: {login('Login', 'ann', '198.51.100.7')}"
    yield f"{stamp(3600)} mail dovecot: {login('Login', 'ann', '198.51.100.7')}"


def own_file_guesses() -> Iterator[str]:
    """The same in Dovecot's own file."""
    for line in mail_guesses():
        at, text = line.split(" mail dovecot: imap-login: ")
        yield f"{at[:19].replace('T', ' ')} imap-login: Info: {text}"


def sasl_guesses() -> Iterator[str]:
    """At Postfix, which asks Dovecot or Cyrus."""
    failed = "SASL LOGIN authentication failed: (reason unavailable), sasl_username=u"
    for number in range(30):
        text = f"warning: unknown[203.0.113.9]: {failed}{number}"
        yield f"{stamp(600 + 2 * number)} mail postfix/submission/smtpd[77]: {text}"
    yield f"{stamp(3600)} mail postfix/smtpd[78]: connect from unknown[198.51.100.7]"


def postgres() -> Iterator[str]:
    for number in range(360):
        text = "duration: 3456.789 ms  statement: select * from orders" if number > 120 else "checkpoint starting: time"
        yield f"{stamp(10 * number).replace('T', ' ').replace('Z', ' UTC')} [77] LOG:  {text}"


def mysql() -> Iterator[str]:
    for number in range(240):
        yield f"# Time: {stamp(10 * number)[:-1]}000Z"
        yield "# User@Host: app[app] @ localhost [127.0.0.1]  Id: 8"
        yield "# Query_time: 3.500000  Lock_time: 0.000100 Rows_sent: 1  Rows_examined: 100"
        yield "select * from orders;"


def mongodb() -> Iterator[str]:
    for number in range(240):
        attributes = {"type": "command", "ns": "shop.orders", "durationMillis": 3500}
        line = {
            "t": {"$date": stamp(10 * number)[:-1] + "+00:00"}, "s": "I", "c": "COMMAND", "id": 51803, "ctx": "conn1",
            "msg": "Slow query", "attr": attributes,
        }  # fmt: skip
        yield orjson.dumps(line).decode()


def nginx() -> Iterator[str]:
    """Two requests a second; after 130 min /checkout takes 7 s and every third request fails; silence after 150 min."""
    for number in range(2 * 60 * 150):
        second = number / 2
        bad = second > 130 * MINUTE
        path = ("/items/42", "/checkout")[number % 2]
        spent = 7.1 if bad and path == "/checkout" else 0.02
        at = datetime.fromtimestamp(START + second, UTC).strftime("%d/%b/%Y:%H:%M:%S +0000")
        status = 502 if bad and number % 3 == 0 else 200
        yield f'192.0.2.{number % 200} - - [{at}] "GET {path} HTTP/1.1" {status} 512 "-" "curl/8" {spent:.3f}'


def python() -> Iterator[str]:
    """A traceback of a type that was not there in the two hours before, among known ones."""
    for number in range(150):
        kind = "ValueError: no" if number != 140 else "SchemaMismatchError: column missing"
        at = stamp(60 * number)[:-1].replace("T", " ").replace(".", ",")
        yield f"{at} ERROR shop.orders Something failed"
        yield "Traceback (most recent call last):"
        yield '  File "/srv/shop/orders.py", line 7, in place'
        yield "    raise fail()"
        yield kind


def documents(lines: Iterator[str], folder: Path, *options: str) -> list[dict[str, Any]]:
    """What the agent makes of the lines of one file, ingested a second later."""
    file = folder / "some.log"
    file.write_text("\n".join(lines) + "\n")
    sets = [part for option in ("host.name=web-1", "event.dataset=main", *options) for part in ("--set", option)]
    result = CliRunner().invoke(convert, [*sets, "--timezone", "UTC", str(file)], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    found = [orjson.loads(line) for line in result.stdout.splitlines()]
    for document in found:
        document.setdefault("event", {})["ingested"] = document["@timestamp"]
    return found


def states(found: list[dict[str, Any]], rule: str, folder: Path) -> list[tuple[str, dict[str, str]]]:
    """(status, group) of each firing and resolution."""
    file = folder / "events.ndjson"
    file.write_bytes(b"".join(orjson.dumps(each) + b"\n" for each in found))
    arguments = ["replay", "--events", str(file), "--rule", str(LIBRARY / f"{rule}.yml"), "--json"]
    result = CliRunner().invoke(rules, arguments, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    changes = [orjson.loads(line) for line in result.stdout.splitlines()]
    return [(one["to"], one["group"]) for one in changes if one["to"] in (Status.FIRING, Status.RESOLVED)]


@pytest.mark.parametrize("rule", ["authentication-failures", "accounts-per-address"])
@pytest.mark.parametrize("log", [guesses, ftp_guesses, mail_guesses, own_file_guesses, sasl_guesses])
def test_a_daemon_that_is_guessed_at_fires_for_the_address_and_not_for_who_mistypes(log, rule, tmp_path):
    told = states(documents(log(), tmp_path), rule, tmp_path)
    assert told[0] == ("firing", {"source.ip": "203.0.113.9"})
    assert {group["source.ip"] for _, group in told} == {"203.0.113.9"}


@pytest.mark.parametrize("log", [postgres, mysql, mongodb])
def test_the_slow_log_of_a_database_fires_slow_queries(log, tmp_path):
    assert states(documents(log(), tmp_path), "slow-queries", tmp_path)[0] == ("firing", {"host.name": "web-1"})


SHOP = {"service.name": "shop"}
CHECKOUT = {**SHOP, "http.route": "/checkout"}


def test_the_access_log_of_a_service_in_trouble_fires_each_rule_that_it_is_about(tmp_path):
    found = documents(nginx(), tmp_path, "service.name=shop")
    assert {get_field(one, "http.route", None) for one in found} == {"/items/{id}", "/checkout"}
    expected = {
        "apdex": SHOP, "availability-budget": SHOP, "endpoint-slower": CHECKOUT, "error-ratio": SHOP,
        "latency-budget": SHOP, "latency-p95": CHECKOUT, "latency-p99": CHECKOUT, "log-flatline": SHOP,
        "saturation": {**SHOP, "host.name": "web-1"}, "traffic-drop": SHOP,
    }  # fmt: skip
    fired = {
        rule: [group for status, group in states(found, rule, tmp_path) if status == "firing"] for rule in expected
    }
    assert {rule: groups[:1] for rule, groups in fired.items()} == {rule: [group] for rule, group in expected.items()}


def test_a_traceback_of_a_new_type_fires_new_error_and_a_known_one_does_not(tmp_path):
    told = states(documents(python(), tmp_path, "service.name=shop"), "new-error", tmp_path)
    assert [group["error.type"] for status, group in told if status == "firing"] == ["SchemaMismatchError"]


@pytest.mark.parametrize("rule", ["host-cpu", "host-memory", "host-disk"])
def test_what_a_host_rule_reads_is_what_the_agent_measures(rule):
    import yaml

    text = yaml.safe_load((LIBRARY / f"{rule}.yml").read_text())
    dataset = text["filter"].removeprefix("event.dataset: ")
    assert set(fields(parse_query(text["filter"], rule, "filter"))) == {"event.dataset"}
    host = Host(SystemClock())
    list(host.sample(dataset.removeprefix("system.")))
    (sample, *_) = host.sample(dataset.removeprefix("system."))
    for name in {text["field"], *text["group_by"]} - {"host.name"}:
        assert get_field(sample[1] if isinstance(sample, tuple) else sample, name, None) is not None, name
