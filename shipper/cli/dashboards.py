"""`shipper dashboards`: build, lint, execute, preview."""

from __future__ import annotations

from pathlib import Path

import click

from shipper.cli.terminal import emit, json_option
from shipper.errors import FindingError

FOLDER = click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="The folder kibana_saved_objects (default: found from the working directory up).",
)


@click.group()
def command() -> None:
    """Build, check, execute and preview Kibana dashboards.

    \b
    Examples:
      shipper dashboards build
      shipper dashboards lint
      shipper dashboards execute
      shipper dashboards preview
    """


@command.command()
@FOLDER
@click.option("--check", is_flag=True, help="Write nothing; exit 1 where dist/ differs from a rebuild.")
@json_option
def build(folder: Path | None, check: bool, as_json: bool) -> None:
    """Build src/*.yml into importable dist/*.ndjson.

    The same sources give the same bytes. Import a file in Kibana under
    Stack Management > Saved objects, with "overwrite".

    \b
    Exit codes: 0 done, 1 dist/ differs (--check), 2 a source is wrong.

    \b
    Examples:
      shipper dashboards build
      shipper dashboards build --check
    """
    from shipper.dashboards import builder
    from shipper.dashboards.source import read_sources

    where = folder or _found()
    files = builder.build(read_sources(where))
    changed = builder.differences(where, files) if check else builder.write(where, files)
    result = {"changed": changed, "files": sorted(files), "folder": str(where)}
    verb = "differs" if check else "written"
    lines = [f"{name}: {verb if name in changed else 'unchanged'}" for name in sorted({*files, *changed})]
    emit(result, "\n".join(lines), as_json=as_json)
    if check and changed:
        raise FindingError(
            f"{len(changed)} files differ from a rebuild",
            where=str(where / "dist"),
            hint="run `shipper dashboards build`",
        )


def _found() -> Path:
    from shipper.declarative import find

    return find("kibana_saved_objects")
