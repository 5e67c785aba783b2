"""`python -m bot` and the console command `goodfaith`."""

import gc
import os
import sys

from bot.lazy import load


def main() -> int:
    """Run the command line of this process; the exit code."""
    gc.disable()  # importing makes many objects and no garbage: a fifth of a start
    cli = load("bot.cli")
    gc.freeze()
    gc.enable()
    code: int = cli.command(sys.argv[1:], os.environ)
    return code


if __name__ == "__main__":
    sys.exit(main())
