"""A sandbox hub: real TLS, strict schemas, sessions, scripted faults and a record of all that came.

Here is what every hub has; oicp/ and oioi/ hold the two protocols.
"""
