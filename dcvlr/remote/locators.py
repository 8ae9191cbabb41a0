"""Where the bytes of a picture are, as the one line of text that stands for it everywhere: a path or a URL."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

_URL = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)
_RANGE = re.compile(r"(?P<url>.*)#bytes=(?P<start>\d{1,19})\+(?P<size>\d{1,19})&name=(?P<name>.*)", re.DOTALL)
_CELL = re.compile(r"(?P<url>.*)#row=(?P<row>\d{1,19})&column=(?P<column>.*)", re.DOTALL)
_USER = re.compile(r"://[^/?#]*@")
_QUERY = re.compile(r"\?[^#\s]*")
_URL_WITH_QUERY = re.compile(r"([a-z][a-z0-9+.-]*://[^\s?#'\"]*)\?[^#\s'\"]*", re.IGNORECASE)


def is_url(path: str) -> bool:
    """Whether a picture's path is the URL of something rather than a file's name on this machine."""
    return not path.startswith("/") and _URL.match(path) is not None


def with_plain_scheme(path: str) -> str:
    """A URL with its scheme in small letters, which mean the same and are what stores are known by; a path as it is."""
    scheme, slashes, rest = path.partition("://")
    return f"{scheme.lower()}{slashes}{rest}" if is_url(path) else path


def without_password(url: str) -> str:
    """A URL without the name and the password that may stand before its host."""
    return _USER.sub("://…@", url)


def without_query(text: str) -> str:
    """A URL, or a message with some, without what stands behind `?`: signatures are secrets."""
    return _QUERY.sub("", text)


def without_queries(text: str) -> str:
    """Any text with what stands behind `?` in the URLs in it left out; a `?` elsewhere stays."""
    return _URL_WITH_QUERY.sub(r"\1", text)


@dataclass(frozen=True, kw_only=True)
class Locator:
    """A whole file, or `size` bytes of it from `start`: the member `name` of a tar archive that is never unpacked.

    Or what stands in row `row` of column `column` of a parquet file. Its text is the URL, with
    `#bytes=<start>+<size>&name=<member>` or `#row=<row>&column=<column>` for a part; a file of this machine that is
    read in parts has a `file://` URL.
    """

    url: str
    start: int = 0
    size: int | None = None
    name: str = ""
    row: int | None = None
    column: str = ""

    @classmethod
    def of(cls, text: str) -> Locator:
        if cell := _CELL.fullmatch(text):
            return cls(url=cell["url"], row=int(cell["row"]), column=unquote(cell["column"]))
        part = _RANGE.fullmatch(text)
        if part is None:
            return cls(url=text)
        start, size = int(part["start"]), int(part["size"])
        return cls(url=part["url"], start=start, size=size, name=unquote(part["name"]))

    def __str__(self) -> str:
        if self.row is not None:
            return f"{self.url}#row={self.row}&column={quote(self.column, safe='')}"
        return (
            self.url
            if self.size is None
            else f"{self.url}#bytes={self.start}+{self.size}&name={quote(self.name, safe='')}"
        )

    @property
    def local_path(self) -> str | None:
        """The file on this machine, if that is what a `file://` URL names."""
        parts = urlsplit(self.url)
        return unquote(parts.path) if parts.scheme == "file" else None


def local_url(path: Path) -> str:
    """The `file://` URL of a file of this machine, for locators of its parts."""
    return path.absolute().as_uri()
