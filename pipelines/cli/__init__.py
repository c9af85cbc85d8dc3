"""The command line. `svenska` comes first, before any module of ours imports typer: it binds the translator."""

from pipelines.cli import svenska as svenska
