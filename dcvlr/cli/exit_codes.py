"""The one place that turns errors into a line and an exit code.

Exit codes: 0 all done; 1 a failure, something left unmeasured, or nothing made; 2 a wrong setting; 70 a fault of the
program itself; 130 interrupted (Ctrl-C); 143 asked to end (SIGTERM).
"""

from __future__ import annotations

import os
import signal
import sys
import traceback
from collections.abc import Callable
from pathlib import Path

from hydra.core.hydra_config import HydraConfig
from hydra.errors import HydraException
from omegaconf.errors import OmegaConfBaseException

from dcvlr.cli.unexpected import UnexpectedError, described
from dcvlr.config import conf_dir
from dcvlr.errors import ConfigError, DcvlrError, Terminated
from dcvlr.execution.workers import LAUNCHED
from dcvlr.records.printable import printable
from dcvlr.settings.mistyped import mistyped, without_noise

INTERRUPTED = "interrupted; what was finished is kept: run the same command again to go on"


def exit_code(action: Callable[[], object]) -> int:
    """Carry out `action`, say on stderr what went wrong, and return the exit code."""
    try:
        action()
    except Terminated:
        return _complain(INTERRUPTED.replace("interrupted", "asked to end (SIGTERM)"), 128 + signal.SIGTERM)
    except KeyboardInterrupt:
        return _complain(INTERRUPTED, 128 + signal.SIGINT)
    except ConfigError as error:
        return _complain(str(error), 2)
    except (HydraException, OmegaConfBaseException) as error:
        return _complain(mistyped(sys.argv[1:], Path(conf_dir())) or without_noise(str(error)), 2)
    except BrokenPipeError:  # whoever read what is printed has gone, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or Python complains when it ends
        return 128 + signal.SIGPIPE
    except DcvlrError as error:
        # Processes that dcvlr launched leave the verdict to it: a launcher would only start them all again.
        return _complain(str(error), 0 if LAUNCHED in os.environ else 1)
    except UnexpectedError as error:
        return _complain(str(error), os.EX_SOFTWARE)
    except OSError as error:  # a full, read-only or vanished file system
        return _complain(f"{error}; what was finished is kept: mend it and run the same command again", 1)
    except Exception as error:  # noqa: BLE001  nobody foresaw it, and there is no log yet
        if isinstance(error, ValueError) and not HydraConfig.initialized():  # from composing
            return _complain(str(error), 2)
        traceback.print_exception(error)
        return _complain(f"{described(error)}; this is a fault of the program: please report it", os.EX_SOFTWARE)
    return 0


def end_on_sigterm() -> None:
    """From now on SIGTERM ends the program as Ctrl-C does: what is finished is flushed and kept."""
    signal.signal(signal.SIGTERM, _terminate)


def _terminate(*_: object) -> None:
    raise Terminated


def _complain(message: str, code: int) -> int:
    print(f"dcvlr: {printable(message)}", file=sys.stderr)
    return code
