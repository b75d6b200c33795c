"""Refusals: expected trouble, told in a line or some, without a traceback."""

USAGE = 2


class Refusal(Exception):
    """A command that cannot do what it was asked; the text says why and what to do."""

    def __init__(self, text: str, exit_code: int = USAGE) -> None:
        super().__init__(text)
        self.exit_code = exit_code
