"""The one place that turns errors into a line and an exit code.

Exit codes: 0 all done, 1 a failure or something left unmeasured, 2 a wrong setting, 130 interrupted.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable

from hydra.core.hydra_config import HydraConfig
from hydra.errors import HydraException
from omegaconf.errors import OmegaConfBaseException

from dcvlr.errors import ConfigError, DcvlrError
from dcvlr.execution.workers import LAUNCHED


def exit_code(action: Callable[[], object]) -> int:
    """Carry out `action`, say on stderr what went wrong, and return the exit code."""
    try:
        action()
    except KeyboardInterrupt:
        _complain("interrupted; what was finished is kept: run the same command again to go on")
        return 130
    except (ConfigError, HydraException, OmegaConfBaseException) as error:
        _complain(str(error))
        return 2
    except ValueError as error:
        if HydraConfig.initialized():  # not from composing: a bug of ours, to be seen with its traceback
            raise
        _complain(str(error))
        return 2
    except DcvlrError as error:
        _complain(str(error))
        # Processes that dcvlr launched leave the verdict to it: a launcher would only start them all again.
        return 0 if LAUNCHED in os.environ else 1
    except OSError as error:  # a full, read-only or vanished file system
        _complain(f"{error}; what was finished is kept: mend it and run the same command again")
        return 1
    return 0


def _complain(message: str) -> None:
    print(f"dcvlr: {message}", file=sys.stderr)
