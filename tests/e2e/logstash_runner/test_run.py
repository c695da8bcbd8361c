"""`shipper logstash run` as a process: what it reads, writes, acknowledges, and how it ends."""

from __future__ import annotations

import json
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest
from logstash_async.transport import BeatsTransport

from shipper.home import Account, Endpoints, Home
from tests.support.fake_bulk import FakeBulk
from tests.support.runner_process import RunnerProcess, ship, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from elasticsearch import Elasticsearch

pytestmark = pytest.mark.e2e

BEATS = 'input { beats { port => 0 host => "127.0.0.1" enrich => [] } }'


def output(url: str, extra: str = "") -> str:
    return f"""output {{ elasticsearch {{
        hosts => ["{url}"] index => "logs-%{{+YYYY.MM.dd}}" action => "create"
        document_id => "%{{[@metadata][_id]}}" retry_initial_interval => 0.1 retry_max_interval => 0.5 {extra}
    }} }}"""


def documents(count: int, start: int = 0) -> list[dict[str, Any]]:
    return [
        {"@timestamp": "2026-11-23T10:00:00.000Z", "n": number, "@metadata": {"_id": f"id-{number}"}}
        for number in range(start, start + count)
    ]


@pytest.fixture
def fake() -> Iterator[FakeBulk]:
    with FakeBulk() as running:
        yield running


def shipper(*arguments: str, stdin: bytes = b"", **environment: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "shipper", "logstash", *arguments],
        input=stdin,
        capture_output=True,
        timeout=60,
        env={**os.environ, **environment},
        check=False,
    )


def test_ndjson_is_filtered_from_stdin_to_stdout_and_it_ends_with_its_input(tmp_path: Path) -> None:
    lines = b"".join(b'{"n":%d,"@metadata":{"m":%d}}\n' % (number, number) for number in range(5000))
    config = (
        "input { stdin { codec => json_lines } } filter { if [n] >= 4990 { drop { } } } "
        "output { stdout { codec => json_lines } }"
    )
    done = shipper("run", "-e", config, stdin=lines, SHIPPER_HOME=str(tmp_path))
    assert done.returncode == 0, done.stderr
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert [event["n"] for event in found] == list(range(4990))
    assert set(found[0]) == {"n", "@timestamp", "@version"}
    assert found[0]["@version"] == "1"
    assert done.stderr == b""


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ("input { stdin { } ", ["line 1", "column"]),
        ("input { stdni { } }", ["stdni", "-e:1:9", "did you mean `stdin`"]),
        ("input { kafka { } }", ["kafka", "outside of the subset", "-e:1:9"]),
        ("input { beats { prot => 1 } }", ["prot", "-e:1:17", "did you mean `port`"]),
        ("input { beats { } }", ["port"]),
        ("input { stdin { } } output { stdout { codec => avro { } } }", ["avro", "outside of the subset"]),
        ('input { stdin { } } output { pipeline { send_to => ["x"] } }', ["no pipeline has the address `x`"]),
        ('input { stdin { } } output { elasticsearch { index => "a" user => "u" } }', ["user and password"]),
        ('input { generator { message => "${NOT_SET_ANYWHERE}" } }', ["NOT_SET_ANYWHERE"]),
    ],
)
def test_what_would_not_start_is_refused_by_name_and_place(tmp_path: Path, config: str, words: list[str]) -> None:
    done = shipper("run", "-e", config, SHIPPER_HOME=str(tmp_path))
    assert done.returncode == 2
    for word in words:
        assert word in done.stderr.decode()
    assert b"Traceback" not in done.stderr


def test_an_acknowledged_window_is_in_the_store(tmp_path: Path, fake: FakeBulk) -> None:
    with RunnerProcess(tmp_path, "-e", BEATS + output(fake.url)) as runner:
        assert ship(runner.address(), documents(100))
        assert len(fake.documents) == 100
        index, document_id = next(iter(fake.documents))
        assert (index, document_id) == ("logs-2026.11.23", "id-0")
        assert fake.documents[index, "id-0"] == {"n": 0, "@timestamp": "2026-11-23T10:00:00.000Z", "@version": "1"}
        runner.signal(signal.SIGTERM)
        assert runner.wait() == 0


def test_python_logstash_async_ships_to_a_real_runner(tmp_path: Path, fake: FakeBulk) -> None:
    with RunnerProcess(tmp_path, "-e", BEATS + output(fake.url)) as runner:
        host, port = runner.address()
        transport = BeatsTransport(
            host=host, port=port, timeout=10, ssl_enable=False, ssl_verify=False, keyfile=None, certfile=None,
            ca_certs=None, ssl_verify_flags=None,
        )  # fmt: skip
        transport.send([json.dumps(document).encode() for document in documents(60)])
        transport.close()
        assert len(fake.documents) == 60


