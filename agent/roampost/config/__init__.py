"""The configuration: one TOML file, checked whole before anything is opened."""

from roampost.config.device_types import DeviceType, Types
from roampost.config.load import ConfigError, RawConfig, load, read
from roampost.config.model import Config

__all__ = ["Config", "ConfigError", "DeviceType", "RawConfig", "Types", "load", "read"]
