"""Dagster's view of the main job: thin assets and checks that call `pipelines.korning`. No logic here."""
