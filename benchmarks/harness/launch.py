"""``supergate`` as a soak wants it: ``python -m benchmarks.harness.launch FILE serve ...``.

``FILE`` is kept up to date with what the garbage collector does.
"""

import sys
from pathlib import Path

from benchmarks.harness.collector import count_collections
from router.cli import main

if __name__ == "__main__":
    count_collections(Path(sys.argv.pop(1)))
    main()
