"""Entry point of the `ecramlab` command."""

from ecramlab.cli import main

__all__ = ["main"]

if __name__ == "__main__":
    main()
