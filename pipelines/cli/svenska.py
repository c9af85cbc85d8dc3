"""Typer's own words in Swedish. Import this before typer: typer takes its translator when it is imported."""

from __future__ import annotations

import gettext

ORD = {
    "Arguments": "Argument",
    "Options": "Val",
    "Commands": "Kommandon",
    "Error": "Fel",
    "Aborted.": "Avbrutet.",
    "Aborted!": "Avbrutet!",
    "(deprecated) ": "(utgår) ",
    "[default: {}]": "[standard: {}]",
    "[env var: {}]": "[miljövariabel: {}]",
    "[required]": "[krävs]",
    "Try [blue]'{command_path} {help_option}'[/] for help.": "Hjälp: [blue]{command_path} {help_option}[/]",
    "Usage:": "Användning:",
    "Show this message and exit.": "Visa den här texten.",
    "No such command {name!r}.": "Kommandot {name!r} finns inte.",
    "No such option: {name}": "Valet {name} finns inte.",
    "Missing command.": "Kommando saknas.",
    "Missing argument": "Argument saknas:",
    "Missing option": "Val saknas:",
    "Got unexpected extra argument ({args})": "Oväntat argument: {args}",
}

gettext.gettext = lambda message: ORD.get(message, message)
