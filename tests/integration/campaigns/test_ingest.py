"""Posting events to a real HTTP server that fails in the ways an http input does."""

from __future__ import annotations

import base64
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import urllib3
from click.testing import CliRunner

from shipper.campaigns.event import parse
from shipper.campaigns.ingest import BATCH_EVENTS, Poster, Target, batches, target
from shipper.cli.campaigns import command
from shipper.clock import ManualClock
from shipper.errors import FindingError, ProtocolError, UnavailableError, UsageError
from shipper.home import Account
from tests.unit.campaigns.made import event


class Input(ThreadingHTTPServer):
    """Answers with `answers` in turn (0 closes the connection), then with 200; keeps what it accepted."""

    daemon_threads = True

    def __init__(self, answers=(), limit=None):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers = list(answers)
        self.limit = limit
        self.accepted = []
        self.requests = []
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01})

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self.shutdown()
        self._thread.join()
        self.server_close()


class _Handler(BaseHTTPRequestHandler):
    server: Input

    def do_POST(self):
        documents = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.requests.append((len(documents), self.headers.get("Authorization")))
        status = self.server.answers.pop(0) if self.server.answers else 200
        if self.server.limit is not None and len(documents) > self.server.limit:
            status = 413
        if status == 0:
            self.close_connection = True
            return
        if status == 200:
            self.server.accepted += documents
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


EVENTS = [parse(event(number, "click", number)) for number in range(7)]


def send(where, events=EVENTS, patience=60.0):
    with urllib3.PoolManager(maxsize=1) as pool:
        return sum(Poster(pool, Target(where.url, Account("hook", "pässword")), ManualClock(), patience).send(events))


def test_events_arrive_in_one_array_with_the_account():
    with Input() as where:
        assert send(where) == 7
    assert [document["event"]["id"] for document in where.accepted] == [item.id for item in EVENTS]
    ((count, authorization),) = where.requests
    assert count == 7
    assert base64.b64decode(authorization.split()[1]).decode() == "hook:pässword"


def test_a_batch_is_sent_again_until_it_was_accepted():
    with Input([503, 429, 0, 500]) as where:
        assert send(where) == 7
    assert len(where.accepted) == 7
    assert len(where.requests) == 5


def test_a_batch_that_is_too_large_is_halved_down_to_single_events():
    with Input(limit=2) as where:
        assert send(where) == 7
    assert sorted(document["event"]["id"] for document in where.accepted) == sorted(item.id for item in EVENTS)


@pytest.mark.parametrize(("status", "error"), [(401, UnavailableError), (404, ProtocolError)])
def test_a_refusal_for_good_is_not_repeated(status, error):
    with Input([status]) as where, pytest.raises(error):
        send(where)
    assert len(where.requests) == 1


def test_patience_ends_with_the_last_answer_in_the_message():
    with Input([503] * 100) as where, pytest.raises(UnavailableError, match="keeps answering 503"):
        send(where, patience=3.0)
    assert 1 < len(where.requests) < 20


def test_nobody_listening_is_said_after_the_patience():
    with Input() as where:
        pass
    with pytest.raises(UnavailableError, match="cannot be reached"):
        send(where, patience=0.5)


def test_batches_are_bounded_in_events():
    sizes = [len(batch) for batch in batches(EVENTS * 200)]
    assert sizes == [BATCH_EVENTS, BATCH_EVENTS, 400]


def test_the_account_of_the_address_wins_and_never_stays_in_it():
    assert target("http://a:b%40c@host:1/x", {"SHIPPER_HTTP_PASSWORD": "p"}) == Target(
        "http://host:1/x", Account("a", "b@c")
    )
    assert target("host:1", {"SHIPPER_HTTP_USER": "u", "SHIPPER_HTTP_PASSWORD": "p"}).account == Account("u", "p")
    with pytest.raises(UsageError):
        target("ftp://host", {})


def test_the_command_sends_the_good_lines_and_fails_for_the_bad_ones(tmp_path):
    path = tmp_path / "events.ndjson"
    path.write_text(json.dumps(event(1, "click", 1)) + "\n{oops\n" + json.dumps(event(2, "click", 2)) + "\n")
    with Input() as where:
        result = CliRunner().invoke(command, ["ingest", str(path), "--url", where.url, "--json"])
    assert json.loads(result.stdout) == {"accepted": 2, "invalid": 1}
    assert len(where.accepted) == 2
    assert isinstance(result.exception, FindingError)
    assert f"{path}:2: not JSON" in str(result.exception)
