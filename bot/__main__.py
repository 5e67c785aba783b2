"""`python -m bot` and the console command `goodfaith`."""

import os
import sys

from bot.cli import command


def main() -> int:
    """Run the command line of this process; the exit code."""
    return command(sys.argv[1:], os.environ)


if __name__ == "__main__":
    sys.exit(main())
