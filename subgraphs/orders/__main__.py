"""Run the orders subgraph: ``python -m subgraphs.orders``."""

import sys

from subgraphs.orders.service import EXAMPLE
from subgraphs.server import main

sys.exit(main(EXAMPLE))
