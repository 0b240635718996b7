"""``python -m tests.faults``: the whole crash sweep on all cores, as a table; or one case of it."""

import sys

from tests.faults.table import main

if __name__ == "__main__":
    sys.exit(main())
