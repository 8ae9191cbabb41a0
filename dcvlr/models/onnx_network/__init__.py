"""A network in an ONNX file: its labels, its input and what it computes, without torch."""

from dcvlr.models.onnx_network.classes import class_shares, require_classifier, softmax
from dcvlr.models.onnx_network.graph import Engine
from dcvlr.models.onnx_network.network import OnnxNetwork
from dcvlr.models.onnx_network.network_input import Placed, Preparation

__all__ = ["Engine", "OnnxNetwork", "Placed", "Preparation", "class_shares", "require_classifier", "softmax"]
