"""How sure a classifier is of each of its classes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dcvlr.errors import ConfigError
from dcvlr.models.onnx_network.network import OnnxNetwork


def class_shares(network: OnnxNetwork, pictures: Sequence[NDArray[np.uint8]]) -> NDArray[Any]:
    """Pictures × classes, each row sums to 1: the output itself where it does so, else its softmax.

    Raises `ConfigError` for a file that is no classifier of as many classes as it has names.
    """
    require_classifier(network)
    preparation = network.prepared(None)
    outputs = network.run([network.prepare(pixels, preparation) for pixels in pictures])
    values = next(iter(outputs.values())).reshape(len(pictures), -1).astype(np.float64)
    if (values >= 0).all() and np.allclose(values.sum(axis=1), 1, atol=1e-3):
        return values
    return softmax(values)


def softmax(values: NDArray[Any]) -> NDArray[Any]:
    """Shares along the last axis."""
    powers = np.exp(values - values.max(axis=-1, keepdims=True))
    shares: NDArray[Any] = powers / powers.sum(axis=-1, keepdims=True)
    return shares


def require_classifier(network: OnnxNetwork) -> None:
    """Raise `ConfigError` unless the file has one output with a number for each name, and its input is known.

    One for a file that stands alone names all that is to be set.
    """
    outputs = network.graph.outputs
    if unknown := "; ".join(_unknown(network)):
        raise ConfigError(unknown)
    count = len(network.names)
    sides = [side for side in outputs[0].shape[1:] if side != 1]
    if len(outputs) != 1 or sides not in ([count], [None]):
        has = ", ".join(map(str, outputs))
        raise ConfigError(f"{network.key}: {network.model!r} with outputs {has} is no classifier of {count} labels")


def _unknown(network: OnnxNetwork) -> Iterator[str]:
    """Why its input is not known, and why its classes are not."""
    for look in (lambda: network.prepared(None), lambda: network.names):
        try:
            look()
        except ConfigError as error:
            yield str(error)
