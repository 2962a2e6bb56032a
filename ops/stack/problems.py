"""What can go wrong, in one line for the person who started it."""


class Problem(Exception):
    """A message for people; no stack trace is shown."""
