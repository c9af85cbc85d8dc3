"""Typer as Tertial uses it: Swedish help and messages, the same for every command. No command stands here."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from pipelines.cli.skarm import fel
from pipelines.cli.svenska import mening

HJALP = ["--help", "--hjalp", "-h"]
_KLAMMER = re.compile(r"\{(.+?)(?:\.\.\.)?\}(\.\.\.)?")
AVBRUTET = 130  # the exit code of Ctrl+C


class _Svensk:
    """What a command and a group have in common: the usage line and the help option in Swedish."""

    def format_usage(self, ctx: Any, formatter: Any) -> None:
        """The usage line."""
        pieces = " ".join(self.collect_usage_pieces(ctx))  # type: ignore[attr-defined]  # typer's, beside us
        formatter.write_usage(ctx.command_path, _KLAMMER.sub(r"\1\2", pieces), prefix="Användning: ")

    def get_help_option_names(self, ctx: Any) -> list[str]:
        """--help, --hjalp and -h, in that order (typer keeps them in a set)."""
        names = super().get_help_option_names(ctx)  # type: ignore[misc]  # typer's, beside us
        return sorted(names, key=HJALP.index)

    def get_help_option(self, ctx: Any) -> Any:
        """The help option, with its text in Swedish and no type beside it."""
        option = super().get_help_option(ctx)  # type: ignore[misc]  # typer's, beside us
        if option is not None:
            option.help, option.metavar = "Visa den här texten.", ""
        return option


class Kommando(_Svensk, TyperCommand):
    """One command. Its help names no Python types: what a value is stands in the help text and the metavar."""

    def get_params(self, ctx: Any) -> Any:
        """Every parameter; one without a metavar shows no type."""
        params = super().get_params(ctx)
        for one in params:
            vars(one)["display_type_rich"] = lambda one=one, **_: "" if one.opts[0] == one.name else one.metavar or ""
        return params


class Grupp(_Svensk, TyperGroup):
    """A group of commands."""


class Kommandorad(typer.Typer):
    """A group of commands whose help is Swedish; `namn` only for the outermost."""

    def __init__(self, *, hjalp: str, namn: str | None = None) -> None:
        super().__init__(
            name=namn,
            help=hjalp,
            cls=Grupp,
            no_args_is_help=True,
            add_completion=False,
            rich_markup_mode="rich",
            options_metavar="[VAL]",
            subcommand_metavar="KOMMANDO [ARGUMENT]...",
            context_settings={"help_option_names": HJALP},
            pretty_exceptions_enable=False,
        )

    def command(self, name: str | None = None, **stated: Any) -> Callable[[Any], Any]:
        """As typer's, with our class of command."""
        return super().command(name, **{"cls": Kommando, "options_metavar": "[VAL]", **stated})


def starta(app: typer.Typer) -> None:
    """Run the command line and leave with its exit code: 2 when the command itself is wrongly written."""
    try:
        code = app(standalone_mode=False)
    except typer.Abort:
        fel.print("Avbrutet.")
        sys.exit(1)
    except typer.TyperException as error:
        _fel(error)
        sys.exit(getattr(error, "exit_code", 2))
    if code == AVBRUTET:
        fel.print("Avbrutet. Inget halvt finns kvar; kör igen när du vill.")
    sys.exit(code if isinstance(code, int) else 0)


def _fel(error: typer.TyperException) -> None:
    context = getattr(error, "ctx", None)
    text = error.format_message() if hasattr(error, "format_message") else str(error)
    if type(error).__name__ == "NoArgsIsHelpError":  # the help has been shown
        return
    fel.print("[bold red]Fel:[/]", mening(text), markup=True)
    if context is not None:
        fel.print(f"  → Hjälp: {context.command_path} --help", markup=False)
