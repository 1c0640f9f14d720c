"""`python -m handoff` is `heard`."""

from handoff.cli import main

if __name__ == "__main__":
    main()
