"""Everything that flows between the parts of the program: frozen, typed, JSON in and out."""

from dcvlr.records.base import Box, Point, Record, to_json
from dcvlr.records.bins import BinCriteria, BinnedImage
from dcvlr.records.failures import REMEMBERED_FAILURES, Failure, FailureKind
from dcvlr.records.findings import Finding
from dcvlr.records.images import Decode, ImageRecord, Picture
from dcvlr.records.ledger import Flagged, LedgerEntry
from dcvlr.records.questions import AskedFor, Evidence, EvidenceKind, Qa, Questions, Scene
from dcvlr.records.signals import (
    Caption,
    Detection,
    Detections,
    Embedding,
    ImageStatistics,
    OcrLine,
    OcrResult,
    PartColour,
    PixelFacts,
    Score,
)
from dcvlr.records.values import ImageValues, ValueRule

__all__ = [
    "REMEMBERED_FAILURES",
    "AskedFor",
    "BinCriteria",
    "BinnedImage",
    "Box",
    "Caption",
    "Decode",
    "Detection",
    "Detections",
    "Embedding",
    "Evidence",
    "EvidenceKind",
    "Failure",
    "FailureKind",
    "Finding",
    "Flagged",
    "ImageRecord",
    "ImageStatistics",
    "ImageValues",
    "LedgerEntry",
    "OcrLine",
    "OcrResult",
    "PartColour",
    "Picture",
    "PixelFacts",
    "Point",
    "Qa",
    "Questions",
    "Record",
    "Scene",
    "Score",
    "ValueRule",
    "to_json",
]
