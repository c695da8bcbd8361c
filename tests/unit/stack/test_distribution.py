"""The server's download, against a real HTTP server that plays a Maven repository."""

from __future__ import annotations

import hashlib
import io
import threading
import zipfile
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest

from shipper.errors import UnavailableError, UsageError
from shipper.stack import distribution

VERSION = "8.77.0"


class Repository:
    """Serves a folder laid out as Maven lays it out; counts requests and can cut answers short."""

    def __init__(self, root):
        self.root = root
        self.folder = root / "org/elasticsearch/distribution/integ-test-zip/elasticsearch" / VERSION
        self.folder.mkdir(parents=True)
        self.cut = 0
        repository = self

        class Handler(SimpleHTTPRequestHandler):
            def copyfile(self, source, outputfile):
                if self.path.endswith(".zip") and repository.cut:
                    repository.cut -= 1
                    outputfile.write(source.read()[:-10])
                    self.close_connection = True
                    return
                super().copyfile(source, outputfile)

            def log_message(self, *_arguments):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(root)))
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def publish(self, data, **checksums):
        (self.folder / f"elasticsearch-{VERSION}.zip").write_bytes(data)
        for suffix, text in checksums.items():
            (self.folder / f"elasticsearch-{VERSION}.zip.{suffix}").write_text(text)


@pytest.fixture
def repository(tmp_path, monkeypatch):
    repository = Repository(tmp_path / "repository")
    thread = threading.Thread(target=repository.server.serve_forever, args=(0.02,))
    thread.start()
    monkeypatch.setenv("SHIPPER_MAVEN_REPOSITORY", repository.url)
    yield repository
    repository.server.shutdown()
    repository.server.server_close()
    thread.join()


def fetch(cache, version=VERSION):
    return distribution.server(version, cache, pause=lambda _seconds: None)


def archive():
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as zipped:
        entry = zipfile.ZipInfo(f"elasticsearch-{VERSION}/bin/elasticsearch")
        entry.external_attr = 0o755 << 16
        zipped.writestr(entry, "#!/bin/sh\n")
        zipped.writestr(f"elasticsearch-{VERSION}/config/jvm.options", "-XX:+UseG1GC\n")
    return data.getvalue()


def test_a_server_is_unpacked_whole_and_its_programs_run(repository, tmp_path):
    repository.publish(archive(), sha512=hashlib.sha512(archive()).hexdigest())
    folder = fetch(tmp_path / "cache")
    assert folder.name == f"elasticsearch-{VERSION}"
    assert (folder / "bin/elasticsearch").stat().st_mode & 0o777 == 0o755
    assert (folder / "config/jvm.options").stat().st_mode & 0o777 == 0o644
    assert [path.name for path in (tmp_path / "cache").iterdir()] == [folder.name]


def test_what_is_in_the_cache_is_not_fetched_again(repository, tmp_path):
    (tmp_path / "cache" / f"elasticsearch-{VERSION}").mkdir(parents=True)
    assert fetch(tmp_path / "cache").exists()


def test_a_download_that_breaks_is_tried_again(repository, tmp_path):
    repository.publish(archive(), sha1=hashlib.sha1(archive(), usedforsecurity=False).hexdigest())
    repository.cut = 3
    assert (fetch(tmp_path / "cache") / "bin").is_dir()


def test_a_download_that_always_breaks_is_given_up_and_leaves_nothing(repository, tmp_path):
    repository.publish(archive())
    repository.cut = 99
    with pytest.raises(UnavailableError, match="cannot be downloaded"):
        fetch(tmp_path / "cache")
    assert list((tmp_path / "cache").iterdir()) == []


@pytest.mark.parametrize("suffix", ["sha512", "sha1"])
def test_bytes_that_do_not_fit_the_repositorys_checksum_are_refused(repository, tmp_path, suffix):
    repository.publish(archive(), **{suffix: "0" * 40})
    with pytest.raises(UnavailableError, match=f"its {suffix} does not fit"):
        fetch(tmp_path / "cache")
    assert list((tmp_path / "cache").iterdir()) == []


def test_without_any_checksum_the_archives_own_ones_must_hold(repository, tmp_path):
    data = bytearray(archive())
    data[data.index(b"#!/bin/sh")] ^= 1
    repository.publish(bytes(data))
    with pytest.raises(UnavailableError, match="damaged"):
        fetch(tmp_path / "cache")


def test_a_known_version_must_have_the_bytes_we_tried(tmp_path):
    path = tmp_path / "a.zip"
    path.write_bytes(archive())
    with pytest.raises(UnavailableError, match="sha512 does not fit"):
        distribution.verify(path, "8.19.3", lambda _suffix: None)


def test_a_version_that_does_not_exist_is_the_callers_mistake(repository, tmp_path):
    with pytest.raises(UsageError, match=r"no Elasticsearch 8\.78\.0"):
        fetch(tmp_path / "cache", "8.78.0")


def test_a_half_made_folder_of_a_dead_process_is_cleared_away(repository, tmp_path):
    stale = tmp_path / "cache" / ".making-999999999-x"
    (stale / "m2").mkdir(parents=True)
    repository.publish(archive())
    fetch(tmp_path / "cache")
    assert not stale.exists()
