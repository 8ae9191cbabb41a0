"""`python -m dcvlr.export_images`: see `dcvlr.cli.export_images`."""

import sys

from dcvlr.cli.export_images import main

if __name__ == "__main__":
    sys.exit(main())
