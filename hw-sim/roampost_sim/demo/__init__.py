"""`make demo`: a day at a charging station, played with real processes and judged from the record of truth.

Reading order: day.toml (the story), expect.py, apps.py and progress.py (what the hub should hear of it), compare.py,
contents.py and setpoints.py (the judge), director.py (who plays it), cli.py.
"""
