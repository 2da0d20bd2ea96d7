"""`python -m fastgen`."""

from fastgen.cli import main

if __name__ == "__main__":
    main()
