"""Run the products subgraph: ``python -m subgraphs.products``."""

import sys

from subgraphs.server import main
from subgraphs.products.service import EXAMPLE

sys.exit(main(EXAMPLE))
