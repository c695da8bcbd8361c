"""`python -m shipper` is the `shipper` command, and this is where it begins."""

from __future__ import annotations

import sys

from shipper.early_signals import EarlySignals


def main() -> None:
    """Be ready for signals, then import the command line and run it."""
    EarlySignals.watch(sys.argv[1:])
    try:
        from shipper.cli import main as run  # noqa: PLC0415 - the signals come first
    except KeyboardInterrupt:
        sys.stderr.write("interrupted\n")
        sys.exit(130)
    run()


if __name__ == "__main__":
    main()