def test_nothing_is_acknowledged_while_elasticsearch_refuses_and_a_stop_says_so(tmp_path: Path, fake: FakeBulk) -> None:
    fake.script = lambda items: (503, {})
    with RunnerProcess(tmp_path, "--drain", "0.5", "-e", BEATS + output(fake.url)) as runner:
        answers: list[bool] = []
        sender = threading.Thread(target=lambda: answers.append(ship(runner.address(), documents(10))))
        sender.start()
        wait_until(lambda: len(fake.requests) >= 2)
        assert answers == []
        runner.signal(signal.SIGTERM)
        assert runner.wait() == 4
        sender.join(10)
        assert answers == [False]
        assert "senders will send them again" in runner.errors


def test_a_stop_finishes_what_was_taken_when_elasticsearch_comes_back(tmp_path: Path, fake: FakeBulk) -> None:
    back = threading.Event()
    fake.script = lambda items: None if back.is_set() else (429, {})
    with RunnerProcess(tmp_path, "-e", BEATS + output(fake.url)) as runner:
        answers: list[bool] = []
        sender = threading.Thread(target=lambda: answers.append(ship(runner.address(), documents(10))))
        sender.start()
        wait_until(lambda: fake.requests)
        runner.signal(signal.SIGTERM)
        time.sleep(0.3)
        back.set()
        assert runner.wait() == 0
        sender.join(10)
        assert answers == [True]
        assert len(fake.documents) == 10


class Resender(threading.Thread):
    """Sends windows one after the other, each until it is acknowledged."""

    def __init__(self, runner: RunnerProcess, count: int, size: int) -> None:
        super().__init__(daemon=True)
        self.runner = runner
        self.windows = [documents(size, start) for start in range(0, count, size)]
        self.resent = 0

    def run(self) -> None:
        for window in self.windows:
            while not (self.runner.addresses and ship(self.runner.address(), window, timeout=5)):
                self.resent += 1
                time.sleep(0.02)


@pytest.mark.elasticsearch
def test_sigkill_in_the_middle_of_shipping_loses_nothing_and_doubles_nothing(
    tmp_path: Path, elasticsearch: Elasticsearch, prefix: str
) -> None:
    node = elasticsearch.transport.node_pool.get()
    auth = os.environ.get("SHIPPER_TEST_ES", "")
    user, _, password = auth.partition("//")[2].rpartition("@")[0].partition(":")
    if not user:
        from tests.support import stack

        url = stack.admin_url()
        user, _, password = url.partition("//")[2].rpartition("@")[0].partition(":")
    elasticsearch.indices.create(index=f"{prefix}logs-2026.11.23")
    config = BEATS + output(node.base_url, f'user => "{user}" password => "{password}"').replace(
        'index => "', f'index => "{prefix}'
    )
    seeded = random.Random(7)
    with RunnerProcess(tmp_path, "-e", config) as runner:
        sender = Resender(runner, 6000, 50)
        sender.start()
        for _ in range(4):
            time.sleep(seeded.uniform(0.05, 0.4))
            runner.kill()
            runner.addresses = {}
            runner.start()
        sender.join(60)
        assert not sender.is_alive()
    assert sender.resent > 0
    elasticsearch.indices.refresh(index=f"{prefix}*")
    stats = elasticsearch.indices.stats(index=f"{prefix}*", metric="docs")
    assert stats["_all"]["primaries"]["docs"]["count"] == 6000
    assert stats["_all"]["primaries"]["docs"]["deleted"] == 0


def test_what_elasticsearch_refuses_for_good_is_a_dead_letter_that_another_pipeline_reads(
    tmp_path: Path, fake: FakeBulk
) -> None:
    fake.script = lambda items: (200, [400 if "bad" in document else 201 for _, document in items])
    (tmp_path / "pipelines.yml").write_text(
        "- pipeline.id: logs\n  path.config: ${DIR}/logs.conf\n  dead_letter_queue.enable: true\n"
        "- pipeline.id: dead\n  path.config: ${DIR}/dead.conf\n"
    )
    (tmp_path / "logs.conf").write_text(BEATS + output(fake.url))
    (tmp_path / "dead.conf").write_text(
        'input { dead_letter_queue { path => "${SHIPPER_DLQ_PATH}" pipeline_id => "logs" '
        'add_field => { "seen" => "1" } } }'
        f'output {{ file {{ path => "{tmp_path}/dead.ndjson" codec => line {{ '
        'format => "%{bad} %{[@metadata][dead_letter_queue][reason]} %{[@metadata][_id]} %{seen}" } } }'
    )
    with RunnerProcess(tmp_path, "--pipelines", str(tmp_path / "pipelines.yml"), DIR=str(tmp_path)) as runner:
        bad = {"bad": 1, "@metadata": {"_id": "x"}}
        assert ship(runner.address(), [*documents(3), bad])
        assert len(fake.documents) == 3
        wait_until(lambda: (tmp_path / "dead.ndjson").exists() and (tmp_path / "dead.ndjson").read_text())
        line = (tmp_path / "dead.ndjson").read_text()
        assert line.startswith("1 Could not index event to Elasticsearch. status: 400")
        assert line.endswith(" x 1\n")


