# ruff: noqa: E501 - log lines are as long as they are
"""Files of several systems or layouts, and records of more than a line, of those in test_many_systems.py."""

from __future__ import annotations

import pytest

from tests.unit.codec.support import convert


def messages(text: str) -> list[str]:
    return [event["message"] for event in convert(text)]


def test_lines_that_one_logger_stamped_are_records_of_their_own_though_their_layouts_differ() -> None:
    supervisor = "2024-05-04 10:00:00,123 INFO spawned: 'x' with pid 12\n2024-05-04 10:00:01,456 CRIT running as root\n"
    assert messages(supervisor) == ["spawned: 'x' with pid 12", "running as root"]
    airflow = "[2024-05-04T10:00:00.123+0000] {a.py:1} INFO - one\n[2024-05-04T10:00:00.124+0000] two {b}\n"
    assert messages(airflow) == ["one", "two {b}"]


def test_a_line_with_another_stamp_inside_a_record_stays_in_it() -> None:
    text = "2024-05-04 10:00:00,123 INFO dump:\n2024-05-04T10:00:00Z first\n10:00:00 second\n"
    assert messages(text) == ["dump:\n2024-05-04T10:00:00Z first\n10:00:00 second"]


def test_a_layout_is_found_though_bare_stamped_lines_came_first() -> None:
    text = "2024-05-04 10:00:00 TLS: started\n2024-05-04 10:00:00 us=123456 1.2.3.4:5678 hello\n"
    assert [event["@timestamp"] for event in convert(text)] == [
        "2024-05-04T10:00:00.000Z",
        "2024-05-04T10:00:00.123456Z",
    ]


def test_the_first_line_of_a_flow_log_names_its_fields() -> None:
    text = "version account-id interface-id srcaddr action\n3 123456789010 eni-1235b8ca 10.0.0.1 REJECT\n"
    (event,) = convert(text)
    assert (event["source"]["ip"], event["aws"]["vpcflow"]["action"]) == ("10.0.0.1", "REJECT")


def test_records_of_phoenix_and_their_exceptions_are_told_apart() -> None:
    text = (
        "10:00:00.123 [info] GET /\n10:00:00.124 request_id=F2x [error] it terminated\n** (exit) an exception was raised:\n"
        "    ** (RuntimeError) boom\n        (my_app 0.1.0) lib/x.ex:12: MyApp.X.y/2\n"
    )
    first, second = convert(text)
    assert (first["message"], second["message"]) == ("GET /", "it terminated")
    assert (second["error"]["type"], second["error"]["message"]) == ("RuntimeError", "boom")


def test_records_of_ibm_mq_have_the_time_that_they_name_and_end_at_their_ruler() -> None:
    record = (
        "11/10/2018 10:46:26 - Process(8480.1) User(mqm) Program(amqzxma0)\n                      Host(mq1) VRMF(9.1)\n"
        "                      Time(2018-10-11T08:46:26.346Z)\n                     \nAMQ6184W: An error on QM1.\n\n"
        "EXPLANATION:\nIt happened.\nACTION:\nNone.\n----- amqxfdcp.c : 874 -----\n"
    )
    events = convert(record * 2)
    assert [event["@timestamp"] for event in events] == ["2018-10-11T08:46:26.346Z"] * 2
    assert events[0]["message"] == "AMQ6184W: An error on QM1.\n\nEXPLANATION:\nIt happened.\nACTION:\nNone."
    assert (events[0]["log"]["level"], events[0]["event"]["code"]) == ("warning", "AMQ6184W")
    assert (events[0]["host"]["hostname"], events[0]["process"]["pid"]) == ("mq1", 8480)


def test_cakephps_trace_is_cut_out_of_the_message() -> None:
    (event,) = convert(
        "2024-05-04 10:00:00 error: [RuntimeException] x in /a.php on line 3\nRequest URL: /x\nStack Trace:\n- /b.php:12\n"
    )
    assert event["error"]["type"] == "RuntimeException"
    assert event["error"]["stack_trace"].endswith("- /b.php:12")
    assert event["message"].endswith("Request URL: /x")


@pytest.mark.parametrize(
    "text",
    [
        "Log opened.",
        "(VI_1) Entering MASTER STATE",
        "Connection error: refused",
        "TLS Error: handshake failed",
        "Exception in thread x",
    ],
)
def test_a_sentence_after_a_time_loses_no_word(text: str) -> None:
    assert messages(f"2024-05-04 10:00:00 {text}\n") == [text]


def test_a_source_of_bare_times_is_not_asked_for_other_formats_for_ever() -> None:
    text = "2024-05-04 10:00:00 hello there\n" * 70 + "2024-05-04 10:00:00 us=123456 1.2.3.4:5678 hello\n"
    assert messages(text)[-1] == "us=123456 1.2.3.4:5678 hello"
