"""The configuration: one TOML file, checked whole before anything is opened."""

from roampost.config.load import ConfigError, RawConfig, Roles, load, read
from roampost.config.model import Config

__all__ = ["Config", "ConfigError", "RawConfig", "Roles", "load", "read"]
