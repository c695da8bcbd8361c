from __future__ import annotations

import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
RUN_BARE = """
import importlib, pkgutil, sys
class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {allowed_not!r}:
            raise ImportError(f"{{name}} is not part of a bare agent")
sys.meta_path.insert(0, Refuse())
import shipper.agent
for room in ("shipper.agent", "shipper.lumberjack", "shipper.bulk", "shipper.ecs"):
    package = importlib.import_module(room)
    for module in pkgutil.walk_packages(package.__path__, room + "."):
        importlib.import_module(module.name)
import shipper.cli.agent, shipper.cli.convert
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    target = tmp_path_factory.mktemp("wheel")
    subprocess.run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(target)], cwd=ROOT, check=True)
    (built,) = target.glob("*.whl")
    return zipfile.ZipFile(built)


@pytest.mark.e2e
def test_the_wheel_carries_the_declarative_folders_and_the_types(wheel):
    names = set(wheel.namelist())
    assert "shipper/py.typed" in names
    for wanted in ("logstash/pipelines.yml", "docs/runbooks/agent.md", "docker-compose.yml", "shipper.example.yml"):
        assert f"shipper/declarative/{wanted}" in names
    assert any(name.startswith("shipper/declarative/alert_rules/") and name.endswith(".yml") for name in names)
    assert any(name.startswith("shipper/declarative/kibana_saved_objects/dist/") for name in names)
    assert not [name for name in names if name.startswith(("tests/", "docs/"))]


@pytest.mark.e2e
def test_a_bare_agent_imports_nothing_of_the_extras():
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    optional = {
        requirement.split("[")[0].split(">")[0].split("=")[0].strip().replace("-", "_")
        for name in ("app", "local", "rules", "dashboards", "insights")
        for requirement in extras[name]
    }
    optional |= {"elastic_transport", "logstash_async", "vl_convert"}
    assert {"elasticsearch", "lark", "jgo"} <= optional
    code = RUN_BARE.format(allowed_not=sorted(optional))
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=ROOT)
    assert result.returncode == 0, result.stderr
