"""What every input promises: it names files that exist, a decoder that goes on, and metadata that fits."""

from __future__ import annotations

import json

from shipper.agent.input.file import FileInput, FileInputSettings, ServiceSettings
from shipper.agent.registry import Entry


def entry(path, **changes):
    fields = {"source": "s" * 16, "generation": 0, "path": str(path), "device": 1, "inode": 1, "fallback_time": 1e9}
    return Entry(**{**fields, **changes})


def test_it_finds_regular_files_only_and_says_what_to_watch(tmp_path):
    (tmp_path / "a.log").write_text("x\n")
    (tmp_path / "d.log").mkdir()
    source = FileInput(FileInputSettings(paths=[f"{tmp_path}/*.log", f"{tmp_path}/a.*"]), {})
    assert {path for path, _ in source.find()} == {f"{tmp_path}/a.log"}
    assert set(source.folders) == {(str(tmp_path), False)}


def test_a_decoder_made_from_an_entry_goes_on_where_the_entry_was_acknowledged(tmp_path):
    lines = [json.dumps({"@timestamp": f"2026-03-01T12:00:{n:02d}.000Z", "message": f"m{n}"}) + "\n" for n in range(20)]
    data = "".join(lines).encode()
    source = FileInput(FileInputSettings(paths=["x"]), {})
    whole = source.decoder(entry("x")).feed(data)
    half = len("".join(lines[:10]))
    first = source.decoder(entry("x")).feed(data[:half])
    rest = source.decoder(entry("x", offset=first.end, resume=first.resume)).feed(data[first.end :])
    assert first.offsets + rest.offsets == whole.offsets
    assert first.timestamps + rest.timestamps == whole.timestamps
    assert rest.end == whole.end == len(data)


def test_metadata_names_path_dataset_service_and_fields(tmp_path):
    settings = FileInputSettings(
        paths=["x"], service=ServiceSettings(name="web", environment="prod"), fields={"labels.team": "shop"}
    )
    metadata = FileInput(settings, {"host": {"name": "h"}}).metadata("/var/log/nginx.access.log")
    (document,) = metadata.apply([{"message": "m"}], [7])
    assert json.loads(document) == {
        "message": "m",
        "host": {"name": "h"},
        "labels": {"team": "shop"},
        "service": {"name": "web", "environment": "prod"},
        "event": {"dataset": "nginx"},
        "log": {"file": {"path": "/var/log/nginx.access.log"}, "offset": 7},
    }
