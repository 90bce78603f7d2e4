"""`python -m tests.bench`."""

from tests.bench.flows import main

if __name__ == "__main__":
    main()
