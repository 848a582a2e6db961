"""Who may charge: cards and readers, questions to hubs, lists for times without them, starts from afar."""
