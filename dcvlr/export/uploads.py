"""Exports at a URL: each file appears there as a whole, and a list of all of them comes last."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec
from blake3 import blake3

from dcvlr.errors import ConfigError, DcvlrError
from dcvlr.records import Record, to_json
from dcvlr.remote import RemoteAccess, refuse_password, remote_files, require_reachable, without_query

log = logging.getLogger(__name__)

LISTING = "dcvlr-files.json"
_WRITABLE = ("s3", "gs", "hf")


class UploadedFile(Record, frozen=True):
    size: int
    blake3: str


class Uploaded(Record, frozen=True):
    """`dcvlr-files.json` of an export at a URL: `complete` once all of `files` are there, as they are said to be.

    A file without a value is on its way there or on its way out.
    """

    complete: bool
    files: dict[str, UploadedFile | None]


def check_target(url: str | None, names: Collection[str], access: RemoteAccess | None) -> None:
    """Raise `ConfigError` where no export can go: a wrong address, keys that are refused, files of somebody else."""
    if url is None:
        return
    remote_files.use(access or remote_files.access)
    refuse_password(url, "export_to")
    shown = without_query(url)
    if not names:
        raise ConfigError(f"export_to={shown!r} sends exports, and there are none: add export=[jsonl] or others")
    if url.partition("://")[0] not in _WRITABLE:
        known = ", ".join(f"{scheme}://" for scheme in _WRITABLE)
        raise ConfigError(
            f"export_to={shown!r}: {known} can be written to; for a folder of this machine set output_dir"
        )
    require_reachable(url, "export_to")
    _require_bucket(url)
    for name in names:
        target = f"{url.rstrip('/')}/{name}"
        try:
            there = remote_files.listed(target)
            if there and not any(file.url.endswith(f"/{LISTING}") for file in there):
                raise ConfigError(
                    f"export_to={shown!r}: {target} holds files that no run has put there; choose another"
                )
        except FileNotFoundError:
            continue
        except OSError as error:
            raise ConfigError(f"export_to: {error}; set or renew the keys in the environment") from error


def _require_bucket(url: str) -> None:
    """Raise `ConfigError` for one of S3 that is not there; whether it can be written to, only writing tells."""
    scheme, _, path = url.partition("://")
    bucket = f"{scheme}://{path.partition('/')[0]}"
    if scheme != "s3":
        return
    try:
        remote_files.state(bucket)
    except FileNotFoundError as error:
        raise ConfigError(f"export_to: {error}; correct the address, or make the bucket") from error
    except OSError as error:
        log.info("export_to: %s may be there: %s", bucket, error)


def upload_all(root: Path, names: Iterable[str], url: str | None) -> None:
    """Each export in `root` to a folder of its name at `url`, if there is one; see `upload`."""
    for name in names if url is not None else ():
        upload(root / name, f"{str(url).rstrip('/')}/{name}")


def upload(folder: Path, url: str) -> None:
    """The files of a finished export to `url`; those that are there already are not sent again.

    What an earlier export there had and this one has not is removed. Raises `DcvlrError`; the next run goes on.
    """
    files = {path.relative_to(folder).as_posix(): _described(path) for path in _files(folder)}
    try:
        there = _listing(url)
        changed = [name for name, file in files.items() if there.files.get(name) != file]
        gone = sorted(there.files.keys() - files.keys())
        if there.complete and not changed and not gone:
            log.info("export %s: %s has all %d files already", folder.name, url, len(files))
            return
        moving = dict.fromkeys([*changed, *gone])
        _write(url, Uploaded(complete=False, files={**there.files, **moving}))
        with ThreadPoolExecutor(remote_files.access.threads, thread_name_prefix="dcvlr-upload") as pool:
            list(pool.map(lambda name: remote_files.put(folder / name, f"{url}/{name}"), changed))
        for name in gone:
            _remove(f"{url}/{name}")
        _write(url, Uploaded(complete=True, files=dict(files)))
    except OSError as error:
        raise DcvlrError(
            f"export_to: {error}; the export is whole in {folder}, and the same command sends what is missing"
        ) from error
    log.info("export %s: %d of %d files sent to %s", folder.name, len(changed), len(files), url)


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _described(path: Path) -> UploadedFile:
    hasher = blake3(max_threads=1)
    hasher.update_mmap(path)
    return UploadedFile(size=path.stat().st_size, blake3=hasher.hexdigest())


def _listing(url: str) -> Uploaded:
    try:
        there = msgspec.json.decode(remote_files.read(f"{url}/{LISTING}"), type=Uploaded)
    except FileNotFoundError:
        return Uploaded(complete=False, files={})
    except msgspec.MsgspecError as error:
        raise ConnectionError(f"{url}/{LISTING} is none of a run ({error}): remove it") from error
    outside = [name for name in there.files if not {"", ".", ".."}.isdisjoint(name.split("/"))]
    if outside:  # what it lists may be removed
        raise ConnectionError(f"{url}/{LISTING} is none of a run (it lists {outside[0]!r}): remove it")
    return there


def _write(url: str, listing: Uploaded) -> None:
    remote_files.write(f"{url}/{LISTING}", msgspec.json.format(to_json(listing), indent=2) + b"\n")


def _remove(url: str) -> None:
    try:
        remote_files.remove(url)
    except FileNotFoundError:
        log.info("%s was gone already", url)
