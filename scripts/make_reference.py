"""Write docs/reference/*.md from the code: the commands' help and the agent's configuration.

Run `python scripts/make_reference.py` after a change of commands or settings; a test compares the result.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from shipper.cli import COMMANDS, cli

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "reference"
WIDTH = 100


def command_pages() -> Iterator[tuple[str, str]]:
    """(file name, text) of the page of each top command."""
    context = click.Context(cli, info_name="shipper", terminal_width=WIDTH, max_content_width=WIDTH)
    for name in sorted(COMMANDS):
        command = cli.get_command(context, name)
        assert command is not None
        blocks = list(_help_blocks(command, f"shipper {name}", None))
        title = f"# shipper {name}\n\nGenerated from the code by `scripts/make_reference.py`.\n"
        yield f"{name}.md", title + "".join(blocks)


def _help_blocks(command: click.Command, path: str, parent: click.Context | None) -> Iterator[str]:
    context = click.Context(command, info_name=path, parent=None, terminal_width=WIDTH, max_content_width=WIDTH)
    heading = "" if parent is None else f"\n## {path}\n"
    text = "\n".join(line.rstrip() for line in command.get_help(context).splitlines())
    yield f"{heading}\n```text\n{text}\n```\n"
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            child = command.get_command(context, name)
            assert child is not None
            yield from _help_blocks(child, f"{path} {name}", context)


def main() -> int:
    """Write the pages; with --check only compare, exit 1 where one differs."""
    stale = []
    pages = dict(command_pages())
    for name, text in pages.items():
        page = FOLDER / name
        if not page.exists() or page.read_text("utf-8") != text:
            stale.append(name)
            if "--check" not in sys.argv:
                page.write_text(text, "utf-8")
    for page in FOLDER.glob("*.md"):
        if page.name not in pages and page.name != "README.md":
            stale.append(page.name)
            if "--check" not in sys.argv:
                page.unlink()
    sys.stdout.write(f"{len(pages)} pages, {len(stale)} {'stale' if '--check' in sys.argv else 'written'}: {stale}\n")
    return 1 if stale and "--check" in sys.argv else 0


if __name__ == "__main__":
    sys.exit(main())
