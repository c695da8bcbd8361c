"""What is printed on a real terminal, with NO_COLOR and without."""

from __future__ import annotations

import os
import pty
import subprocess
import sys

import pytest

NOTIFIER = "from shipper.cli import main; main(['rules', 'test-notifier', 'console'])"
DEMO = (
    "import time, click; from shipper.demo.console import Console\n"
    "console = Console(); console.say(click.style('Documents', bold=True))\n"
    "with console.step('start') as step: time.sleep(0.15)"
)
COLOUR = b"\x1b["
ERASE = b"\x1b[2K"  # moves nothing but the cursor: no colour


def on_a_terminal(code: str, home: os.PathLike[str], **variables: str) -> bytes:
    """What `code` writes to stdout and stderr where both are a terminal."""
    ours, theirs = pty.openpty()
    environment = {**os.environ, "SHIPPER_HOME": str(home), **variables}
    process = subprocess.Popen([sys.executable, "-c", code], stdout=theirs, stderr=theirs, env=environment)
    os.close(theirs)
    said = b""
    try:
        while data := os.read(ours, 65536):
            said += data
    except OSError:  # how Linux says that the other end is closed
        pass
    os.close(ours)
    assert process.wait() == 0, said
    return said.replace(ERASE, b"")


@pytest.mark.parametrize("code", [NOTIFIER, DEMO], ids=["console notifier", "demo"])
def test_a_terminal_gets_colours_unless_no_color_is_set(code, tmp_path):
    assert COLOUR in on_a_terminal(code, tmp_path, NO_COLOR="")
    assert COLOUR not in on_a_terminal(code, tmp_path, NO_COLOR="1")
