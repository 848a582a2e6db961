"""`roampost` that pulls the hub's list of cards as soon as it starts, where a station waits up to a quarter of an hour.

The wait spreads all stations of an operator after a power cut; a test has one station.
"""

import sys

from roampost.access import cardlist

if __name__ == "__main__":
    cardlist.FIRST_S = (0.0, 0.0)
    from roampost.cli import main

    sys.exit(main(sys.argv[1:]))
