"""How many tokens a question costs that comes through everything, by the bodies that would be sent.

    python bench/tokens.py [PICTURES_DIR]

Pictures are drawn receipts and photographs of scikit-image, or a folder of yours, measured as the default preset does.
Requests are built as in a run (samples as in conf, at 100 % survival, without the teacher), and none is sent: what
`dcvlr plan` shows. Texts count a token for four bytes of UTF-8, pictures by the rule of Qwen2.5-VL; beside it, what
requests to the same model begin with alike counted once, as servers with a cache of prefixes do.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from confusion import drawn

from dcvlr.config import build, compose
from dcvlr.runs.outlook import look_ahead

FOLDER = Path(__file__).parents[1] / "outputs" / "tokens"
ASKING = "[solve,blind,swapped,masked,judge]"
CHECKS = ("solve", "blind", "swapped", "masked", "judge")
EVERYTHING = (
    f"+validation/checks=[{','.join(CHECKS)}]",
    "validation.checks.judge.allow_same_family=true",
    "selection=student",
)
SAMPLING = (*(f"validation.checks.{name}.solver" for name in ("blind", "swapped", "masked")), "selection.student")
SETUPS: dict[str, tuple[str, ...]] = {
    "written": (),
    "written, one by one": ("synthesis.generator.questions_per_request=1",),
    "written, JSON at once": ("synthesis.generator.think_first=false",),
    "written, full boxes": ("synthesis.generator.prompt.places=boxes",),
    "all checks and selection": EVERYTHING,
    "the same, each sample a request": (*EVERYTHING, *(f"{key}.llm.max_choices=1" for key in SAMPLING)),
}


def main(pictures: Path) -> None:
    asked = [f"images_dir={pictures}", f"output_dir={FOLDER / 'run'}", "bins_ratio=null", "report=none"]
    measuring = [*asked, "stages=[filtering,binning,synthesis]"]
    subprocess.run([sys.executable, "-m", "dcvlr", *measuring], check=True, stdout=subprocess.DEVNULL)
    for name, words in SETUPS.items():
        rehearsal = look_ahead(build(compose([*asked, "synthesis/generator=openai", *words]))).rehearsal
        assert rehearsal is not None, "the pictures are measured"
        print(f"\n{name}, per question ({rehearsal.questions} on {rehearsal.pictures} pictures)")
        for role, cost in (*rehearsal.costs.items(), ("all", rehearsal.all)):
            requests, full, once = (
                number / rehearsal.questions for number in (cost.requests, cost.tokens_in, cost.tokens_once)
            )
            print(f"  {role:20} {requests:6.2f} requests a question, tokens in {full:7.0f} ({once:6.0f} once)")


def made(folder: Path) -> Path:
    for path in drawn(FOLDER / "drawn"):
        target = folder / path.parent.name / "train" / path.name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, target)
    return folder


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) == 2 else made(FOLDER / "pictures"))
