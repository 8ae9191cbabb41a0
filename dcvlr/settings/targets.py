"""The classes that `_target_` names."""

from __future__ import annotations

from importlib import import_module
from typing import Any


def class_at(target: object) -> Any:
    """What stands at a dotted name, None where nothing does.

    `pydoc.locate` would take Ctrl-C during the import for a fault of the module.
    """
    module, _, name = target.rpartition(".") if isinstance(target, str) else ("", "", "")
    if not module or module.startswith("."):
        return None
    try:
        return getattr(import_module(module), name, None)
    except ModuleNotFoundError as error:
        if error.name is not None and f"{module}.".startswith(f"{error.name}."):
            return None
        raise
