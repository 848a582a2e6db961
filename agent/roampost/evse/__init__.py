"""One EVSE: its states, events, session and rules. Pure: values in, values out; nothing here waits or writes."""
