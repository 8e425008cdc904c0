"""Runs `python -m scanner`: executes one command and turns exceptions into a message and an exit code."""

import os
import sys
import traceback
from importlib import import_module

from scanner.commands import UsageError, warn
from scanner.commands.arguments import parser
from scanner.engine.worker import collect_rarely
from scanner.git.command import GitError
from scanner.planfile import PlanError
from scanner.wording import counted


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return the exit code.

    0 is success, 1 new findings, 2 invalid input, 3 an internal error, and 130 an interrupt.
    """
    options = parser().parse_args(arguments)
    try:
        # Import only the requested command: importing all of them takes as long as reading a thousand files.
        code: int = import_module(f"scanner.commands.{options.command}").run(options)
        return code
    except PlanError as error:
        warn(str(error))
        warn(f"{counted(len(error.problems), 'error')} in the plan; nothing was scanned")
    except (UsageError, GitError) as error:
        warn(f"error: {error}")
    except KeyboardInterrupt:
        warn("interrupted")
        return 130
    except BrokenPipeError:  # the reader closed the pipe, as `| head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    except Exception:  # noqa: BLE001  the last resort: print the whole traceback and use a separate exit code
        traceback.print_exc()
        warn("error: this is a bug in the program; please report the lines above")
        return 3
    return 2


if __name__ == "__main__":
    collect_rarely()
    sys.exit(main())
