"""What a rule found, and where."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One thing that is wrong.

    Attributes:
        file: the NDJSON file.
        line: the line of the saved object, from 1.
        place: what it is about inside the object, such as a panel's title.
        rule: `R1` to `R15`.
        message: what is wrong.
        fix: what to do.
    """

    file: str
    line: int
    place: str
    rule: str
    message: str
    fix: str

    def __str__(self) -> str:
        place = f" {self.place}:" if self.place else ""
        return f"{self.file}:{self.line}:{place} {self.rule} {self.message} ({self.fix})"
