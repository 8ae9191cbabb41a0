"""The errors a user can cause, each with a message that says what is wrong and what to do."""

from __future__ import annotations

from importlib.util import find_spec


class DcvlrError(Exception):
    """A run that cannot go on for a reason that a user can mend; the program exits with 1."""


class ConfigError(DcvlrError):
    """A setting, path or choice that is wrong; found before any work starts, the program exits with 2."""


class NoPictureError(ConfigError):
    """A source of which not one picture can be read; the ledger says why of each."""


class Terminated(KeyboardInterrupt):
    """The process was asked to end, by a scheduler or an operator; the program exits with 143."""


class MissingPackageError(ConfigError):
    """A back end was chosen whose package is not installed; `extras` of dcvlr bring it, where one does."""

    def __init__(self, message: str, extras: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.extras = extras


def first_line(error: BaseException) -> str:
    """Of what the error says; foreign libraries raise whole pages."""
    return (str(error).splitlines() or [""])[0]


def require_package(package: str, *, extra: str, owner: str, instead: str = "") -> None:
    """Raise `MissingPackageError` unless `package` can be imported; nothing is imported to find out."""
    if find_spec(package) is not None:
        return
    ways = f'{owner} needs {package}: pip install "dcvlr[{extra}]"'
    raise MissingPackageError(f"{ways}; {instead}" if instead else ways, extras=tuple(extra.split(",")))
