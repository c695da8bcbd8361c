"""`shipper dashboards`: build, lint, execute, preview."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from shipper.cli.connection import cluster_options, stack_settings
from shipper.cli.terminal import emit, json_option, several
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
            f"{several(len(changed), 'file')} not as a rebuild makes {'it' if len(changed) == 1 else 'them'}",
            where=str(where / "dist"),
            hint="run `shipper dashboards build`",
        )


FILES = click.argument(
    "files", nargs=-1, type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="[NDJSON]..."
)


@command.command()
@FILES
@json_option
def lint(files: tuple[Path, ...], as_json: bool) -> None:
    """Check exports by the rules R1 to R15 (docs/concepts/dashboards.md).

    Any Kibana export may be checked; without a file, all that are built.

    \b
    Exit codes: 0 nothing found, 1 something found, 2 a file cannot be read.

    \b
    Examples:
      shipper dashboards lint
      shipper dashboards lint export.ndjson --json
    """
    from dataclasses import asdict

    from shipper.dashboards.export import read
    from shipper.dashboards.lint import lint as check
    from shipper.dashboards.lint.catalog import catalog

    paths = files or tuple(sorted((_found() / "dist").glob("*.ndjson")))
    findings = [finding for path in paths for finding in check(read(path), catalog())]
    text = "\n".join([*map(str, findings), f"{several(len(paths), 'file')}, {several(len(findings), 'finding')}"])
    emit([asdict(finding) for finding in findings], text, as_json=as_json)
    if findings:
        raise FindingError(several(len(findings), "finding"), hint="mend them in src/*.yml, then build")


@command.command()
@FILES
@cluster_options
@click.option("--from", "start", help="Begin of the time range: now-1h, now/d, 2026-01-31T12:00:00Z.")
@click.option("--to", "end", help="End of the time range (default: the dashboard's).")
@click.option("--query", default="", help="KQL that every panel is cut to.")
@json_option
def execute(
    files: tuple[Path, ...],
    as_json: bool,
    start: str | None,
    end: str | None,
    query: str,
    **options: Any,
) -> None:
    """Run every panel on Elasticsearch and print its table.

    Reads the built NDJSON (default: kibana_saved_objects/dist), so what is
    executed is what Kibana imports.

    \b
    Exit codes: 0 done, 1 a panel failed, 2 wrong usage, 3 Elasticsearch
    cannot be reached.

    \b
    Examples:
      shipper dashboards execute --from now-15m
      shipper dashboards execute --query 'service.name: shop' --json
    """
    from shipper.cli import dashboards_run

    target = dashboards_run.Target(files, stack_settings(options))
    report = dashboards_run.execute(target, start, end, query)
    emit(report.document, report.text, as_json=as_json)
    if report.failed:
        raise FindingError(f"{several(report.failed, 'panel')} failed", hint="see their errors above")


@command.command()
@FILES
@cluster_options
@click.option("--port", default=0, show_default="a free one", help="Port on 127.0.0.1.")
@click.option("--once", type=click.Path(dir_okay=False, path_type=Path), help="Write the page into this file and end.")
@json_option
def preview(
    files: tuple[Path, ...],
    as_json: bool,
    port: int,
    once: Path | None,
    **options: Any,
) -> None:
    """Serve the dashboards and Insights as pages with real data, without a Kibana.

    Only this machine can open them. --once writes the first dashboard as one
    HTML file that needs nothing else.

    \b
    Exit codes: 0 done, 2 wrong usage, 3 Elasticsearch cannot be reached or
    the port is taken.

    \b
    Examples:
      shipper dashboards preview
      shipper dashboards preview --port 8601
      shipper dashboards preview --once overview.html
    """
    from shipper.cli import dashboards_run

    target = dashboards_run.Target(files, stack_settings(options))
    if once is not None:
        dashboards_run.write_page(target, once)
        emit({"file": str(once)}, f"{once}: written", as_json=as_json)
        return
    dashboards_run.serve(target, port, lambda url: emit({"url": url}, f"{url} (Ctrl-C ends)", as_json=as_json))


def _found() -> Path:
    from shipper.declarative import find

    return find("kibana_saved_objects")
