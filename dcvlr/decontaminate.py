"""`python -m dcvlr.decontaminate build`: see `dcvlr.cli.build_pack`."""

import sys

from dcvlr.cli.build_pack import main

if __name__ == "__main__":
    sys.exit(main())
