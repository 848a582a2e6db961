"""The configuration: one TOML file, checked whole before anything is opened. Import what you need of its modules."""
