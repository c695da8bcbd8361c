import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from shipper.cli.dashboards import command
from shipper.errors import FindingError

FOLDER = Path(__file__).parents[3] / "kibana_saved_objects"


def test_a_dist_that_differs_from_a_rebuild_fails_the_check(tmp_path: Path):
    shutil.copytree(FOLDER, tmp_path / "k")
    built = tmp_path / "k" / "dist" / "overview.ndjson"
    arguments = ["build", "--check", "--folder", str(tmp_path / "k")]
    assert CliRunner().invoke(command, arguments).exit_code == 0
    built.write_text(built.read_text().replace("Log records", "Lag records"))
    result = CliRunner().invoke(command, arguments)
    assert isinstance(result.exception, FindingError)
    assert result.exception.exit_code == 1
    assert "overview.ndjson: differs" in result.output
    assert "Lag records" in built.read_text()


def test_lint_prints_findings_as_json_and_fails(tmp_path: Path):
    text = (FOLDER / "dist" / "overview.ndjson").read_text()
    broken = tmp_path / "broken.ndjson"
    broken.write_text(text.replace('"typeMigrationVersion":"10.2.0"', '"typeMigrationVersion":"10.9.0"'))
    result = CliRunner().invoke(command, ["lint", str(broken), "--json"])
    assert isinstance(result.exception, FindingError)
    [finding] = json.loads(result.output)
    assert (finding["rule"], finding["line"], finding["file"]) == ("R10", 1, str(broken))


@pytest.mark.parametrize("name", ["build", "execute", "lint", "preview"])
def test_every_command_has_examples_and_exit_codes(name: str):
    text = CliRunner().invoke(command, [name, "--help"]).output
    assert "Examples:" in text
    assert "Exit codes:" in text
    assert "--json" in text
