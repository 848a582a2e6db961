"""EVSE data held against what hubs want, before a hub does it. Pure: values in, findings and a page out."""
