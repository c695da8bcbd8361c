from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import msgspec
import pytest

from shipper import config
from shipper.errors import ConfigError


class FileInput(config.Settings, frozen=True, tag_field="type", tag="file"):
    paths: list[str]
    every: config.Duration = config.Duration(10)


class SyslogInput(config.Settings, frozen=True, tag_field="type", tag="syslog"):
    port: Annotated[int, msgspec.Meta(ge=1, le=65535)]


class Root(config.Settings, frozen=True):
    inputs: list[FileInput | SyslogInput]
    memory: config.Size = config.Size(1)
    password: config.Secret | None = None


class Placed(config.Settings, frozen=True):
    place: Path | None = None
    key: config.Secret | None = None


def bind(text: str, **environment: str) -> Root:
    return config.bind(config.parse(text, "agent.yml", environment), Root)


def test_a_whole_file_becomes_a_frozen_model():
    root = bind("inputs:\n  - {type: file, paths: [/var/log/*.log], every: 500ms}\nmemory: 64MiB\n")
    assert root.inputs == [FileInput(paths=["/var/log/*.log"], every=config.Duration(0.5))]
    assert root.memory == 64 * 1024**2
    with pytest.raises(AttributeError):
        root.memory = config.Size(2)  # type: ignore[misc]  # the point: it is frozen


@pytest.mark.parametrize(
    ("text", "where", "message", "hint"),
    [
        ("inputs: []\nmemry: 1MiB\n", "agent.yml:2: memry", "unknown key `memry`", "did you mean `memory`?"),
        (
            "inputs:\n  - type: file\n    path: [a]\n",
            "agent.yml:3: inputs[0].path",
            "unknown key `path`",
            "did you mean `paths`?",
        ),
        ("inputs:\n  - type: fil\n    paths: [a]\n", "agent.yml:2: inputs[0].type", "invalid value 'fil'", "`file`"),
        ("inputs:\n  - type: file\n", "agent.yml:2: inputs[0]", "the key `paths` is missing", ""),
        (
            "inputs:\n  - type: syslog\n    port: 0\n",
            "agent.yml:3: inputs[0].port",
            "expected a whole number >= 1, not 0",
            "",
        ),
        ("inputs: []\nmemory: lots\n", "agent.yml:2: memory", "expected a size such as", ""),
        ("inputs: []\nmemory: 1MiB\nmemory: 2MiB\n", "agent.yml:3", "stands twice (first on line 2)", "keep one"),
        ("inputs: [\n", "agent.yml:2:1", "not valid YAML", "indentation"),
        ("inputs: []\npassword: ${NO_SUCH}\n", "agent.yml:2", "NO_SUCH is not set", "export NO_SUCH"),
        ("inputs: []\npassword: file:/no/such\n", "agent.yml:2: password", "cannot be read", ""),
    ],
)
def test_a_mistake_names_what_where_and_how_to_mend_it(text, where, message, hint):
    with pytest.raises(ConfigError) as caught:
        bind(text)
    assert caught.value.where == where
    assert message in caught.value.message
    assert hint in (caught.value.hint or "")


def test_variables_fill_numbers_text_and_defaults():
    text = "inputs:\n  - type: syslog\n    port: ${PORT}\npassword: 'a-${WORD:-none}'\n"
    root = bind(text, PORT="514")
    assert root.inputs == [SyslogInput(port=514)]
    assert root.password is not None
    assert root.password.reveal() == "a-none"


def test_a_secret_comes_from_a_file_and_never_prints(tmp_path):
    (tmp_path / "pw").write_text("hunter2\n")
    root = bind(f"inputs: []\npassword: file:{tmp_path / 'pw'}\n")
    assert root.password is not None
    assert root.password.reveal() == "hunter2"
    assert "hunter2" not in f"{root!r} {root.password} {root.password!r}"


