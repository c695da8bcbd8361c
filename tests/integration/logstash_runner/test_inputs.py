"""Each input over its real socket, pipe or file, in front of a pipeline that answers when it is told to."""

from __future__ import annotations

import http.client
import json
import os
import socket
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest

from shipper.logstash_runner.codec.decode import Decoder, JsonDecoder, JsonLinesDecoder, PlainDecoder
from shipper.logstash_runner.dead_letters import DeadLetterStore, entry
from shipper.logstash_runner.input.beats import BeatsInput
from shipper.logstash_runner.input.dead_letter_queue import DeadLetterInput
from shipper.logstash_runner.input.generator import GeneratorInput
from shipper.logstash_runner.input.http import HttpInput
from shipper.logstash_runner.input.http_server import HttpAccess, HttpLimits
from shipper.logstash_runner.input.stdin import StdinInput
from shipper.logstash_runner.input.tcp import TcpInput
from shipper.lumberjack.frames import encode_events, encode_window
from shipper.lumberjack.server import ServerSettings
from tests.support.inputs import Pipe

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture
def pipe() -> Pipe:
    return Pipe()


def feed_stdin(pipe: Pipe, decoder: Decoder, data: bytes) -> list[dict[str, Any]]:
    reader, writer = os.pipe()
    source = StdinInput(decoder, pipe.context, reader)
    source.start()
    os.write(writer, data)
    os.close(writer)
    assert pipe.finished.wait(5)
    source.stop(1)
    os.close(reader)
    return pipe.documents


def test_stdin_reads_json_lines_to_its_end_and_adds_nothing(pipe: Pipe) -> None:
    assert feed_stdin(pipe, JsonLinesDecoder(), b'{"a":1}\n\n{"b":2}') == [{"a": 1}, {"b": 2}]


def test_stdin_text_lines_keep_their_original_and_get_the_host(pipe: Pipe) -> None:
    host = {"hostname": socket.gethostname()}
    assert feed_stdin(pipe, PlainDecoder(), b"one\r\ntwo\n") == [
        {"message": "one", "event": {"original": "one"}, "host": host},
        {"message": "two", "event": {"original": "two"}, "host": host},
    ]


def test_stdin_ends_only_when_everything_is_answered(pipe: Pipe) -> None:
    reader, writer = os.pipe()
    pipe.hold = True
    source = StdinInput(JsonLinesDecoder(), pipe.context, reader)
    source.start()
    os.write(writer, b'{"a":1}\n')
    os.close(writer)
    pipe.wait_for(1)
    assert not pipe.finished.wait(0.1)
    pipe.held[0](True)
    assert pipe.finished.wait(5)
    source.stop(1)
    os.close(reader)


def test_the_generator_counts_and_ends(pipe: Pipe) -> None:
    source = GeneratorInput(["a", "b"], 2, PlainDecoder(), pipe.context)
    source.start()
    assert pipe.finished.wait(5)
    source.stop(1)
    assert [(item["message"], item["event"]["sequence"]) for item in pipe.documents] == [
        ("a", 0), ("b", 0), ("a", 1), ("b", 1),
    ]  # fmt: skip


def test_an_endless_generator_is_held_back_by_the_outputs_and_stops(pipe: Pipe) -> None:
    pipe.hold = True
    source = GeneratorInput(["x"], 0, PlainDecoder(), pipe.context)
    source.start()
    pipe.wait_for(4000)
    time.sleep(0.05)
    assert len(pipe.documents) == 4000
    pipe.hold = False
    stopping = threading.Thread(target=source.stop, args=(5,))
    stopping.start()
    for done in pipe.held:
        done(True)
    stopping.join(5)
    assert pipe.finished.is_set()


@pytest.fixture
def tcp(pipe: Pipe) -> Iterator[TcpInput]:
    source = TcpInput(("127.0.0.1", 0), PlainDecoder(), pipe.context)
    source.start()
    yield source
    source.stop(2)


def test_tcp_reads_lines_and_notes_the_source(pipe: Pipe, tcp: TcpInput) -> None:
    with socket.create_connection(tcp.address) as peer:
        peer.sendall(b"one\ntw")
        pipe.wait_for(1)
        peer.sendall(b"o\nlast")
        port = peer.getsockname()[1]
    pipe.wait_for(3)
    assert [item["message"] for item in pipe.documents] == ["one", "two", "last"]
    assert pipe.documents[0]["@metadata"]["input"]["tcp"]["source"] == {
        "ip": "127.0.0.1", "name": "127.0.0.1", "port": port,
    }  # fmt: skip


