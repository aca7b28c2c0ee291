"""Run the orders subgraph: ``python -m subgraphs.orders``."""

import sys

from subgraphs.server import main
from subgraphs.orders.service import EXAMPLE

sys.exit(main(EXAMPLE))
