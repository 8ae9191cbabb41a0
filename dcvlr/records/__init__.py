"""Everything that flows between the parts of the program: frozen, typed, JSON in and out."""

from dcvlr.records.audit import Agreement, Audit, Calibration, Precision
from dcvlr.records.base import Box, Point, Quad, Record, box_area, shared_area, to_json, to_json_lines
from dcvlr.records.bins import BinCriteria, BinnedImage
from dcvlr.records.failures import REMEMBERED_FAILURES, Failure, FailureKind, first_failure, first_failures
from dcvlr.records.findings import Finding
from dcvlr.records.images import (
    Decode,
    ImageRecord,
    Picture,
    Pixels,
    id_bytes,
    ids_of,
    repeated,
    row_files,
    within_max_side,
)
from dcvlr.records.ledger import Flagged, LedgerEntry
from dcvlr.records.printed_lines import PrintedLine, Readings
from dcvlr.records.questions import AskedFor, Evidence, EvidenceKind, Qa, Questions, Scene, SceneField, of_picture
from dcvlr.records.rule_values import ImageValues, ValueRule
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

__all__ = [
    "REMEMBERED_FAILURES",
    "Agreement",
    "AskedFor",
    "Audit",
    "BinCriteria",
    "BinnedImage",
    "Box",
    "Calibration",
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
    "Pixels",
    "Point",
    "Precision",
    "PrintedLine",
    "Qa",
    "Quad",
    "Questions",
    "Readings",
    "Record",
    "Scene",
    "SceneField",
    "Score",
    "ValueRule",
    "box_area",
    "first_failure",
    "first_failures",
    "id_bytes",
    "ids_of",
    "of_picture",
    "repeated",
    "row_files",
    "shared_area",
    "to_json",
    "to_json_lines",
    "within_max_side",
]