def test_a_hangup_reloads_what_changed_and_a_broken_edit_keeps_the_old(tmp_path: Path, fake: FakeBulk) -> None:
    file = tmp_path / "logs.conf"
    file.write_text(BEATS + output(fake.url))
    with RunnerProcess(tmp_path, "-f", str(file)) as runner:
        address = runner.address()
        assert ship(address, documents(1))
        file.write_text(BEATS + "filter { nosuchfilter { } }" + output(fake.url))
        runner.signal(signal.SIGHUP)
        wait_until(lambda: "not reloaded" in runner.errors)
        assert "nosuchfilter" in runner.errors
        assert ship(address, documents(1, 1))
        file.write_text(BEATS + output(fake.url).replace("logs-", "edited-"))
        runner.signal(signal.SIGHUP)
        wait_until(lambda: "reloaded: main" in runner.errors)
        wait_until(lambda: ship(address, documents(1, 2)))
        assert {index for index, _ in fake.documents} == {"logs-2026.11.23", "edited-2026.11.23"}


def test_reloads_under_load_lose_and_double_nothing(tmp_path: Path, fake: FakeBulk) -> None:
    file = tmp_path / "logs.conf"
    file.write_text(BEATS + output(fake.url))
    delivered: list[str] = []
    done = threading.Event()

    def send(sender: int) -> None:
        number = 0
        while not done.is_set():
            batch = documents(20, sender * 1_000_000 + number)
            if ship(runner.address(), batch):  # else sent again, as an agent does
                delivered.extend(str(document["@metadata"]["_id"]) for document in batch)
                number += 20

    with RunnerProcess(tmp_path, "-f", str(file)) as runner:
        senders = [threading.Thread(target=send, args=(number,)) for number in range(3)]
        for sender in senders:
            sender.start()
        for edit in range(1, 4):
            before = len(delivered)
            wait_until(lambda before=before: len(delivered) > before)
            filters = f'filter {{ mutate {{ add_field => {{ "edit" => "{edit}" }} }} }}'
            file.write_text(BEATS + filters + output(fake.url))
            runner.signal(signal.SIGHUP)
            wait_until(lambda edit=edit: runner.errors.count("reloaded: main") == edit)
        before = len(delivered)
        wait_until(lambda: len(delivered) > before)
        done.set()
        for sender in senders:
            sender.join()
    assert set(delivered) <= {key for _, key in fake.documents}, "acknowledged, and not stored"
    assert set(fake.created.values()) == {1}
    assert {document.get("edit") for document in fake.documents.values()} == {None, "1", "2", "3"}


def test_a_local_home_gives_the_account_and_gets_the_addresses(tmp_path: Path, fake: FakeBulk) -> None:
    home = Home(tmp_path / "home")
    account = Account("shipper_writer", "secret")
    home.publish(Endpoints(fake.url, {"shipper_writer": account, "campaign_writer": account}))
    (tmp_path / "pipelines.yml").write_text("- pipeline.id: logs\n  path.config: ${SHIPPER_PIPELINES}/logs.conf\n")
    (tmp_path / "pipelines").mkdir()
    (tmp_path / "pipelines" / "logs.conf").write_text(
        'input { beats { port => "${SHIPPER_BEATS_PORT:5044}" host => "127.0.0.1" } '
        'http { port => "${SHIPPER_HTTP_PORT}" host => "127.0.0.1" '
        'user => "${SHIPPER_HTTP_USER}" password => "${SHIPPER_HTTP_PASSWORD}" } }'
        + output("${SHIPPER_ES_URL}", 'user => "${SHIPPER_WRITER_USER}" password => "${SHIPPER_WRITER_PASSWORD}"')
    )
    with RunnerProcess(tmp_path, "--pipelines", str(tmp_path / "pipelines.yml")) as runner:
        assert home.endpoints().logstash_beats == runner.addresses["beats"]
        assert home.endpoints().logstash_http == runner.addresses["http"]
        assert ship(runner.address(), documents(1))
        assert fake.headers[0]["authorization"].startswith("Basic ")
        assert "secret" not in runner.errors
        assert "secret" not in " ".join(runner.process.args if runner.process else [])  # type: ignore[arg-type]  # we gave a list


def test_a_local_elasticsearch_that_moved_to_another_port_gets_what_waited(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    with socket.create_server(("127.0.0.1", 0)) as gone:
        home.publish(Endpoints(f"http://127.0.0.1:{gone.getsockname()[1]}", {}))
    config = tmp_path / "moved.conf"
    config.write_text(BEATS + output("${SHIPPER_ES_URL}"))
    with RunnerProcess(tmp_path, "-f", str(config)) as running, FakeBulk() as moved:
        home.publish(Endpoints(moved.url, {}))
        assert ship(running.address(), documents(2))
        assert sorted(key for _, key in moved.documents) == ["id-0", "id-1"]
        running.signal(signal.SIGTERM)
        assert running.wait() == 0
