"""docker-compose.yml cannot be started here: Compose's own parser reads it, and the code is held to what it says."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import click
import pytest
import yaml

from shipper.cli import cli
from tests.support.compose import ROOT, compose

OFFICIAL = {"elasticsearch", "logstash", "kibana"}


@pytest.fixture(scope="module")
def project():
    return compose("three-nodes")


def own_services(project):
    return {
        name: service for name, service in project["services"].items() if service["image"].startswith("ecs-shipper")
    }


def test_official_images_have_unqualified_names_and_one_version(project):
    images = {name: project["services"][name]["image"] for name in OFFICIAL}
    assert {image.split(":")[0] for image in images.values()} == OFFICIAL
    assert len({image.split(":")[1] for image in images.values()}) == 1


def test_long_running_services_restart_and_have_health_and_bounded_logs(project):
    for name, service in project["services"].items():
        assert service["logging"]["options"]["max-size"], name
        if name.endswith("-setup"):
            assert service["restart"] == "no"
            continue
        assert service["restart"] == "unless-stopped", name
        assert "healthcheck" in service or name in {"evaluator", "monitor"}, name


def test_one_shot_services_end_in_setup(project):
    waited_for = {
        name
        for service in project["services"].values()
        for name, condition in service.get("depends_on", {}).items()
        if condition["condition"] == "service_completed_successfully"
    }
    assert waited_for == {name for name in project["services"] if name.endswith("-setup")}


def test_mounted_files_of_the_repository_exist(project):
    mounts = [volume for service in project["services"].values() for volume in service.get("volumes", [])]
    sources = [Path(mount["source"]) for mount in mounts if mount["type"] == "bind"]
    inside = [source for source in sources if source.is_relative_to(ROOT)]
    assert inside
    assert [source for source in inside if not source.exists()] == []


def test_ports_are_published_on_loopback_only(project):
    published = [port for service in project["services"].values() for port in service.get("ports", [])]
    assert {port["host_ip"] for port in published} == {"127.0.0.1"}


def test_secret_files_are_those_that_the_script_makes(project):
    made = set(re.findall(r"[a-z_]+_(?:password|key)", (ROOT / "scripts/make-secrets").read_text()))
    assert set(project["secrets"]) == made
    used = {secret["source"] for service in project["services"].values() for secret in service.get("secrets", [])}
    assert used == made


def test_no_password_stands_in_the_file():
    text = (ROOT / "docker-compose.yml").read_text()
    for key, value in re.findall(r"^\s*(\w*(?:PASSWORD|SECRET|TOKEN)\w*):\s*(\S+)", text, re.MULTILINE):
        assert value.startswith(("/run/secrets/", "${")), key


def test_our_containers_run_unprivileged(project):
    for name, service in own_services(project).items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
    dockerfile = (ROOT / "Dockerfile").read_text()
    assert re.search(r"^USER 10001", dockerfile, re.MULTILINE)


def test_the_image_copies_what_the_package_includes():
    dockerfile = (ROOT / "Dockerfile").read_text()
    ignored = (ROOT / ".dockerignore").read_text()
    included = re.findall(r'^"([^"]+)" = "shipper/declarative/', (ROOT / "pyproject.toml").read_text(), re.MULTILINE)
    assert included
    for name in included:
        assert name in dockerfile, name
        assert f"!{name}" in ignored, name


@pytest.mark.parametrize("service", ["certificates-setup", "stack-setup", "agent", "evaluator", "monitor"])
def test_commands_are_ones_that_the_program_takes(project, service):
    words = project["services"][service]["command"]
    command: click.Command = cli
    context = click.Context(cli)
    while isinstance(command, click.Group):
        child = command.get_command(context, words[0])
        assert child is not None, words
        command, words = child, words[1:]
    values = [re.sub(r"=/(run/secrets$|logs).*", f"={ROOT / 'docs'}", word) for word in words]
    values = [re.sub(r"=/(run|rules|var|etc|certificates/).*", f"={ROOT / 'README.md'}", word) for word in values]
    command.make_context(command.name, values, parent=context)


def test_the_evaluators_config_is_one_that_it_takes(tmp_path):
    from shipper import config
    from shipper.rules.settings import EvaluatorSettings

    (tmp_path / "rules_evaluator_password").write_text("pw")
    text = (ROOT / "docker/evaluator.yml").read_text().replace("/run/secrets", str(tmp_path))
    settings = config.bind(config.parse(text, "evaluator.yml"), EvaluatorSettings)
    assert settings.elasticsearch is not None
    assert settings.elasticsearch.user == "rules_evaluator"


def test_logstash_is_given_the_variables_that_the_pipelines_read(project):
    service = project["services"]["logstash"]
    given = set(service["environment"]) | set(re.findall(r"export (\w+)=", " ".join(service["entrypoint"])))
    read = set()
    for pipeline in (ROOT / "logstash").rglob("*.conf"):
        read |= set(re.findall(r"\$\{(\w+)\}", pipeline.read_text()))
    assert read
    assert read - given == set(), "variables without a default that nothing sets"


def test_the_pipeline_paths_are_mounted_where_pipelines_yml_looks(project):
    targets = {volume["target"] for volume in project["services"]["logstash"]["volumes"]}
    for pipeline in yaml.safe_load((ROOT / "logstash/pipelines.yml").read_text()):
        path = re.sub(r"\$\{\w+:([^}]*)\}", r"\1", pipeline["path.config"])
        assert any(path.startswith(target) for target in targets), pipeline


def test_every_container_has_a_limit_of_memory_above_its_heap(project):
    for name, service in project["services"].items():
        assert int(service["mem_limit"]) >= 512 * 2**20, name
    heap = re.search(r"-Xmx(\d+)g", project["services"]["elasticsearch"]["environment"]["ES_JAVA_OPTS"])
    assert heap is not None
    assert int(project["services"]["elasticsearch"]["mem_limit"]) >= 2 * int(heap.group(1)) * 2**30


def test_what_init_copies_is_all_that_the_compose_file_mounts(project, tmp_path):
    done = subprocess.run([sys.executable, "-m", "shipper", "init", str(tmp_path)], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "scripts/make-secrets").stat().st_mode & 0o100
    for service in project["services"].values():
        for volume in service.get("volumes", []):
            if volume["type"] == "bind" and Path(volume["source"]).is_relative_to(ROOT):
                assert (tmp_path / Path(volume["source"]).relative_to(ROOT)).exists(), volume["source"]


def test_what_the_compose_file_mounts_is_kept_in_git(project):
    kept = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    for service in project["services"].values():
        for volume in service.get("volumes", []):
            if volume["type"] == "bind" and Path(volume["source"]).is_relative_to(ROOT):
                name = str(Path(volume["source"]).relative_to(ROOT))
                assert any(file == name or file.startswith(f"{name}/") for file in kept), name
