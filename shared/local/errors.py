"""The one refusal of this package: a sentence for the person at the terminal."""


class LocalError(Exception):
    """The local run cannot start or go on; the message says why and what to do, in one or two sentences."""