def test_a_reset_tcp_peer_harms_nobody(pipe: Pipe, tcp: TcpInput) -> None:
    import struct

    with socket.create_connection(tcp.address) as peer:
        peer.sendall(b"one\n")
        pipe.wait_for(1)
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    with socket.create_connection(tcp.address) as peer:
        peer.sendall(b"two\n")
        pipe.wait_for(2)


@pytest.fixture
def beats(pipe: Pipe) -> Iterator[Callable[..., BeatsInput]]:
    made: list[BeatsInput] = []

    def start(*enrich: str, decoder: Decoder | None = None) -> BeatsInput:
        source = BeatsInput(ServerSettings(port=0), frozenset(enrich), decoder, pipe.context)
        made.append(source)
        source.start()
        return source

    yield start
    for source in made:
        source.stop(1)


def ship(source: BeatsInput, *documents: dict[str, Any]) -> None:
    payloads = [json.dumps(document).encode() for document in documents]
    with socket.create_connection(source.address, timeout=5) as peer:
        peer.sendall(encode_window(len(payloads)) + encode_events(payloads))
        assert peer.recv(6) == b"2A\0\0\0" + bytes([len(payloads)])


def test_beats_with_all_enrichments_tags_and_doubles_the_message_as_logstash_does(
    pipe: Pipe, beats: Callable[..., BeatsInput]
) -> None:
    source = beats("source_metadata", "codec_metadata")
    ship(source, {"message": "m"}, {"message": "m", "event": {"original": "mine"}}, {"n": 1, "tags": ["t"]})
    ip = {"input": {"beats": {"host": {"ip": "127.0.0.1"}}}}
    applied = ["beats_input_codec_plain_applied"]
    assert pipe.documents == [
        {"message": "m", "tags": applied, "event": {"original": "m"}, "@metadata": ip},
        {"message": "m", "tags": applied, "event": {"original": "mine"}, "@metadata": ip},
        {"n": 1, "tags": ["t", "beats_input_raw_event"], "@metadata": ip},
    ]


def test_beats_without_codec_metadata_adds_the_address_only(pipe: Pipe, beats: Callable[..., BeatsInput]) -> None:
    ship(beats("source_metadata"), {"message": "m", "@metadata": {"_id": "x", "stream": "logs"}})
    metadata = {"_id": "x", "stream": "logs", "input": {"beats": {"host": {"ip": "127.0.0.1"}}}}
    assert pipe.documents == [{"message": "m", "@metadata": metadata}]


def test_beats_without_enrichment_adds_nothing(pipe: Pipe, beats: Callable[..., BeatsInput]) -> None:
    ship(beats(), {"message": "m"})
    assert pipe.documents == [{"message": "m"}]


def test_beats_with_a_codec_decodes_the_message(pipe: Pipe, beats: Callable[..., BeatsInput]) -> None:
    ship(beats(decoder=JsonDecoder()), {"message": '{"a":1}', "host": {"name": "h"}})
    assert pipe.documents == [{"a": 1, "host": {"name": "h"}, "event": {"original": '{"a":1}'}}]


@pytest.fixture
def webhook(pipe: Pipe) -> Iterator[HttpInput]:
    decoders = (PlainDecoder(), {"application/json": JsonDecoder()})
    source = HttpInput(("127.0.0.1", 0), decoders, pipe.context, limits=HttpLimits(), access=HttpAccess())
    source.start()
    yield source
    source.stop(2)


def post(source: HttpInput, body: bytes, kind: str = "application/json") -> int:
    connection = http.client.HTTPConnection(*source.address, timeout=10)
    try:
        connection.request(
            "POST",
            "/hooks?a=1",
            body,
            {"Content-Type": kind, "User-Agent": "test", "X-Sent-By": "me", "Authorization": "Basic c2VjcmV0"},
        )
        return connection.getresponse().status
    finally:
        connection.close()


