"""The rows, a module each, in the order in which they are measured and shown.

Each module has a `ROW`. Those that need no stack come first: one that runs beside them would be measured too.
"""

NAMES: tuple[str, ...] = (
    "package_size",
    "cold_start",
    "warm_handler",
    "idle_day",
    "image_manifest",
    "dataset_manifest",
    "event_hand_off",
    "watcher_hand_off",
    "upload_urls",
    "upload",
    "reading",
    "growth",
)
