"""From a figure in a report to its formula, files, row counts, checks and latest change."""
