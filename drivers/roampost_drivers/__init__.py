"""Everything of Roampost that touches hardware; it knows nothing of hubs or of the agent."""
