"""Running a model on a batch so that one bad item, or a batch too large for the memory, does not end the run."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Sequence
from typing import Any, TypeVar

from dcvlr.errors import DcvlrError
from dcvlr.protocols import Model
from dcvlr.records import Failure

log = logging.getLogger(__name__)
ItemT = TypeVar("ItemT")


def run_batch(model: Model[ItemT, Any], items: Sequence[ItemT]) -> list[Any]:
    """One result or `Failure` per item, in order.

    Out of memory halves the batch; any other error is narrowed down to the items that cause it. An item that fails
    alone is a failure of kind `oom` or `model`: reported, not remembered, tried again by the next run. What
    cannot be imported is missing for all items, and raised as `DcvlrError`.
    """
    results: list[Any] = []
    for start in range(0, len(items), model.batch_size):
        results += _run(model, items[start : start + model.batch_size])
    return results


def _run(model: Model[ItemT, Any], batch: Sequence[ItemT]) -> list[Any]:
    try:
        results = list(model(batch))
    except DcvlrError:
        raise
    except ImportError as error:
        way = "install that package, or another version"
        raise DcvlrError(f"{model.name} cannot import what it needs: {error}: {way}") from error
    except Exception as error:  # noqa: BLE001  a model is foreign code: whatever it raises belongs to its items
        return _narrow(model, batch, error)
    if len(results) != len(batch):
        raise AssertionError(f"{type(model).__name__} gave {len(results)} results for {len(batch)} items")
    return results


def _narrow(model: Model[ItemT, Any], batch: Sequence[ItemT], error: Exception) -> list[Any]:
    traceback.clear_frames(error.__traceback__)  # else the failed attempt keeps its memory while the halves run
    if len(batch) > 1:
        log.info("%s: %s on a batch of %d, trying halves", model.name, type(error).__name__, len(batch))
        half = len(batch) // 2
        return _run(model, batch[:half]) + _run(model, batch[half:])
    log.warning("%s failed on one item: %s", model.name, error, exc_info=error)
    return [Failure(kind="oom" if _is_out_of_memory(error) else "model", message=f"{type(error).__name__}: {error}")]


def _is_out_of_memory(error: Exception) -> bool:
    # torch.OutOfMemoryError is known by its name, so that torch need not be imported here
    return isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError"
