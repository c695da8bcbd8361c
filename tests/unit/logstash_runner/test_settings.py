"""pipelines.yml and logstash.yml: what is used, what is passed over, what is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from shipper.errors import ConfigError
from shipper.logstash_runner.settings import find_files, load_pipelines, substitute

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "a.conf").write_text("input { }")
    (tmp_path / "b.conf").write_text("input { }")
    return tmp_path


def write(folder: Path, text: str, common: str | None = None) -> Path:
    path = folder / "pipelines.yml"
    path.write_text(text)
    if common is not None:
        (folder / "logstash.yml").write_text(common)
    return path


def test_a_pipeline_takes_the_common_settings_and_overrides_them(folder: Path) -> None:
    path = write(
        folder,
        '- pipeline.id: a\n  path.config: "${DIR}/a.conf"\n  pipeline.workers: 3\n'
        '- pipeline.id: b\n  path.config: "${DIR}/b.conf"\n  dead_letter_queue.enable: false\n',
        "dead_letter_queue.enable: true\npipeline.workers: 1\npipeline.batch.size: 500\nqueue.type: persisted\n",
    )
    first, second = load_pipelines(path, {"DIR": str(folder)})
    assert (first.id, first.files, first.workers, first.batch_size, first.dead_letters) == (
        "a", (folder / "a.conf",), 3, 500, True,
    )  # fmt: skip
    assert (second.workers, second.dead_letters) == (1, False)


def test_nested_spelling_means_the_same(folder: Path) -> None:
    path = write(folder, f"- pipeline: {{ id: a, workers: 2 }}\n  path: {{ config: {folder}/a.conf }}\n")
    (pipeline,) = load_pipelines(path, {})
    assert (pipeline.id, pipeline.workers) == ("a", 2)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{}", "expected a list of pipelines"),
        ("- pipeline.id: a\n  pipelin.workers: 2\n", "unknown setting `pipelin.workers`"),
        ("- pipeline.id: a\n  path.config: nowhere/*.conf\n", "no configuration file of the pipeline `a`"),
        ("- pipeline.id: a\n  path.config: ${DIR}/a.conf\n", "the environment variable DIR is not set"),
        ("- {pipeline.id: a, config.string: ''}\n- {pipeline.id: a, config.string: ''}\n", "stands twice"),
        ("- {pipeline.id: a, config.string: '', pipeline.workers: many}\n", "expected a whole number"),
        ("- {pipeline.id: a, config.string: '', dead_letter_queue.max_bytes: big}\n", "expected a size"),
    ],
)
def test_each_mistake_has_its_message_and_line(folder: Path, text: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_pipelines(write(folder, text), {})
    assert message in caught.value.message
    assert "pipelines.yml:" in str(caught.value.where)


def test_a_path_is_a_file_a_folder_or_a_glob(folder: Path) -> None:
    both = (folder / "a.conf", folder / "b.conf")
    assert find_files(str(folder / "a.conf")) == both[:1]
    assert find_files(str(folder)) == both
    assert find_files(str(folder / "*.conf")) == both
    assert find_files(str(folder / "*.none")) == ()


def test_variables_have_logstash_defaults() -> None:
    assert substitute("${A}-${B:x:y}-${C:}", {"A": "1"}, "here") == "1-x:y-"
    with pytest.raises(ConfigError, match="D is not set"):
        substitute("${D}", {}, "here")
