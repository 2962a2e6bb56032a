"""What can go wrong, in one line for the person who started it."""


class Problem(Exception):
    """A message for people; no stack trace is shown. `status` is that of the command that failed."""

    def __init__(self, message: str, status: int | None = None):
        super().__init__(message)
        self.status = status
