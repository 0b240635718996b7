"""The rows, a module each, in the order in which they are measured and shown.

Each module has a `ROW`. Those that need no stack come first: one that runs beside them would be measured too.
"""

NAMES: tuple[str, ...] = ()
