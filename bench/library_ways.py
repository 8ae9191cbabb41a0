"""The back ends' libraries used by themselves, as their own documentation shows it; `models.py` races them.

Each function takes one of our models, whose weights, device and settings it takes over, and returns what looks at the
pictures at some paths, all at once where the library can.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from PIL import Image

Way = Callable[[Sequence[str]], object]


def opened(paths: Sequence[str]) -> list[Image.Image]:
    return [Image.open(path).convert("RGB") for path in paths]


def loaded(kind: Any, model: Any) -> Any:
    from dcvlr.models.weights import torch_device, torch_dtype

    device = torch_device(model.device)
    return kind.from_pretrained(model.model, dtype=torch_dtype(model.dtype, device)).to(device).eval()


def vit(model: Any) -> Way:
    import torch
    from transformers import AutoImageProcessor, AutoModelForImageClassification

    network, processor = loaded(AutoModelForImageClassification, model), AutoImageProcessor.from_pretrained(model.model)

    def measure(paths: Sequence[str]) -> object:
        inputs = processor(images=opened(paths), return_tensors="pt").to(network.device, network.dtype)
        with torch.inference_mode():
            return network(**inputs).logits.float().cpu()

    return measure


def blip(model: Any) -> Way:
    import torch
    from transformers import BlipForConditionalGeneration, BlipProcessor

    network, processor = loaded(BlipForConditionalGeneration, model), BlipProcessor.from_pretrained(model.model)

    def measure(paths: Sequence[str]) -> object:
        inputs = processor(images=opened(paths), return_tensors="pt").to(network.device, network.dtype)
        with torch.inference_mode():
            replies = network.generate(
                **inputs, max_new_tokens=model.max_new_tokens, num_beams=model.num_beams, do_sample=False
            )
        return processor.batch_decode(replies, skip_special_tokens=True)

    return measure


def clip(model: Any) -> Way:
    import torch
    from transformers import CLIPImageProcessor, CLIPModel

    network, processor = loaded(CLIPModel, model), CLIPImageProcessor.from_pretrained(model.model)

    def measure(paths: Sequence[str]) -> object:
        inputs = processor(images=opened(paths), return_tensors="pt").to(network.device, network.dtype)
        with torch.inference_mode():
            return network.get_image_features(**inputs)

    return measure


def open_clip(model: Any) -> Way:
    import open_clip as library
    import torch

    from dcvlr.models.weights import torch_device, torch_dtype

    device = torch_device(model.device)
    network, _, prepare = library.create_model_and_transforms(model.model, device=device)
    dtype = torch_dtype(model.dtype, device)
    network = network.to(dtype).eval()

    def measure(paths: Sequence[str]) -> object:
        batch = torch.stack([prepare(image) for image in opened(paths)])
        with torch.inference_mode():
            return network.encode_image(batch.to(device, dtype)).float().cpu()

    return measure


def detr(model: Any) -> Way:
    import torch
    from transformers import AutoImageProcessor, AutoModelForObjectDetection

    network, processor = loaded(AutoModelForObjectDetection, model), AutoImageProcessor.from_pretrained(model.model)

    def measure(paths: Sequence[str]) -> object:
        images = opened(paths)
        inputs = processor(images=images, return_tensors="pt").to(network.device, network.dtype)
        with torch.inference_mode():
            seen = network(**inputs)
        sizes = [image.size[::-1] for image in images]
        return processor.post_process_object_detection(seen, threshold=model.min_score, target_sizes=sizes)

    return measure


def yolo(model: Any) -> Way:
    from ultralytics import YOLO

    from dcvlr.models.weights import torch_device

    network, device = YOLO(model.model), torch_device(model.device)
    settings = {"imgsz": model.image_size, "conf": model.min_score, "iou": model.iou, "rect": False}
    half = 16 if device.type == "cuda" else None

    def measure(paths: Sequence[str]) -> object:
        return network.predict(opened(paths), verbose=False, save=False, device=device, quantize=half, **settings)

    return measure


def rapidocr(_: Any) -> Way:
    from rapidocr import RapidOCR

    engine = RapidOCR(params={"Global.log_level": "error"})
    return lambda paths: [engine(path) for path in paths]


def paddleocr(model: Any) -> Way:
    from paddleocr import PaddleOCR

    folders = {key: getattr(model, key) for key in ("detection_model_dir", "recognition_model_dir")}
    pipeline = PaddleOCR(
        **{f"text_{key}": folder for key, folder in folders.items()},
        **{f"text_{key.removesuffix('_dir')}_name": f"PP-OCRv6_small_{key[:3]}" for key in folders},
        use_doc_orientation_classify=False,
        use_doc_unwarping=False,
        use_textline_orientation=False,
        text_det_limit_type="min",
        text_det_limit_side_len=model.min_side,
        engine="onnxruntime",
        device="cpu",
    )
    return lambda paths: pipeline.predict(list(paths))


def nudenet(_: Any) -> Way:
    from nudenet import NudeDetector

    detector = NudeDetector()
    return lambda paths: detector.detect_batch(list(paths), batch_size=len(paths))


def statistics(_: Any) -> Way:
    import cv2
    import imagehash

    def measure(paths: Sequence[str]) -> object:
        greys = [np.asarray(image.convert("L")) for image in opened(paths)]
        return [
            (imagehash.phash(Image.fromarray(grey)), cv2.Laplacian(grey, cv2.CV_64F).var(), cv2.Canny(grey, 50, 150))
            for grey in greys
        ]

    return measure
