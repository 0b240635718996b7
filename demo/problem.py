"""What keeps the demonstration from going on."""


class DemoError(Exception):
    """The demonstration cannot be made; the message says what to do."""
