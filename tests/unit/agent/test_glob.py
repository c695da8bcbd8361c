"""Which files a pattern names."""

from __future__ import annotations

import time

import pytest

from shipper.agent.input.glob import Glob, expand


@pytest.fixture
def tree(tmp_path):
    for name in ("a.log", "b.txt", "x/c.log", "x/y/d.log", "x/y/e.log.1", "z/.hidden.log"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    return tmp_path


def names(tree, pattern, exclude=()):
    return sorted(path.removeprefix(f"{tree}/") for path, _ in Glob(f"{tree}/{pattern}", exclude).find())


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("*.log", ["a.log"]),
        ("a.log", ["a.log"]),
        ("*/*.log", ["x/c.log", "z/.hidden.log"]),
        ("**/*.log", ["a.log", "x/c.log", "x/y/d.log", "z/.hidden.log"]),
        ("x/**/*.log*", ["x/c.log", "x/y/d.log", "x/y/e.log.1"]),
        ("**", ["a.log", "b.txt", "x/c.log", "x/y/d.log", "x/y/e.log.1", "z/.hidden.log"]),
        ("{a,b}.*", ["a.log", "b.txt"]),
        ("[ab].???", ["a.log", "b.txt"]),
        ("none/*.log", []),
        ("x", []),
    ],
)
def test_a_pattern_names_these_files(tree, pattern, found):
    assert names(tree, pattern) == found


def test_exclude_compares_names_or_whole_paths(tree):
    assert names(tree, "**/*.log", ["c.log", f"{tree}/x/y/*"]) == ["a.log", "z/.hidden.log"]


def test_a_link_back_up_ends(tree):
    (tree / "x" / "loop").symlink_to(tree)
    (tree / "x" / "y" / "self").symlink_to(tree / "x" / "y")
    found = names(tree, "**/d.log")
    assert "x/y/d.log" in found
    assert len(found) < 20


def test_braces_are_spelled_out():
    assert expand("/{a,b}/{c,d}.log") == ["/a/c.log", "/a/d.log", "/b/c.log", "/b/d.log"]


def test_t31_ten_thousand_files_are_found_within_a_second(tmp_path):
    for folder in range(10):
        (tmp_path / str(folder)).mkdir()
        for number in range(1000):
            (tmp_path / str(folder) / f"{number}.log").touch()
    begin = time.process_time()
    assert sum(1 for _ in Glob(f"{tmp_path}/**/*.log").find()) == 10_000
    assert time.process_time() - begin < 1
