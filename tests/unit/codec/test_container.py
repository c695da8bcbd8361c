"""Docker json-file and CRI."""

import orjson

from tests.unit.codec.support import convert, flat


def docker(text: str, stream: str = "stdout", second: int = 0) -> str:
    return (
        orjson.dumps({"log": text, "stream": stream, "time": f"2026-01-01T00:00:{second:02d}.000000001Z"}).decode()
        + "\n"
    )


def test_the_text_inside_is_converted_by_its_own_format_and_dated_by_itself() -> None:
    found = flat(docker('{"level":"error","time":"2025-01-01T00:00:00Z","msg":"boom"}\n'))
    assert (found["@timestamp"], found["log.level"], found["message"]) == ("2025-01-01T00:00:00.000Z", "error", "boom")


def test_text_without_a_time_has_the_runtimes() -> None:
    assert flat(docker("hello\n"))["@timestamp"] == "2026-01-01T00:00:00.000000001Z"
    assert "shipper.flags" not in flat(docker("hello\n"))


def test_t26_parts_of_a_long_line_are_joined_per_stream() -> None:
    text = docker("a1 ") + docker("b1 ", "stderr") + docker("a2\n") + docker("b2\n", "stderr")
    assert sorted(document["message"] for document in convert(text)) == ["a1 a2", "b1 b2"]


def test_a_traceback_is_joined_in_its_stream_while_the_other_goes_on() -> None:
    trace = [
        "2026-01-01 00:00:00,125 ERROR shop.a boom",
        "Traceback (most recent call last):",
        '  File "a.py", line 1, in f',
        "KeyError: 1",
    ]
    text = "".join(docker(f"{line}\n", "stderr") + docker(f"tick {n}\n") for n, line in enumerate(trace))
    documents = convert(text)
    assert len(documents) == 5
    assert next(d for d in documents if d["message"] == "boom")["error"]["type"] == "KeyError"


def test_a_silent_stream_does_not_hold_its_record_for_ever() -> None:
    from shipper.agent.codec import CodecSettings, make_decoder

    decoder = make_decoder(CodecSettings(timezone="UTC"), fallback_time=0)
    decoder.feed(docker("2026-01-01 00:00:00,125 ERROR shop.a boom\n", "stderr").encode())
    for n in range(4000):
        decoder.feed(docker("x" * 40 + "\n", second=n % 60).encode())
    assert decoder.held < 300_000


def test_json_that_only_resembles_docker_is_not_unwrapped() -> None:
    found = flat('{"log":"text","level":"info","time":"2026-01-01T00:00:00Z"}')
    assert found["labels.log"] == "text"
    assert found["message"] == "text"


def test_cri_tags_after_the_mark_are_understood() -> None:
    text = "2026-01-01T00:00:00.5+01:00 stdout P:x a \n2026-01-01T00:00:01.5+01:00 stdout F b\n"
    assert flat(text)["message"] == "a b"
    assert flat(text)["@timestamp"] == "2025-12-31T23:00:00.500Z"
