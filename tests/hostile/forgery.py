"""What an oracle raises."""


class Forgery(AssertionError):
    """A signature that must not exist."""
