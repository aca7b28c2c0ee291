"""``python -m router.cli`` is ``supergate``."""

from router.cli import main

main()
