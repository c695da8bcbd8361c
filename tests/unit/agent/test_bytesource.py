"""Only regular files are opened: a path may lead elsewhere since it was looked at."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import pytest

from shipper.agent.bytesource import open_source


@pytest.mark.parametrize("name", ["app.log", "app.log.gz"])
def test_t46_a_pipe_that_took_the_place_of_a_file_is_not_waited_for(tmp_path, name):
    os.mkfifo(tmp_path / name)
    with pytest.raises(OSError, match="no regular file"):
        open_source(str(tmp_path / name))


@pytest.mark.parametrize("name", ["app.log", "app.log.gz"])
def test_what_a_writer_puts_into_a_pipe_is_left_to_its_reader(tmp_path, name):
    os.mkfifo(tmp_path / name)
    pipe = os.open(tmp_path / name, os.O_RDWR)  # both ends, so that nobody waits
    try:
        os.write(pipe, b"for its reader")
        with pytest.raises(OSError, match="no regular file"):
            open_source(str(tmp_path / name))
        assert os.read(pipe, 100) == b"for its reader"
    finally:
        os.close(pipe)


@pytest.mark.parametrize("target", ["/dev/zero", "/dev/null", "."])
def test_a_link_that_leads_to_a_device_or_a_folder_now_is_refused(tmp_path, target):
    (tmp_path / "app.log").symlink_to(target)
    with pytest.raises(OSError, match="no regular file"):
        open_source(str(tmp_path / "app.log"))


def test_nothing_stays_open_when_a_file_is_refused_or_closed(tmp_path):
    os.mkfifo(tmp_path / "pipe.gz")
    (tmp_path / "a.gz").write_bytes(gzip.compress(b"one\n"))
    (tmp_path / "b.gz").write_bytes(b"plain after all\n")
    with pytest.raises(OSError, match="no regular file"):
        open_source(str(tmp_path / "pipe.gz"))
    for name, text in (("a.gz", b"one\n"), ("b.gz", b"plain after all\n")):
        source = open_source(str(tmp_path / name))
        assert source.read_at(0, 100) == text
        source.close()
    assert not any(each.resolve().is_relative_to(tmp_path) for each in Path("/proc/self/fd").iterdir())
