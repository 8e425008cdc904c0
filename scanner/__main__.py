"""`python -m scanner`: runs one command and turns errors into a message and an exit code."""

import os
import sys
import traceback
from importlib import import_module

from scanner.commands import UsageError, warn
from scanner.commands.arguments import parser
from scanner.git.command import GitError
from scanner.planfile import PlanError
from scanner.wording import counted


def main(arguments: list[str] | None = None) -> int:
    """Return the exit code: 0 done, 1 new findings, 2 wrong input, 3 internal error, 130 interrupted."""
    options = parser().parse_args(arguments)
    try:
        # Import only the requested command: importing all takes as long as reading a thousand files.
        code: int = import_module(f"scanner.commands.{options.command}").run(options)
        return code
    except PlanError as error:
        warn(str(error))
        warn(f"{counted(len(error.problems), 'error')} in the plan; nothing was read")
    except (UsageError, GitError) as error:
        warn(f"error: {error}")
    except KeyboardInterrupt:
        warn("interrupted")
        return 130
    except BrokenPipeError:  # the reader has seen enough, as with `| head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    except Exception:  # noqa: BLE001  the last resort: print the whole traceback and use a separate exit code
        traceback.print_exc()
        warn("error: this is a bug in the program; please report the lines above")
        return 3
    return 2


if __name__ == "__main__":
    sys.exit(main())
