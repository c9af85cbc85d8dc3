"""Disclosure control (röjandekontroll) of linked tables: primary rules, suppression, audit, repair.

The package reads no files and knows no mart: it takes a `Tabell` and answers which cells may be shown.
Printing tokens, the publication ledger and the gate around the published file belong to its callers.
"""
