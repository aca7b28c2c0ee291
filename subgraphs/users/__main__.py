"""Run the users subgraph: ``python -m subgraphs.users``."""

import sys

from subgraphs.server import main
from subgraphs.users.service import EXAMPLE

sys.exit(main(EXAMPLE))
