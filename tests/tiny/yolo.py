"""A small official YOLO with random weights, saved as a user's own `.pt` is."""

from __future__ import annotations

from pathlib import Path

from dcvlr.binning.environment import environment


def yolo(root: Path, name: str = "yolov8n") -> Path:
    """One of an official architecture that sees what is in a picture.

    Fresh weights let the signal fade from layer to layer and give every cell of every picture the same score. One
    batch of random patches sets the scale of each layer, and the last ones are drawn from a wider distribution.
    """
    import torch

    path = root / f"random_{name}.pt"
    if path.exists():
        return path
    quiet = {"YOLO_OFFLINE": "true", "YOLO_VERBOSE": "false", "YOLO_AUTOINSTALL": "false"}
    with environment(YOLO_CONFIG_DIR=str(root), **quiet), torch.no_grad():
        from ultralytics import YOLO

        torch.manual_seed(0)
        network = YOLO(f"{name}.yaml")
        for module in network.model.modules():
            if isinstance(module, torch.nn.BatchNorm2d):
                module.momentum = 1.0
        network.model.train()
        network.model(torch.nn.functional.interpolate(torch.rand(8, 3, 5, 5), 160))
        head = network.model.eval().model[-1]
        for branch in (*head.cv3, *getattr(head, "one2one_cv3", ())):
            torch.nn.init.normal_(branch[-1].weight, std=0.01)
            torch.nn.init.constant_(branch[-1].bias, -3.0)
        network.model.names = {i: f"thing {i}" for i in range(80)}
        network.save(path)
    return path
