"""`python -m dcvlr.export_images`: see `dcvlr.cli.export_images`."""

import sys

from dcvlr.cli.main import run_command

if __name__ == "__main__":
    sys.exit(run_command("export-images", sys.argv[1:]))
