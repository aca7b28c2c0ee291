"""The execution oracle: random supergraphs, data and operations; the gateway must answer as one plain schema would.

``--oracle-budget`` is the number of trials (a million is an evening), ``--oracle-seed`` where they start.
"""

import pytest

from tests.oracle.campaign import OPERATIONS_PER_SUPERGRAPH, run_campaign

MAX_REFUSED_PERCENT = 30
PARTS = 8
"""The budget is divided, so that it can be spent on several cores."""


@pytest.mark.parametrize("part", range(PARTS))
def test_a_plan_answers_as_one_schema_would(part: int, pytestconfig: pytest.Config) -> None:
    budget = -(-pytestconfig.getoption("--oracle-budget") // PARTS)

    tally = run_campaign(pytestconfig.getoption("--oracle-seed") * PARTS + part, budget)

    assert not tally.failures, "\n\n".join(tally.failures)
    assert len(tally.refused) * 100 <= tally.supergraphs * MAX_REFUSED_PERCENT, tally.refused[:5]
    assert tally.passed + len(tally.refused) * OPERATIONS_PER_SUPERGRAPH >= budget
