"""What the readers of the binning stage must do, whether they look at pictures or read other models' signals."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar, TypeVar

import pytest
from contracts.image_models import astronaut, drawn_images, picture_of
from PIL import Image, ImageDraw, ImageFont

from dcvlr.identity import digest
from dcvlr.memo import Memo
from dcvlr.protocols import Captioner, Detector, Measurable, OcrModel, PixelReader
from dcvlr.records import Box, Caption, Detections, Failure, ImageRecord, OcrResult, PixelFacts
from dcvlr.synthesis.pixels.colours import PARTS

R = TypeVar("R")
Measured = tuple[tuple[int, int], Any]


def saved(folder: Path, images: list[Image.Image]) -> list[ImageRecord]:
    """The pictures as PNG files `000.png`, `001.png`, … and their records."""
    folder.mkdir(parents=True, exist_ok=True)
    records = []
    for i, image in enumerate(images):
        path = folder / f"{i:03d}.png"
        image.save(path)
        records.append(ImageRecord(id=digest(path.read_bytes()), path=str(path), dataset="drawn"))
    return records


def measured(folder: Path, reader: Measurable[R], images: list[Image.Image]) -> list[tuple[tuple[int, int], R]]:
    """Width and height of each picture, and what `reader` makes of it."""
    records = saved(folder / "pictures", images)
    signals = Memo(folder / "checkpoints").measure(reader, records)
    results = []
    for image, record in zip(images, records, strict=True):
        signal = signals[record.id]
        assert not isinstance(signal, Failure)
        results.append((image.size, signal))
    return results


def is_inside(box: Box, size: tuple[int, int]) -> bool:
    width, height = size
    return 0 <= box[0] <= box[2] <= width and 0 <= box[1] <= box[3] <= height


def is_rounded(values: tuple[float, ...]) -> bool:
    return all(value == round(value, 1) for value in values)


class ReaderContract:
    """Offer `reader`; what it makes of the drawn pictures, and of those in `more_images`, is in `results`, once."""

    known: ClassVar[dict[tuple[type, str], list[Measured]]] = {}

    @pytest.fixture
    def reader(self) -> Any:
        raise NotImplementedError

    @pytest.fixture
    def more_images(self) -> list[Image.Image]:
        return []

    @pytest.fixture
    def results(self, reader: Measurable[Any], more_images: list[Image.Image], tmp_path: Path) -> list[Measured]:
        key = (type(self), repr(reader))
        if key not in self.known:
            self.known[key] = measured(tmp_path, reader, [*drawn_images(), *more_images])
        return self.known[key]


def page(lines: dict[tuple[int, int], str], size: tuple[int, int] = (640, 480)) -> Image.Image:
    image = Image.new("RGB", size, "white")
    pen = ImageDraw.Draw(image)
    for position, text in lines.items():
        pen.text(position, text, fill="black", font=ImageFont.load_default(size=28))
    return image


def read(ocr: Any, image: Image.Image) -> OcrResult:
    """What an OCR model that looks at pictures makes of one."""
    result: OcrResult = ocr([picture_of(image, ocr.decode)])[0]
    return result


class OcrModelContract(ReaderContract):
    @pytest.fixture
    def reader(self) -> OcrModel:
        raise NotImplementedError

    def test_lines_have_text_and_a_score(self, results: list[tuple[tuple[int, int], OcrResult]]) -> None:
        lines = [line for _, result in results for line in result.lines]
        assert lines
        assert all(line.text.strip() == line.text != "" and 0 <= line.score <= 1 for line in lines)

    def test_quads_are_inside_the_picture_to_one_decimal(
        self, results: list[tuple[tuple[int, int], OcrResult]]
    ) -> None:
        for size, result in results:
            assert all(is_inside(line.box, size) for line in result.lines)
            assert all(is_rounded(point) for line in result.lines for point in line.quad)

    def test_the_full_size_is_told(self, results: list[tuple[tuple[int, int], OcrResult]]) -> None:
        assert all((result.width, result.height) == size for size, result in results)

    def test_a_drawn_page_is_read_from_top_to_bottom(self, results: list[tuple[tuple[int, int], OcrResult]]) -> None:
        assert results[0][1].text.split() == ["Total", "12.50", "Coffee", "3.20", "Bread", "9.30"]

    def test_a_blank_picture_has_no_lines(self, results: list[tuple[tuple[int, int], OcrResult]]) -> None:
        assert results[3][1].lines == ()


class TrainedOcrContract(OcrModelContract):
    """Of a model with real weights that looks at pictures."""

    def test_a_table_is_read_row_by_row(self, reader: OcrModel) -> None:
        table = page(
            {(40, 40): "Coffee", (480, 42): "3.20", (40, 120): "Bread", (480, 118): "9.30", (480, 200): "12.50"}
        )
        assert [line.text for line in read(reader, table).lines] == ["Coffee", "3.20", "Bread", "9.30", "12.50"]

    def test_a_label_that_runs_up_an_axis_is_read_and_starts_at_its_lower_left(self, reader: OcrModel) -> None:
        label = page({(5, 0): "Units sold"}, (160, 40)).rotate(90, expand=True)
        chart = page({(250, 40): "Sales"})
        chart.paste(label, (30, 200))
        lines = {line.text: line for line in read(reader, chart).lines}
        assert set(lines) == {"Units sold", "Sales"}
        (x0, y0), (x1, y1) = lines["Units sold"].quad[:2]
        assert y0 > y1 + 80  # the text runs up
        assert abs(x0 - x1) < 10


class DetectorContract(ReaderContract):
    @pytest.fixture
    def reader(self) -> Detector:
        raise NotImplementedError

    @pytest.fixture
    def more_images(self) -> list[Image.Image]:
        """Pictures with things that the detector knows; offer others where it knows no faces."""
        return [astronaut()]

    def test_something_is_found(self, results: list[tuple[tuple[int, int], Detections]]) -> None:
        assert any(result.objects for _, result in results)

    def test_boxes_are_inside_the_picture_to_one_decimal(
        self, results: list[tuple[tuple[int, int], Detections]]
    ) -> None:
        for size, result in results:
            assert all(is_inside(found.box, size) and is_rounded(found.box) for found in result.objects)

    def test_the_full_size_is_told(self, results: list[tuple[tuple[int, int], Detections]]) -> None:
        assert all((result.width, result.height) == size for size, result in results)

    def test_objects_come_strongest_first(self, results: list[tuple[tuple[int, int], Detections]]) -> None:
        for _, result in results:
            scores = [found.score for found in result.objects]
            assert scores == sorted(scores, reverse=True)
            assert all(0 <= score <= 1 for score in scores)

    def test_every_object_has_a_label_or_none_has(self, results: list[tuple[tuple[int, int], Detections]]) -> None:
        assert len({result.labelled for _, result in results}) == 1
        for _, result in results:
            assert all((found.label is not None) == result.labelled for found in result.objects)

    def test_a_blank_picture_has_no_objects(self, results: list[tuple[tuple[int, int], Detections]]) -> None:
        assert results[3][1].objects == ()


class RandomDetectorContract(DetectorContract):
    """Of a detector with random weights, which sees things in an empty picture too."""

    def test_a_blank_picture_has_no_objects(self, results: list[tuple[tuple[int, int], Detections]]) -> None:
        """But not what it sees in others."""
        assert results[3][1].objects != results[1][1].objects


class CaptionerContract(ReaderContract):
    @pytest.fixture
    def reader(self) -> Captioner:
        raise NotImplementedError

    def test_a_caption_is_one_line_of_text(self, results: list[tuple[tuple[int, int], Caption]]) -> None:
        assert all(result.text.strip() and "\n" not in result.text for _, result in results)

    def test_different_pictures_get_different_captions(self, results: list[tuple[tuple[int, int], Caption]]) -> None:
        assert len({result.text for _, result in results}) > 1


class PixelReaderContract(ReaderContract):
    @pytest.fixture
    def reader(self) -> PixelReader:
        raise NotImplementedError

    def test_the_full_size_is_told(self, results: list[tuple[tuple[int, int], PixelFacts]]) -> None:
        assert all((result.width, result.height) == size for size, result in results)

    def test_all_parts_are_there_and_inside_the_picture(
        self, results: list[tuple[tuple[int, int], PixelFacts]]
    ) -> None:
        for size, result in results:
            assert list(result.parts) == list(PARTS)
            assert all(is_inside(part.box, size) and is_rounded(part.box) for part in result.parts.values())

    def test_shares_are_shares(self, results: list[tuple[tuple[int, int], PixelFacts]]) -> None:
        for _, result in results:
            for part in result.parts.values():
                assert 0 <= part.runner_up_share <= part.share <= 1
                assert part.share + part.runner_up_share <= 1.0001

    def test_white_is_white_and_black_is_black(self, results: list[tuple[tuple[int, int], PixelFacts]]) -> None:
        white, black = results[3][1].parts["whole"], results[4][1].parts["whole"]
        assert (white.colour, white.share, white.lab) == ("white", 1.0, (100.0, 0.0, 0.0))
        assert (black.colour, black.share, black.lab) == ("black", 1.0, (0.0, 0.0, 0.0))
