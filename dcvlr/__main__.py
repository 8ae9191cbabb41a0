"""Where `python -m dcvlr` and the `dcvlr` command begin: Ctrl-C ends them in a line even while they still load."""

import gc
import sys

OBJECTS_BETWEEN_COLLECTIONS = 10_000  # for records are many, and form no cycles that would have to be collected


def main() -> None:
    """Load the command line, and carry it out."""
    gc.set_threshold(OBJECTS_BETWEEN_COLLECTIONS)
    try:
        from dcvlr.cli.main import main as command_line

        command_line()
    except KeyboardInterrupt:  # everything that is begun catches it by itself
        print("dcvlr: interrupted before anything was begun", file=sys.stderr)
        sys.exit(130)


if __name__ == "__main__":
    main()
