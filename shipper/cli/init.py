"""`shipper init`: the declarative folders, copied out to be changed and kept under version control."""

from __future__ import annotations

import shutil
from pathlib import Path

import click

from shipper.cli.terminal import emit, json_option
from shipper.errors import UsageError


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option("--force", is_flag=True, help="Overwrite what is there.")
@json_option
def command(folder: Path, force: bool, as_json: bool) -> None:
    """Copy pipelines, rules with their runbooks, dashboards, the Compose file and an example configuration into FOLDER.

    \b
    Examples:
      shipper init my-logs
      shipper init . --force

    The Compose file builds our image from a checkout: name it with SHIPPER_SOURCE,
    or have the image ecs-shipper:local already.

    \b
    Exit codes: 0 copied; 2 something is there already (nothing was copied).
    """
    from shipper.declarative import COMPANIONS, NAMES, packaged

    names = (*NAMES, *COMPANIONS)
    there = [name for name in names if (folder / name).exists()]
    if there and not force:
        raise UsageError(f"already there: {', '.join(there)}", where=str(folder), hint="add --force to overwrite")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name in names:
            _copy(packaged(name), folder / name)
    except OSError as error:
        raise UsageError(f"cannot be written: {error.strerror}", where=str(error.filename or folder)) from error
    emit(
        {"folder": str(folder), "copied": list(names)},
        "\n".join(f"copied {folder / name}" for name in names),
        as_json=as_json,
    )


def _copy(source: Path, target: Path) -> None:
    if source.resolve() == target.resolve():
        raise UsageError("this is where they come from", where=str(target), hint="name another folder")
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__", ".gitkeep"))
    else:
        shutil.copy2(source, target)
