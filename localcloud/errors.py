"""The error that a command of the embedded cloud reports without a stack trace."""


class LocalCloudError(Exception):
    """A foreseeable problem; the text says what is wrong and what to do about it."""
