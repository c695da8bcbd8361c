"""The search for a full JDK, over made-up installations whose `java` is a real program."""

from __future__ import annotations

import pytest

from shipper.errors import UnavailableError
from shipper.stack import java


def jdk(folder, version, *modules):
    (folder / "bin").mkdir(parents=True)
    (folder / "release").write_text(f'JAVA_VERSION="{version}"\n')
    program = folder / "bin" / "java"
    program.write_text("#!/bin/sh\n" + "".join(f"echo {module}@{version}\n" for module in modules))
    program.chmod(0o755)
    return folder


@pytest.fixture
def machine(tmp_path, monkeypatch):
    monkeypatch.setattr(java, "_FOLDERS", (str(tmp_path / "jvm"),))
    return tmp_path


def test_the_newest_full_jdk_of_21_or_above_is_taken(machine):
    jdk(machine / "jvm/17", "17.0.1", "java.base", "jdk.jdi")
    jdk(machine / "jvm/25", "25.0.1", "java.base", "jdk.jdi")
    jdk(machine / "jvm/26-slim", "26.0.1", "java.base")
    jdk(machine / "home/.jdks/21", "21.0.1", "java.base", "jdk.jdi")
    assert java.full_jdk({"HOME": str(machine / "home")}) == machine / "jvm/25"


def test_java_home_is_looked_at_too(machine):
    named = jdk(machine / "elsewhere", "21.0.2", "jdk.jdi")
    assert java.full_jdk({"JAVA_HOME": str(named)}) == named


def test_a_machine_without_one_is_told_what_to_do(machine):
    jdk(machine / "jvm/17", "17.0.1", "jdk.jdi")
    with pytest.raises(UnavailableError, match="needs a full JDK of version 21"):
        java.java_home("9.5.2", machine, shared=False)


def test_elasticsearch_8_runs_on_the_runtime_that_pip_brings(tmp_path):
    assert (java.java_home("8.19.3", tmp_path, shared=False) / "bin" / "java").exists()
