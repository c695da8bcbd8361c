"""The documentation is held against the code and the files that it names."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)#]+)")


def test_the_reference_is_what_the_code_says():
    result = subprocess.run(
        [sys.executable, "scripts/make_reference.py", "--check"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, f"run `python scripts/make_reference.py`: {result.stdout}{result.stderr}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page):
    targets = LINK.findall(page.read_text("utf-8"))
    assert [target for target in targets if not (page.parent / target).exists()] == []


def test_the_readme_is_short():
    assert len((ROOT / "README.md").read_text("utf-8").splitlines()) <= 150


@pytest.mark.parametrize("page", [*PAGES[:1], ROOT / "docs/getting-started.md"], ids=lambda page: page.name)
def test_commands_in_the_readme_exist(page):
    from shipper.cli import COMMANDS

    named = set(re.findall(r"^(?:\.venv/bin/)?shipper ([a-z]+)", page.read_text("utf-8"), re.MULTILINE))
    named |= set(re.findall(r"`(?:\.venv/bin/)?shipper ([a-z]+)", page.read_text("utf-8")))
    assert named
    assert named - set(COMMANDS) == set()


def test_every_concept_and_operations_page_can_be_found_from_the_index():
    index = (ROOT / "docs/README.md").read_text("utf-8")
    pages = [*(ROOT / "docs/concepts").glob("*.md"), *(ROOT / "docs/operations").glob("*.md")]
    assert [page.name for page in pages if page.name not in index] == []


def test_no_path_of_a_developers_machine_is_in_the_tree():
    # bracketed, so that this file does not find itself
    command = ["git", "grep", "-nE", "[/]work/(main|shared)|[/]tmp/helpers", "--", "."]
    found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False).stdout
    assert found == ""
