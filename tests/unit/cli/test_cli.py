from __future__ import annotations

import click
import pytest
from click.testing import CliRunner

from shipper.cli import COMMANDS, cli, main
from shipper.cli.terminal import table
from shipper.errors import UndeliveredError, UsageError


def every_command(command: click.Command, path: tuple[str, ...] = ()):
    yield path, command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            child = command.get_command(context, name)
            assert child is not None
            yield from every_command(child, (*path, name))


ALL = list(every_command(cli))


@pytest.mark.parametrize(("path", "command"), ALL, ids=[" ".join(path) or "shipper" for path, _ in ALL])
def test_every_command_explains_itself(path, command):
    result = CliRunner().invoke(cli, [*path, "--help"])
    assert result.exit_code == 0, result.output
    assert command.help, "no help text"
    if not isinstance(command, click.Group):
        assert "Example" in command.help, "no example"
    for parameter in command.params:
        if isinstance(parameter, click.Option) and not parameter.hidden:
            assert parameter.help or isinstance(parameter.type, click.Choice), f"{parameter.name} has no help"


def test_the_list_of_commands_imports_no_room():
    import subprocess
    import sys

    code = (
        "import sys; from shipper.cli import main\n"
        "try: main(['--help'])\n"
        "finally: print([name for name in sys.modules if name.startswith('shipper.')])"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert all(name in result.stdout for name in COMMANDS)
    assert "shipper.agent" not in result.stdout


@pytest.mark.parametrize(
    ("error", "code"), [(UsageError("wrong", where="a.yml:3", hint="mend it"), 2), (UndeliveredError("left"), 4)]
)
def test_an_error_for_people_is_one_message_and_its_exit_code(error, code, capsys, monkeypatch):
    def fail(*_args, **_kwargs):
        raise error

    monkeypatch.setattr(cli, "main", fail)
    with pytest.raises(SystemExit) as ended:
        main([])
    assert ended.value.code == code
    printed = capsys.readouterr().err
    assert error.message in printed
    assert "Traceback" not in printed
    if error.hint:
        assert f"next:  {error.hint}" in printed


def test_an_unknown_command_is_a_usage_error(capsys):
    with pytest.raises(SystemExit) as ended:
        main(["agnet"])
    assert ended.value.code == 2
    assert "agnet" in capsys.readouterr().err


def test_columns_line_up_and_numbers_stand_right():
    assert table([("a", 1), ("long", 20)], ("name", "n")) == "name   n\n----  --\na      1\nlong  20"


def test_a_home_that_cannot_be_written_is_one_message_and_not_a_traceback(tmp_path, capsys, monkeypatch):
    (tmp_path / "home").write_text("a file where a folder belongs")
    monkeypatch.setenv("SHIPPER_HOME", str(tmp_path / "home"))
    with pytest.raises(SystemExit) as ended:
        main(["demo", "--once"])
    assert ended.value.code == 3
    shown = capsys.readouterr().err
    assert "error: Not a directory" in shown
    assert str(tmp_path / "home") in shown


@pytest.mark.parametrize(("typed", "meant"), [("convrt", "convert"), ("dashbord", "dashboards"), ("agnt", "agent")])
def test_a_mistyped_command_is_told_which_one_is_near(typed, meant):
    result = CliRunner().invoke(cli, [typed])
    assert result.exit_code == 2
    assert f"Did you mean '{meant}'?" in result.output


def test_a_room_whose_packages_are_not_installed_names_the_extra(capsys, monkeypatch):
    monkeypatch.setitem(COMMANDS, "away", ("no_such_package_of_an_extra", "It is not here."))
    with pytest.raises(SystemExit) as ended:
        main(["away"])
    assert ended.value.code == 2
    assert "the package `no_such_package_of_an_extra`, which is not installed" in (error := capsys.readouterr().err)
    assert "extras" in error


def test_a_service_without_the_extra_learns_its_name():
    import subprocess
    import sys

    code = "import sys; sys.modules['ecs_logging'] = None\nfrom shipper import app"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "install Shipper with its extra `app`" in result.stderr
