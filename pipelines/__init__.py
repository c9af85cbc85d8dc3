"""Tertial: the data pipeline and KPI warehouse of a Swedish social services committee.

Rooms, in the order the data walks through them (an inner room never imports an outer one; `make layers` checks):

errors, settings      what every room may use
contracts             what a delivery must look like, as data (Open Data Contract Standard)
sekretess             personnummer, pseudonyms, keys, the scanner, disclosure control, the access log
reading               bytes -> text grid -> typed rows, or the true reason why not
sources/<source>      one folder a source: contract, row rules, what only that source needs
delivery              recognise, refuse or accept, the ledger and the lake
guard                 Great Expectations, identities, plausibility
warehouse             the one dbt invocation
publication           marts out, all or nothing
cli, definitions      how people start it
"""
