"""Outputs to files and standard output."""

from __future__ import annotations

import gzip
import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from shipper.errors import UnavailableError
from shipper.logstash_runner.output.bulk import StoppedError
from shipper.logstash_runner.output.files import FileOutput, StdoutOutput, check_writable

if TYPE_CHECKING:
    from collections.abc import Callable


def line(event: Any) -> bytes:
    return str(event).encode() + b"\n"


def by_first_letter(folder: Path) -> Callable[[Any], str]:
    return lambda event: f"{folder}/out/{event[0]}.log"


def test_events_are_appended_to_the_files_their_fields_name(tmp_path: Path) -> None:
    output = FileOutput(by_first_letter(tmp_path), tmp_path / "out", line)
    output.receive(["a1", "b1", "a2"])  # type: ignore[list-item]  # text stands for events here
    output.receive(["a3"])  # type: ignore[list-item]  # as above
    output.close()
    assert (tmp_path / "out" / "a.log").read_text() == "a1\na2\na3\n"
    assert (tmp_path / "out" / "b.log").read_text() == "b1\n"


def test_a_field_cannot_lead_out_of_the_folder(tmp_path: Path) -> None:
    output = FileOutput(lambda event: f"{tmp_path}/out/{event}", tmp_path / "out", line)
    output.receive(["../../etc/passwd", "..", "ok"])  # type: ignore[list-item]  # as above
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["_filepath_failures", "ok"]
    assert not (tmp_path / "etc").exists()


def test_packed_files_are_gzip(tmp_path: Path) -> None:
    output = FileOutput(lambda _: f"{tmp_path}/a.gz", tmp_path / "a.gz", line, packed=True)
    output.receive(["one"])  # type: ignore[list-item]  # as above
    output.receive(["two"])  # type: ignore[list-item]  # as above
    assert gzip.decompress((tmp_path / "a.gz").read_bytes()) == b"one\ntwo\n"


def test_a_file_that_cannot_be_written_refuses_the_events(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    output = FileOutput(lambda _: f"{tmp_path}/file/below", tmp_path / "file", line)
    with pytest.raises(StoppedError, match="cannot write"):
        output.receive(["x"])  # type: ignore[list-item]  # as above


def test_a_folder_that_may_not_be_written_is_found_at_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.access", lambda path, mode: False)  # root may write everywhere
    with pytest.raises(UnavailableError, match="may not write"):
        check_writable(Path("/nowhere/at/all"))


def test_standard_output_gets_a_batch_at_once() -> None:
    stream = io.BytesIO()
    StdoutOutput(line, stream).receive(["a", "b"])  # type: ignore[list-item]  # as above
    assert stream.getvalue() == b"a\nb\n"
