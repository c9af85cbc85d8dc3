"""Contracts as data: what a delivery looks like, and everything that is made from it."""

from pipelines.contracts.begrepp import BredLayout, Contract, Falt, Kolumn, PositionLayout, Tabell
from pipelines.contracts.model import ContractError, load_contract, parse_contract, sources

__all__ = [
    "BredLayout", "Contract", "ContractError", "Falt", "Kolumn", "PositionLayout", "Tabell", "load_contract",
    "parse_contract", "sources",
]  # fmt: skip
