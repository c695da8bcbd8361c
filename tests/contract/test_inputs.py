"""What every input promises: it names files that exist, a decoder that goes on, and metadata that fits."""

from __future__ import annotations

import json

from shipper.agent.input.fields import ServiceSettings
from shipper.agent.input.file import FileInput, FileInputSettings
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


def said_of(path, common=None, **settings):
    """The metadata of one record, without what every file gets."""
    source = FileInput(FileInputSettings(paths=["x"], **settings), common or {})
    document = json.loads(source.metadata(path).apply([{"message": "m"}], [0])[0])
    del document["message"], document["log"]
    return document


HERE = {"host": {"name": "collector", "os": {"type": "linux"}}, "agent": {"id": "a"}}


def test_a_central_servers_tree_says_host_and_service_and_the_collectors_own_facts_stay_away():
    tree = "/logs/{host.name}/{service.name}/**"
    assert said_of("/logs/web-1/shop/2026/03/app.log", HERE, path_fields=tree) == {
        "host": {"name": "web-1"},
        "service": {"name": "shop"},
        "agent": {"id": "a"},
        "event": {"dataset": "app"},
    }
    assert said_of("/logs/app.log", HERE, path_fields=tree)["host"]["name"] == "collector"


def test_what_a_path_says_wins_over_fields_and_the_first_pattern_that_fits_counts():
    said = said_of(
        "/srv/a/prod/shop-7.log.1",
        HERE,
        path_fields=["/srv/*/{labels.stage}/{service.name}-{service.node.name}.log*", "/srv/{labels.tenant}/**"],
        fields={"labels.stage": "none", "labels.team": "t", "host.type": "vm"},
        service=ServiceSettings(name="unknown", version="1"),
    )
    assert said["labels"] == {"stage": "prod", "team": "t"}
    assert said["service"] == {"name": "shop", "version": "1", "node": {"name": "7"}}
    assert said["host"] == {"name": "collector", "os": {"type": "linux"}, "type": "vm"}


def test_records_own_words_win_over_the_path():
    source = FileInput(FileInputSettings(paths=["x"], path_fields="/logs/{host.name}/*"), {})
    (document,) = source.metadata("/logs/a/x.log").apply([{"host": {"name": "mine"}}], [0])
    assert json.loads(document)["host"] == {"name": "mine"}


ID = "0123456789abcdef" * 4
POD = {"kubernetes": {"namespace": "shop", "pod": {"name": "web-6f-x2"}, "container": {"name": "nginx"}}}


def test_paths_of_container_runtimes_say_container_and_pod():
    pod = said_of("/var/log/pods/shop_web-6f-x2_0a1b-uid/nginx/3.log")
    assert pod["kubernetes"] == {**POD["kubernetes"], "pod": {"name": "web-6f-x2", "uid": "0a1b-uid"}}
    assert (pod["container"], pod["event"]) == ({"name": "nginx"}, {"dataset": "nginx"})
    rotated = said_of("/host/var/log/pods/shop_web-6f-x2_0a1b-uid/nginx/3.log.20260301-120000.gz")
    assert rotated == pod
    link = said_of(f"/var/log/containers/web-6f-x2_shop_nginx-{ID}.log")
    assert link["kubernetes"] == POD["kubernetes"]
    assert link["container"] == {"name": "nginx", "id": ID}
    docker = said_of(f"/var/lib/docker/containers/{ID}/{ID}-json.log.1")
    assert docker["container"] == {"id": ID}
    assert "kubernetes" not in docker


def test_a_path_that_only_looks_like_a_containers_says_nothing():
    for path in ("/srv/pods/x/y/1.log", f"/containers/{ID}/other-json.log", "/containers/a_b_c-123.log"):
        assert said_of(path).keys() == {"event"}
