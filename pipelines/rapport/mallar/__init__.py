"""The templates: what a municipality may replace."""
