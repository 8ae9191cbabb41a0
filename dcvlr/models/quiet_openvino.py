"""OpenVINO without its telemetry."""

from __future__ import annotations

import sys


def hush_openvino() -> None:
    """Before it is imported: that sends an event to Google Analytics, unless its telemetry cannot be imported.

    For Python a module that is None in `sys.modules` is one that cannot be imported; OpenVINO has a stub for then.
    """
    sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]
