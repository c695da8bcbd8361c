"""Files in which several programs write: each record is its own, and blocks stay whole."""

from __future__ import annotations

from tests.unit.codec.support import convert, flat

DPKG = "2026-01-01 10:00:00 startup archives unpack\n2026-01-01 10:00:01 status installed libx:amd64 1.2-3\n"


def messages(text: str | bytes) -> list[str]:
    return [document["message"] for document in convert(text)]


def test_what_django_prints_between_requests_is_no_part_of_them() -> None:
    first = '[02/Jan/2026 03:04:27] "GET / HTTP/1.1" 200 5'
    second = '[02/Jan/2026 03:04:28] "GET /y HTTP/1.1" 500 5'
    trace = 'Traceback (most recent call last):\n  File "/a.py", line 3, in x\n    f()\nValueError: z'
    records = [first, "Not Found: /x", second, "Internal Server Error: /y", trace, first]
    documents = convert("".join(f"{record}\n" for record in records))
    assert [document["message"] for document in documents] == records
    assert [index for index, document in enumerate(documents) if "error" in document] == [4]


def test_what_an_application_prints_after_an_access_line_of_uvicorn_is_no_part_of_it() -> None:
    line = 'INFO:     127.0.0.1:4711 - "GET /users/7 HTTP/1.1" 200 OK'
    assert messages(f"{line}\nprinted\n{line}\n") == [line[10:], "printed", line[10:]]


def test_a_block_of_apts_history_is_one_record_after_lines_of_dpkg() -> None:
    block = (
        "Start-Date: 2026-01-01  10:00:02\nCommandline: apt-get install -y x\nRequested-By: ann (1000)\n"
        "Install: libx:amd64 (1.2-3, automatic), x:amd64 (2)\nEnd-Date: 2026-01-01  10:00:05"
    )
    failed = block.replace("End-Date", "Error: Sub-process /usr/bin/dpkg returned an error code (1)\nEnd-Date")
    documents = convert(f"{DPKG}\n{block}\n\n{failed}\nplain\n")
    assert [d["message"] for d in documents][2:] == [block, failed, "plain"]
    assert documents[2]["@timestamp"] == "2026-01-01T10:00:02.000Z"
    assert documents[2]["process"]["command_line"] == "apt-get install -y x"
    assert documents[2]["user"] == {"name": "ann", "id": "1000"}
    assert [d["event"]["outcome"] for d in documents[2:4]] == ["success", "failure"]


def test_syslog_with_iso_times_after_lines_of_dpkg_is_read_as_syslog() -> None:
    (*_, last) = convert(f"{DPKG}2026-01-01T10:00:03.123456+00:00 web1 systemd[1]: Started x.service - X.\n")
    assert (last["process"]["name"], last["message"]) == ("systemd", "Started x.service - X.")


def test_update_alternatives_after_lines_of_dpkg_has_its_own_time() -> None:
    (*_, last) = convert(f"{DPKG}update-alternatives 2026-01-02 03:04:05: run with --install /usr/bin/awk\n")
    assert last["@timestamp"] == "2026-01-02T03:04:05.000Z"
    assert last["message"] == "run with --install /usr/bin/awk"


def test_the_signal_handler_of_redis_writes_seconds() -> None:
    fields = flat("1:signal-handler (1700000000) Received SIGTERM scheduling shutdown...\n")
    assert fields["@timestamp"] == "2023-11-14T22:13:20.000Z"
    assert fields["process.pid"] == 1


def entry(message: bytes) -> bytes:
    return (
        b"__CURSOR=s=4f;i=2;b=2\n__REALTIME_TIMESTAMP=1767225601123456\nPRIORITY=3\n_HOSTNAME=web1\n"
        + message
        + b"\n_PID=78\n\n"
    )


def binary(text: bytes) -> bytes:
    return b"MESSAGE\n" + len(text).to_bytes(8, "little") + text


def test_entries_of_the_journals_export_are_records_whatever_their_messages_hold() -> None:
    texts = [
        b"two\nlines",
        b"line\nPRIORITY=7\n2026-01-01 00:00:00,123 ERROR a.b inside",
        b"ten bytes!",
        b"with\n\na blank line",
        b"x" * 300 + b"\nend",
    ]
    data = entry(b"MESSAGE=one") + b"".join(entry(binary(text)) for text in texts)
    documents = convert(data)
    assert [d["message"] for d in documents] == ["one", *(text.decode() for text in texts)]
    for document in documents:
        assert document["@timestamp"] == "2026-01-01T00:00:01.123456Z"
        assert (document["log"]["level"], document["process"]["pid"]) == ("error", 78)


def test_a_line_that_only_begins_like_an_export_stays_a_line() -> None:
    assert messages("__CURSOR=abc\nother\n")[0].startswith("__CURSOR=abc")


def test_a_blank_line_in_a_statement_of_postgresql_stays_in_it() -> None:
    head = "2026-03-04 18:24:15.242 UTC [24915] "
    (document,) = convert(f"{head}ERROR:  bad\n{head}STATEMENT:  SELECT x\n\t\n\tFROM y\n")
    assert "SELECT x\n\nFROM y" in str(document).replace("\\n", "\n")


def test_entries_of_a_container_that_are_lines_of_one_object_are_one_record() -> None:
    lines = ["{", '  "level": "info",', '  "msg": "x"', "}"]
    data = "".join(f"2026-01-01T00:00:00.{n}Z stdout F {line}\n" for n, line in enumerate(lines, 1))
    (document,) = convert(data)
    assert (document["message"], document["@timestamp"]) == ("x", "2026-01-01T00:00:00.100Z")
