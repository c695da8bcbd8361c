"""The file output: each line is a whole document, whatever became of an earlier write."""

from __future__ import annotations

import json
import os
import resource
from pathlib import Path

import pytest

from shipper.agent.batch import Batch
from shipper.agent.output.file import FileOutput, FileOutputSettings
from shipper.clock import SystemClock
from tests.support.pipe import STAMP


def session(path):
    return FileOutput(FileOutputSettings(path=path), SystemClock()).open(0)


def numbered(first, count):
    documents = [json.dumps({"n": number, "text": "x" * 100}).encode() for number in range(first, first + count)]
    return [Batch([str(number) for number in range(first, first + count)], documents, [STAMP] * count)]


def numbers(path):
    return [json.loads(line)["n"] for line in path.read_bytes().splitlines()]


@pytest.fixture
def small_files():
    """The kernel lets no file grow beyond 2,000 bytes, as a full disk would not."""
    usual = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2000, usual[1]))
    yield lambda: resource.setrlimit(resource.RLIMIT_FSIZE, usual)
    resource.setrlimit(resource.RLIMIT_FSIZE, usual)


def test_a_write_that_the_disk_cuts_short_leaves_nothing_behind(tmp_path, small_files):
    path = tmp_path / "out"
    output = session(path)
    output.send(numbered(0, 10))
    for _ in range(3):
        with pytest.raises(OSError, match="File too large"):
            output.send(numbered(10, 10))
    assert numbers(path) == list(range(10))
    small_files()
    output.send(numbered(10, 10))
    output.close()
    assert numbers(path) == list(range(20))


@pytest.mark.parametrize("kept", [1, 20, 100_000])
def test_a_document_that_a_crash_tore_is_cut_off(tmp_path, kept):
    path = tmp_path / "out"
    path.write_bytes(b'{"n":0}\n' + json.dumps({"n": 1, "text": "x" * 200_000}).encode()[:kept])
    output = session(path)
    output.send(numbered(1, 1))
    output.close()
    assert numbers(path) == [0, 1]


@pytest.mark.parametrize("before", [b'{"n": 0}', b"somebody's notes", b'{"n": 0}\n[1'])
def test_a_last_line_that_is_whole_or_not_ours_is_kept_and_ended(tmp_path, before):
    path = tmp_path / "out"
    path.write_bytes(before)
    output = session(path)
    output.send(numbered(1, 1))
    output.close()
    assert path.read_bytes().startswith(before + b'\n{"n": 1')


def test_a_file_that_another_writer_holds_is_not_cut(tmp_path):
    path = tmp_path / "out"
    other = session(path)
    os.write(other._descriptor, b'{"half')
    session(path).close()
    assert path.read_bytes() == b'{"half'
    other.close()


def test_what_is_no_file_takes_documents_too():
    output = session(Path("/dev/null"))
    output.send(numbered(0, 1))
    assert len(output.receive(0)) == 1
    output.close()


def test_a_pipe_that_nobody_reads_is_an_error_and_no_wait(tmp_path):
    path = tmp_path / "pipe"
    os.mkfifo(path)
    with pytest.raises(OSError, match="No such device"):
        session(path)
    reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    output = session(path)
    output.send(numbered(0, 1))
    assert json.loads(os.read(reader, 1000))["n"] == 0
    output.close()
    os.close(reader)
