"""`python -m roampost` is `roampost`."""

import sys

from roampost.cli import main

sys.exit(main())
