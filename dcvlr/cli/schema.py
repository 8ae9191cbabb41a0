"""`dcvlr schema`: a JSON schema of the whole configuration, for editors of YAML files of one's own."""

from __future__ import annotations

import json
from collections.abc import Sequence

from dcvlr.cli.command_words import command_parser
from dcvlr.cli.config_schema import config_schema


def main(arguments: Sequence[str]) -> int:
    """Print the schema: `dcvlr schema > dcvlr.schema.json`."""
    command_parser("dcvlr schema", "A JSON schema of the configuration.").parse_args(arguments)
    print(json.dumps(config_schema(), indent=1))
    return 0
