"""`python -m roampost_sim`, the same as `roampost-sim`."""

import sys

from roampost_sim.cli import main

sys.exit(main())
