"""`python -m dcvlr.decontaminate build`: see `dcvlr.cli.build_pack`."""

import sys

from dcvlr.cli.main import run_command

if __name__ == "__main__":
    words = sys.argv[1:]
    sys.exit(run_command("build-pack", words[1:] if words[:1] == ["build"] else words))
