"""`python -m myelin` is the same as the command `myelin`."""

from myelin.cli import main

if __name__ == "__main__":
    main()
