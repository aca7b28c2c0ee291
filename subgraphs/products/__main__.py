"""Run the products subgraph: ``python -m subgraphs.products``."""

import sys

from subgraphs.products.service import EXAMPLE
from subgraphs.server import main

sys.exit(main(EXAMPLE))
