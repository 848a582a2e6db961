"""A client that meets a fault, whichever protocol it speaks."""

from typing import Any

from roampost_sim.hub.faults import Stage
from roampost_sim.hub.oicp.hub import SandboxHub
from roampost_sim.hub.oioi import OioiHub
from tests.sim.hub.operator import AnyOperator, Response

AnyHub = SandboxHub | OioiHub


async def met(hub: AnyHub, operator: AnyOperator, kind: str, **parameters: Any) -> Response:
    """The answer to one push under the fault; the next one is answered as ever."""
    hub.fault(kind, requests=1, **parameters)
    answer = await operator.push()
    await hub.wait_for(lambda: len(hub.record) == 1)
    (entry,) = hub.record
    processed = hub.kinds[kind].stage is Stage.AFTER
    assert (entry.fault, entry.processed, bool(hub.statuses)) == (kind, processed, processed)
    assert (await operator.push()).code == "000"
    return answer