BOMB = "k0: &a0 [1]\n" + "".join(f"k{n}: &a{n} [{f'*a{n - 1}, ' * 9}1]\n" for n in range(1, 8))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: &a [*a]\n", "inside of itself"),
        ("a: " + "[" * 1200, "nested too deeply"),
        (BOMB, "aliases unfolded"),
        ('a: "\\ud800"\n', "surrogate"),
    ],
)  # fmt: skip
def test_a_file_that_would_break_the_program_is_refused_with_its_place(text, message):
    with pytest.raises(ConfigError, match=message) as refused:
        config.parse(text, "agent.yml", {})
    assert refused.value.where is not None
    assert refused.value.where.startswith("agent.yml")
    assert refused.value.hint is not None


def test_a_duration_is_a_hundred_years_at_most():
    with pytest.raises(ConfigError, match="a hundred years at most"):
        bind("inputs: [{type: file, paths: [x], every: 99999999999d}]")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: 0x_\n", "is no int"),
        ("a: 0b_\n", "is no int"),
        ("a: !!int abc\n", "is no int"),
        ("a: !!float abc\n", "is no float"),
        ("a: !!bool maybe\n", "is no bool"),
        ("a: " + "1" * 5000 + "\n", "is no int"),
    ],
)
def test_a_scalar_that_is_not_what_it_looks_like_is_refused_with_its_line(text, message):
    with pytest.raises(ConfigError, match=message) as refused:
        config.parse("# first\n" + text, "agent.yml", {})
    assert refused.value.where == "agent.yml:2"


@pytest.mark.parametrize(
    "written", ["*s3cret", "!s3cret x", "!!int s3cret", "!!bool s3cret", "@s3cret", "%s3cret", '"s3cret\\x"']
)
def test_a_password_without_quotes_that_yaml_takes_for_something_else_is_not_shown(written):
    with pytest.raises(ConfigError) as refused:
        bind(f"inputs: []\nmemory: 1MiB\npassword: {written}\n")
    assert "s3cret" not in str(refused.value)
    assert ":3" in str(refused.value)


def test_a_path_that_holds_nul_is_refused():
    file = config.parse('place: "/tmp/a\\0b"\n', "agent.yml", {})
    with pytest.raises(ConfigError, match=r"agent.yml:1: place: a path cannot hold NUL"):
        config.bind(file, Placed)


def test_a_secret_file_that_is_no_text_is_told_without_its_bytes(tmp_path):
    (tmp_path / "key").write_bytes(b"s3cret\xff")
    file = config.parse(f"key: file:{tmp_path}/key\n", "agent.yml", {})
    with pytest.raises(ConfigError, match="is not UTF-8") as refused:
        config.bind(file, Placed)
    assert "s3cret" not in str(refused.value)


def test_a_date_stays_as_it_was_written_even_where_there_is_no_such_day():
    assert config.parse("2024-99-99: 2024-02-30\n", "agent.yml", {}).data == {"2024-99-99": "2024-02-30"}


def test_a_size_beyond_all_measure_is_refused():
    with pytest.raises(ConfigError, match="beyond all measure"):
        bind(f"inputs: []\nmemory: {'9' * 400}GiB\n")


def test_a_secret_in_the_home_of_an_unknown_user_is_refused():
    with pytest.raises(ConfigError, match="no such user"):
        bind("inputs: []\npassword: file:~no-such-user-here/pw\n")


@pytest.mark.parametrize(
    ("text", "where", "message", "hint"),
    [
        ("a: [1\nb: 2\n", "f.yml:2:2", "not valid YAML", "may not be closed"),
        ("a:\n\tb: 1\n", "f.yml:2:1", "cannot start any token", "spaces"),
        ("a: 1\nb: x\0y\n", "f.yml:2:5", "U+0000", "take it out"),
        ("a: 1\n---\nb: 1\n", "f.yml:2:1", "another document", "one document a file"),
        ("a: 1\nb: {<<: 3}\n", "f.yml:2:9", "takes a mapping", ""),
    ],
)
def test_what_is_no_yaml_is_told_with_line_and_column(text, where, message, hint):
    with pytest.raises(ConfigError) as caught:
        config.parse(text, "f.yml", {})
    assert caught.value.where == where
    assert message in caught.value.message
    assert hint in (caught.value.hint or "")


