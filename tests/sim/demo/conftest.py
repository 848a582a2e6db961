"""What holds for every protocol is asked of each."""

import pytest

from roampost_sim.demo.protocols import PROTOCOLS


@pytest.fixture(params=sorted(PROTOCOLS))
def hub(request: pytest.FixtureRequest) -> str:
    return str(request.param)
