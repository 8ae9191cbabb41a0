"""How the models of one call measure an item: what a runtime carries out, here or elsewhere."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dcvlr.execution.runtime import Done, Need
from dcvlr.images import decoded, read_bytes, read_picture
from dcvlr.images.memory import limit_decoding
from dcvlr.models.batching import run_batch
from dcvlr.protocols import Model
from dcvlr.records import Decode, Failure
from dcvlr.remote import RemoteAccess, is_url, remote_files

log = logging.getLogger(__name__)

# What a model is handed: a picture per way of decoding, or the item itself under None.
Loaded = dict[Decode | None, Any]


@dataclass(frozen=True)
class Measuring:
    """`models` on the items that lack their signals; pictures are decoded within `decode_memory_mb` a process.

    `remote` is how pictures at URLs are reached, where there are any.
    """

    models: tuple[Model[Any, Any], ...]
    decode_memory_mb: int
    remote: RemoteAccess
    has_urls: bool

    @property
    def batch_size(self) -> int:
        return max(model.batch_size for model in self.models)

    @property
    def fetches(self) -> int:
        return self.remote.threads if self.has_urls and any(map(_decode_of, self.models)) else 0

    def fetch(self, need: Need, /) -> bytes | Failure | None:
        """The bytes of a picture at a URL."""
        remote_files.use(self.remote)  # also where a runtime has started this process
        return read_bytes(need.item) if is_url(need.item.path) else None

    def load(self, need: Need, fetched: bytes | Failure | None = None, /) -> Loaded:
        """The item as each of the models that need it wants it decoded; a picture that cannot be is a `Failure`."""
        limit_decoding(self.decode_memory_mb)
        remote_files.use(self.remote)
        decodes = {_decode_of(self.models[model_index]) for model_index in need.models}
        return {decode: need.item if decode is None else _decoded(need.item, fetched, decode) for decode in decodes}

    def run(self, batch: Sequence[tuple[Need, Loaded]], /) -> list[Done]:
        remote_files.use(self.remote)  # for models that read for themselves, where others have loaded
        found: list[dict[int, Any]] = [{} for _ in batch]
        for model_index, model in enumerate(self.models):
            wanted = [n for n, (need, _) in enumerate(batch) if model_index in need.models]
            values = [batch[n][1][_decode_of(model)] for n in wanted]
            signals = iter(run_batch(model, [value for value in values if not isinstance(value, Failure)]))
            for n, value in zip(wanted, values, strict=True):
                found[n][model_index] = value if isinstance(value, Failure) else next(signals)
        return [
            (need, [own[model_index] for model_index in need.models])
            for (need, _), own in zip(batch, found, strict=True)
        ]


def _decoded(item: Any, fetched: bytes | Failure | None, decode: Decode) -> Any:
    if isinstance(fetched, Failure):
        return fetched
    try:
        return read_picture(item, decode) if fetched is None else decoded(item, fetched, decode)
    except Exception as error:
        log.warning("%s: decoding raised %s", item.path, type(error).__name__, exc_info=error)
        return Failure(kind="model", message=f"decoding raised {type(error).__name__}: {error}")


def _decode_of(model: Model[Any, Any]) -> Decode | None:
    return getattr(model, "decode", None)