def test_a_key_is_what_stands_there_not_what_yaml_makes_of_it():
    assert config.parse("off: 1\nno: 2\n010: 3\n~: 4\n", "f.yml", {}).data == {"off": 1, "no": 2, "010": 3, "~": 4}


def test_a_merged_mapping_gives_way_to_the_keys_beside_it_and_the_first_of_several_wins():
    text = "a: &a {x: 1, y: 1}\nb: &b {x: 2, z: 2}\nc: {<<: [*a, *b], y: 3}\n"
    file = config.parse(text, "f.yml", {})
    assert file.data["c"] == {"x": 1, "y": 3, "z": 2}
    assert file.where(("c", "y")) == "f.yml:3: c.y"
    with pytest.raises(ConfigError, match="stands twice"):
        config.parse("a: &a {x: 1}\nc: {<<: *a, x: 3, x: 4}\n", "f.yml", {})


MERGES = "k0: &a0 {x: 1, y: 2}\n" + "".join(f"k{n}: &a{n} {{<<: [{f'*a{n - 1}, ' * 9}]}}\n" for n in range(1, 9))


def test_merges_of_merges_that_unfold_without_end_are_refused():
    with pytest.raises(ConfigError, match="aliases unfolded"):
        config.parse(MERGES, "f.yml", {})


@pytest.mark.parametrize("number", [".nan", ".inf", "-.inf"])
def test_a_number_that_nothing_compares_with_is_refused(number):
    with pytest.raises(ConfigError, match="no number that can be compared"):
        config.parse(f"a: {number}\n", "f.yml", {})


def test_a_file_that_is_no_config_is_refused_before_it_is_parsed(tmp_path):
    (tmp_path / "big.yml").write_bytes(b"- line\n" * 400_000)
    with pytest.raises(ConfigError, match="larger than 2 MiB"):
        config.load(tmp_path / "big.yml")
    (tmp_path / "latin.yml").write_bytes("a: 1\nb: m\xfc\n".encode("latin-1"))
    with pytest.raises(ConfigError, match="not UTF-8") as caught:
        config.load(tmp_path / "latin.yml")
    assert caught.value.where == f"{tmp_path / 'latin.yml'}:2"


class Words(config.Settings, frozen=True):
    level: Literal["low", "high"] = "low"
    bound: float | None = None
    names: tuple[str, ...] = ()
    title: str = ""

    def __post_init__(self) -> None:
        if self.bound is not None and self.bound > 9:
            raise ValueError("a large `bound` needs a `title`")


@pytest.mark.parametrize(
    ("text", "where", "message", "hint"),
    [
        ("level: hihg", "f.yml:1: level", "invalid enum value 'hihg'", "did you mean `high`?"),
        ("level: x", "f.yml:1: level", "invalid enum value 'x'", "one of: high, low"),
        ("bound: 90%", "f.yml:1: bound", "expected a number, not the text `90%`", "the number alone"),
        ("names: a", "f.yml:1: names", "expected a list, not the text `a`", "[a]"),
        ("names: 'https://u:secret@h'", "f.yml:1: names", "`https://***@h`", "[https://***@h]"),
        ("title: on", "f.yml:1: title", "expected text, not `true`", "quote it"),
        ("title: 5", "f.yml:1: title", "expected text, not 5", 'quote it: "5"'),
        ("title:", "f.yml:1: title", "expected text, not nothing", "take the key out"),
        ("- a", "f.yml:1", "expected a mapping, not a list", ""),
        ("title: ''\nbound: 10", "f.yml:2: bound", "needs a `title`", ""),
    ],
)
def test_a_value_of_another_kind_is_told_in_words_with_the_way_out(text, where, message, hint):
    with pytest.raises(ConfigError) as caught:
        config.bind(config.parse(text, "f.yml", {}), Words)
    assert caught.value.where == where
    assert message in caught.value.message
    assert hint in (caught.value.hint or "")
