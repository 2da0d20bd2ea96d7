"""The start of `fastgen`, and of `python -m fastgen`."""

import sys


def main() -> None:
    """Run the command line; a Ctrl-C during the imports ends it as a later one does."""
    try:
        from fastgen import cli
    except KeyboardInterrupt:
        print("error: Stopped by SIGINT.\nhint: Nothing was written.", file=sys.stderr)  # noqa: T201
        sys.exit(130)
    cli.main()


if __name__ == "__main__":
    main()
