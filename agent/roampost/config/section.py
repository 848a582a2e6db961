"""What every section of the configuration is: frozen, strict, unknown keys are errors; and types that they share."""

from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict

from roampost.config.identifiers import is_evse_id, is_operator_id, is_provider_id


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (OSError, ValueError, KeyError):  # ZoneInfoNotFoundError is a KeyError
        raise ValueError("must be a time zone of this system such as Europe/Berlin (package tzdata)") from None
    return name


def _evse_id(text: str) -> str:
    if not is_evse_id(text):
        raise ValueError("must be an EvseID such as DE*ABC*E1*2")
    return text


def _operator_id(text: str) -> str:
    if not is_operator_id(text):
        raise ValueError("must be an OperatorID such as DE*ABC or +49*536")
    return text


def _provider_id(text: str) -> str:
    if not is_provider_id(text):
        raise ValueError("must be a ProviderID such as DE-8EO or DE*ICE")
    return text


def _absolute(path: Path) -> Path:
    if not path.is_absolute() or "\0" in str(path):
        raise ValueError("must be an absolute path")
    return path


TimeZone = Annotated[str, AfterValidator(_zone)]
EvseId = Annotated[str, AfterValidator(_evse_id)]
OperatorId = Annotated[str, AfterValidator(_operator_id)]
ProviderId = Annotated[str, AfterValidator(_provider_id)]
AbsolutePath = Annotated[Path, AfterValidator(_absolute)]


class Section(BaseModel):
    # Built when something is checked: the agent itself gets checked values and never needs the checker (cli.run).
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, hide_input_in_errors=True, defer_build=True)
