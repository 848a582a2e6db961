"""The running agent: loops that read the hardware, carry out what the rules decided, and are composed in `app`."""
