"""Typer's own words in Swedish. Import this before typer: typer takes its translator when it is imported.

Words that typer leaves to gettext stand in `ORD`; messages it writes in plain English are rewritten by `MENINGAR`.
"""

from __future__ import annotations

import gettext
import re

ORD = {
    "Arguments": "Argument",
    "Options": "Val",
    "Commands": "Kommandon",
    "Error": "Fel",
    "Aborted.": "Avbrutet.",
    "Aborted!": "Avbrutet!",
    "(deprecated) ": "(utgår) ",
    "(dynamic)": "(räknas ut)",
    "default: {default}": "standard: {default}",
    "env var: {var}": "miljövariabel: {var}",
    "required": "krävs",
    "[default: {}]": "[standard: {}]",
    "[env var: {}]": "[miljövariabel: {}]",
    "[required]": "[krävs]",
    "Try [blue]'{command_path} {help_option}'[/] for help.": "Hjälp: [blue]{command_path} {help_option}[/]",
    "No such command {name!r}.": "Kommandot {name!r} finns inte.",
    "Missing command.": "Kommando saknas.",
}
MENINGAR = (
    (r"Kommandot '(.+?)' finns inte\. Did you mean (.+)\?", r"Kommandot \1 finns inte. Menade du \2?"),
    (r"Kommandot '(.+?)' finns inte\.", r"Kommandot \1 finns inte."),
    (r"No such option: (\S+) \(Possible options: (.+)\)", r"Valet \1 finns inte. Menade du \2?"),
    (r"No such option: (\S+)", r"Valet \1 finns inte."),
    (r"Missing argument '(.+?)(?:\.\.\.)?'\.", r"Argumentet \1 saknas."),
    (r"Missing option '(.+?)'\.", r"Valet \1 saknas."),
    (r"Missing parameter: (\S+)", r"\1 saknas."),
    (r"Got unexpected extra argument\(s\) \((.+)\)", r"Oväntat argument: \1"),
    (r"Option '(.+?)' requires an argument\.", r"Valet \1 ska följas av ett värde."),
    (r"Option '(.+?)' requires (\d+) arguments\.", r"Valet \1 ska följas av \2 värden."),
    (r"Option '(.+?)' does not take a value\.", r"Valet \1 tar inget värde."),
    (r"Invalid value for '(.+?)': Input should be a valid integer.*", r"Värdet för \1 ska vara ett heltal."),
    (r"Invalid value for '(.+?)': Input should be a valid number.*", r"Värdet för \1 ska vara ett tal."),
    (r"Invalid value for '(.+?)': Input should be greater than or equal to (\S+)", r"Värdet för \1 ska vara minst \2."),
    (r"Invalid value for '(.+?)': Input should be less than or equal to (\S+)", r"Värdet för \1 ska vara högst \2."),
    (r"Invalid value for '(.+?)': .*", r"Värdet för \1 går inte att använda."),
)


def mening(text: str) -> str:
    """One of typer's messages in Swedish; as it is when it is none that we know."""
    flat = " ".join(text.split())
    for pattern, swedish in MENINGAR:
        if found := re.fullmatch(pattern, flat):
            return found.expand(swedish).replace("'", "")
    return flat


gettext.gettext = lambda message: ORD.get(message, message)
