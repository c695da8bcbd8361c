from __future__ import annotations

import json
import os
import subprocess
import sys

import click
import pytest
from click.shell_completion import ShellComplete
from click.testing import CliRunner

from shipper.cli import COMMANDS, cli, main
from shipper.cli.terminal import size, table
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
    assert "Example" in command.help, "no example"
    for parameter in command.params:
        if isinstance(parameter, click.Option) and not parameter.hidden:
            assert parameter.help or isinstance(parameter.type, click.Choice), f"{parameter.name} has no help"


def test_the_list_of_commands_imports_no_room():
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
    assert f"error: a file stands in the place of a folder\n  where: {tmp_path}/home\n" in shown
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


def completed(words: str) -> set[str]:
    *before, last = words.split(" ")
    return {item.value for item in ShellComplete(cli, {}, "shipper", "_SHIPPER_COMPLETE").get_completions(before, last)}


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("ag", {"agent"}),
        ("agent st", {"status"}),
        ("agent test ", {"config", "output", "codec", "plan"}),
        ("rules li", {"lint"}),
        ("agent run --pa", {"--path"}),
        ("convert --codec nginx", {"nginx-error"}),
    ],
)
def test_the_shell_completes_commands_options_and_codecs(typed, offered):
    assert completed(typed) == offered


def test_the_shell_completes_rules_labels_and_notifiers_of_the_config(tmp_path):
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "slow.yml").write_text("name: slow-shop\nsummary: slow\ngroup_by: [host.name, url.path]\n")
    (tmp_path / "rules" / "broken.yml").write_text("name: [\n")
    config = tmp_path / "e.yml"
    config.write_text(f"rules: [{tmp_path}/rules]\nnotifiers: {{pager: {{type: console}}, mail: {{type: console}}}}\n"
                      "routes: {default: [pager]}\n")  # fmt: skip
    assert completed(f"rules explain -c {config} sl") == {"sl", "slow-shop"}
    assert completed(f"rules replay -c {config} --rule slo") == {"slo", "slow-shop"}
    assert completed(f"rules ack -c {config} slow-shop ") == {"host.name=", "url.path="}
    assert completed(f"rules test-notifier -c {config} p") == {"pager"}
    assert completed(f"rules silence add -c {config} ru") == {"rule="}
    assert completed(f"rules silence add -c {config} rule=sl") == {"rule=slow-shop"}
    assert completed(f"rules silence add -c {config} rule = sl") == {"slow-shop"}  # as bash puts it
    assert completed(f"rules silence add -c {config} severity =") == {"info", "warning", "critical"}
    assert completed(f"rules silence expire -c {tmp_path}/none.yml ") == set()


def test_the_shell_completes_the_names_of_the_library():
    assert completed("rules explain error-r") == {"error-r", "error-ratio"}
    assert completed("rules ack error-ratio ser") == {"service.name="}


def test_completing_the_first_word_imports_no_room():
    code = "import sys; sys.argv = ['shipper']; from shipper.cli import main; main()"
    words = {"COMP_WORDS": "shipper ", "COMP_CWORD": "1", "_SHIPPER_COMPLETE": "bash_complete"}
    result = subprocess.run(
        [sys.executable, "-X", "importtime", "-c", code],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **words},
    )
    assert all(f"plain,{name}" in result.stdout for name in COMMANDS)
    assert "shipper.cli.agent" not in result.stderr


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        (["--codec", "ngin"], "did you mean 'nginx-error'?"),
        (["--timezone", "Europe/Berln"], "did you mean 'Europe/Berlin'?"),
    ],
)
def test_a_mistyped_codec_or_zone_is_told_which_one_is_near(typed, meant, capsys):
    with pytest.raises(SystemExit) as ended:
        main(["convert", *typed, "-"])
    assert ended.value.code == 2
    assert meant in capsys.readouterr().err


def test_what_init_copies_passes_its_own_checks(tmp_path, monkeypatch, capsys):
    for arguments in (["init", str(tmp_path / "mine")], ["rules", "lint"], ["dashboards", "lint"]):
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        assert ended.value.code == 0, capsys.readouterr()
        monkeypatch.chdir(tmp_path / "mine")
    assert not list(tmp_path.rglob(".gitkeep"))


def test_a_stack_that_does_not_run_says_how_to_start_it(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("SHIPPER_HOME", str(tmp_path))
    with pytest.raises(SystemExit) as ended:
        main(["stack", "status"])
    assert ended.value.code == 3
    assert capsys.readouterr().out.startswith("Elasticsearch does not run; `shipper stack up` starts it")


@pytest.mark.parametrize(
    ("count", "text"), [(0, "0 B"), (1023, "1,023 B"), (1536, "1.5 KiB"), (268_435_456, "256 MiB")]
)
def test_bytes_are_shown_with_the_unit_that_fits(count, text):
    assert size(count) == text


@pytest.mark.parametrize("command", [["agent", "run"], ["agent", "backfill"], ["agent", "test", "plan"]])
def test_a_pattern_that_the_shell_has_expanded_is_told_from_other_mistakes(command, capsys):
    with pytest.raises(SystemExit) as ended:
        main([*command, "--path", "a.log", "b.log", "c.log"])
    assert ended.value.code == 2
    assert "Put the pattern into quotes" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main(["agent", "status", "b.log"])
    assert "quotes" not in capsys.readouterr().err


@pytest.mark.parametrize(("no_colour", "coloured"), [("", True), ("1", False)])
def test_an_error_on_a_terminal_is_red_unless_no_color_is_set(no_colour, coloured, tmp_path):
    ours, theirs = os.openpty()
    try:
        subprocess.run(
            [sys.executable, "-m", "shipper", "agent", "status", "--state", str(tmp_path)],
            stderr=theirs,
            check=False,
            env={**os.environ, "NO_COLOR": no_colour},
        )
        said = os.read(ours, 4096)
    finally:
        os.close(ours)
        os.close(theirs)
    assert b"no agent runs here" in said
    assert (b"\x1b[" in said) is coloured


def test_simulate_says_what_it_wrote_and_refuses_json_where_the_output_is_on_stdout(tmp_path):
    out, truth = tmp_path / "out", tmp_path / "truth"
    said = CliRunner().invoke(cli, ["simulate", "logs", "--count", "1", "--out", str(out)], catch_exceptions=False)
    assert said.stdout == f"1 record appended to {out}\n"
    options = ["simulate", "campaign", "--contacts", "5", "--out", str(out), "--truth", str(truth), "--json"]
    report = json.loads(CliRunner().invoke(cli, options, catch_exceptions=False).stdout)
    assert report["events"] == len(out.read_text().splitlines())
    assert report["truth"] == str(truth)
    with pytest.raises(UsageError, match="--json reports on a file"):
        CliRunner().invoke(cli, ["simulate", "logs", "--json"], catch_exceptions=False)


def test_agent_test_codec_prints_a_document_a_line_or_one_list(tmp_path):
    log = tmp_path / "app.log"
    log.write_text("one\ntwo\n")
    lines = CliRunner().invoke(cli, ["agent", "test", "codec", str(log)], catch_exceptions=False).stdout
    listed = CliRunner().invoke(cli, ["agent", "test", "codec", str(log), "--json"], catch_exceptions=False).stdout
    documents = [json.loads(line) for line in lines.splitlines()]
    assert [document["message"] for document in documents] == ["one", "two"]
    assert [document["message"] for document in json.loads(listed)] == ["one", "two"]
    log.write_text("")
    empty = CliRunner().invoke(cli, ["agent", "test", "codec", str(log)], catch_exceptions=False).stdout
    assert not empty
