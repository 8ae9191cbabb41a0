"""What `dcvlr --help` and `dcvlr --help-all` print."""

from __future__ import annotations

from pathlib import Path

from dcvlr.config import conf_dir

_HELP = """dcvlr turns folders of pictures into vetted vision-language reasoning datasets.

usage: dcvlr <key>=<value> …            one run; equal words go on where a run stopped
       dcvlr -m <key>=<value>,<value> … a sweep: a job for every combination
       dcvlr <command> …                see `dcvlr <command> --help`

examples:
  dcvlr source=samples                            a dataset from sample pictures
  dcvlr images_dir=./data output_dir=outputs/mine your pictures, in folders of any layout
  dcvlr plan images_dir=./data preset=standard    what that would do, and what it lacks
  dcvlr -m filtering.nsfw_threshold=0.3,0.5 …     each model runs once for all jobs

keys that are changed most:
  images_dir, source, preset, num_images, bins_ratio, dataset_size, output_dir, stages, export, seed, device,
  filtering.<limit>, binning/ocr, binning/detector, synthesis/generator, validation/checks

commands:
{commands}

more: --help-all (every key and option, with its comment), --cfg job (the config of these words), --version,
      docs/options.md. A run's folder has report.html and rejected.jsonl, which says why what is missing is missing.
"""


def short_help(commands: dict[str, str]) -> str:
    """One screen: usage, examples, the commands with what each says."""
    width = max(map(len, commands)) + 2
    return _HELP.format(commands="\n".join(f"  {name:<{width}}{text}" for name, text in commands.items()))


def full_help() -> str:
    """Every file of conf/ with its own comments, under the words that choose it."""
    conf = Path(conf_dir())
    parts = [f"# ---- keys of every run\n{(conf / 'config.yaml').read_text(encoding='utf-8').partition('hydra:')[0]}"]
    for path in sorted(conf.glob("*/**/*.yaml")):
        group = path.parent.relative_to(conf).as_posix()
        parts.append(f"# ---- {group}={path.stem}\n{path.read_text(encoding='utf-8')}")
    return "\n".join(parts)
