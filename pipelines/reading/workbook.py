from pipelines.reading.grid import Blad


def las_arbetsbok(data: bytes, form: str, fil: str) -> list[Blad]:
    raise NotImplementedError
