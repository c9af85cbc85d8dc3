"""`python -m pipelines.cli` is the same as `tertial`."""

from pipelines.cli.app import main

if __name__ == "__main__":
    main()