def test_http_turns_an_object_into_an_event_with_the_request_noted(pipe: Pipe, webhook: HttpInput) -> None:
    assert post(webhook, b'{"event":{"id":"e1"}}', "application/json; charset=utf-8") == 200
    (document,) = pipe.documents
    headers = document.pop("@metadata")["input"]["http"]["request"]["headers"]
    assert headers == {  # names as Logstash's; credentials are not noted
        "accept_encoding": "identity",
        "content_length": "21",
        "content_type": "application/json; charset=utf-8",
        "x_sent_by": "me",
        "http_accept": None,
        "http_host": f"127.0.0.1:{webhook.address[1]}",
        "http_user_agent": "test",
        "http_version": "HTTP/1.1",
        "request_method": "POST",
        "request_path": "/hooks?a=1",
    }
    assert document == {
        "event": {"id": "e1", "original": '{"event":{"id":"e1"}}'},
        "host": {"ip": "127.0.0.1"},
        "http": {
            "version": "HTTP/1.1",
            "method": "POST",
            "request": {"mime_type": "application/json; charset=utf-8", "body": {"bytes": "21"}},
        },
        "url": {"path": "/hooks?a=1", "domain": "127.0.0.1", "port": webhook.address[1]},
        "user_agent": {"original": "test"},
    }


def test_http_makes_an_event_of_each_element_of_an_array_and_of_plain_text(pipe: Pipe, webhook: HttpInput) -> None:
    assert post(webhook, b'[{"a":1},{"a":2}]') == 200
    assert post(webhook, b"hello", "text/plain") == 200
    assert post(webhook, b"{broken") == 200
    assert [document.get("a", document.get("message")) for document in pipe.documents] == [1, 2, "hello", "{broken"]
    assert pipe.documents[3]["tags"] == ["_jsonparsefailure"]


def test_http_answers_200_only_after_the_outputs_accepted(pipe: Pipe, webhook: HttpInput) -> None:
    pipe.hold = True
    answers: list[int] = []
    sender = threading.Thread(target=lambda: answers.append(post(webhook, b"{}")))
    sender.start()
    pipe.wait_for(1)
    sender.join(0.1)
    assert answers == []
    pipe.held[0](True)
    sender.join(5)
    assert answers == [200]


def test_http_says_503_when_the_outputs_refuse_and_429_when_too_much_waits(pipe: Pipe, webhook: HttpInput) -> None:
    pipe.accepts = False
    assert post(webhook, b"{}") == 503
    pipe.waiting = 1_000_000
    assert post(webhook, b"{}") == 429


def letter(number: int) -> dict[str, Any]:
    return entry({"n": number, "@metadata": {"_id": f"id-{number}"}}, ("elasticsearch", "es"), "why", 0.0)


def test_dead_letters_are_read_as_they_come_and_not_again_after_a_restart(pipe: Pipe, tmp_path: Path) -> None:
    store = DeadLetterStore(tmp_path / "logs")
    store.write([letter(1)])
    source = DeadLetterInput(tmp_path / "logs", tmp_path / "offsets" / "logs", pipe.context)
    source.start()
    pipe.wait_for(1)
    store.write([letter(2)])
    pipe.wait_for(2)
    source.stop(5)
    store.write([letter(3)])
    again = DeadLetterInput(tmp_path / "logs", tmp_path / "offsets" / "logs", pipe.context)
    again.start()
    pipe.wait_for(3)
    again.stop(5)
    assert [item["n"] for item in pipe.documents] == [1, 2, 3]
    assert pipe.documents[0]["@metadata"] == {
        "_id": "id-1",
        "dead_letter_queue": {
            "reason": "why",
            "plugin_id": "es",
            "plugin_type": "elasticsearch",
            "entry_time": "1970-01-01T00:00:00.000Z",
        },
    }


def test_dead_letters_that_were_not_accepted_are_read_again(pipe: Pipe, tmp_path: Path) -> None:
    DeadLetterStore(tmp_path / "logs").write([letter(1)])
    pipe.accepts = False
    first = DeadLetterInput(tmp_path / "logs", tmp_path / "offsets", pipe.context)
    first.start()
    pipe.wait_for(1)
    first.stop(5)
    pipe.accepts = True
    second = DeadLetterInput(tmp_path / "logs", tmp_path / "offsets", pipe.context)
    second.start()
    pipe.wait_for(2)
    second.stop(5)
    assert [item["n"] for item in pipe.documents] == [1, 1]


def test_the_dead_letter_reader_waits_for_a_folder_that_is_not_there_yet(pipe: Pipe, tmp_path: Path) -> None:
    source = DeadLetterInput(tmp_path / "later", None, pipe.context)
    source.start()
    DeadLetterStore(tmp_path / "later").write([letter(1)])
    pipe.wait_for(1)
    source.stop(5)
