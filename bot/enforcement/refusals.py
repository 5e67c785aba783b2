"""The one root of refusals: a rule said no, and the person is told which in words."""


class Refused(Exception):
    """A use case that cannot be done now. `key` names the sentence in the catalogue, `values` fill it."""

    def __init__(self, key: str, **values: str | int) -> None:
        super().__init__(key)
        self.key = key
        self.values = values
