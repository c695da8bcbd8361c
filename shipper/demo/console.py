"""What a person sees while the demonstration runs: one line a step, with its time."""

from __future__ import annotations

import sys
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from shipper.colour import colours

if TYPE_CHECKING:
    from collections.abc import Iterator

_FRAMES = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"


class Step:
    """A step under way; `note` replaces the text behind its name."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.text = ""

    def note(self, text: str) -> None:
        """Say what is going on, or what came out."""
        self.text = text


class Console:
    """Prints steps to stderr: animated on a terminal, plain lines in a pipe."""

    def __init__(self) -> None:
        self._live = sys.stderr.isatty()

    def say(self, text: str = "") -> None:
        """Print a line of its own."""
        click.echo(text, err=True, color=colours())

    def done(self, name: str, seconds: float, text: str = "") -> None:
        """Print a step that showed itself while it ran."""
        step = Step(name)
        step.note(text)
        self._line(click.style("✔", fg="green"), step, seconds, end="\n")

    @contextmanager
    def step(self, name: str) -> Iterator[Step]:
        """Show `name` until the block ends; ✔ with its seconds, or ✘ if it raised."""
        step, begin, done = Step(name), time.monotonic(), threading.Event()
        painter = threading.Thread(target=self._animate, args=(step, begin, done), daemon=True)
        painter.start()
        mark, colour = "✘", "red"
        try:
            yield step
            mark, colour = "✔", "green"
        finally:
            done.set()
            painter.join()
            self._line(click.style(mark, fg=colour), step, time.monotonic() - begin, end="\n")

    def _animate(self, step: Step, begin: float, done: threading.Event) -> None:
        number = 0
        while self._live and not done.wait(0.1):
            self._line(click.style(_FRAMES[number % len(_FRAMES)], fg="cyan"), step, time.monotonic() - begin, end="")
            number += 1

    def _line(self, mark: str, step: Step, seconds: float, *, end: str) -> None:
        start = "\r\x1b[2K" if self._live else ""
        text = f"{start}  {mark} {step.name:<34} {click.style(f'{seconds:5.1f} s', dim=True)}  {step.text}"
        click.echo(text, err=True, nl=end == "\n", color=colours())
