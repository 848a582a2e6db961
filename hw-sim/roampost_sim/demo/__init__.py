"""`make demo`: a day at a charging station, played with real processes and judged from the record of truth.

Reading order: day.toml (the story), protocols.py (how hubs differ), expect.py, apps.py and progress.py (what each hub
should hear of the day), compare.py, matching.py, contents.py and setpoints.py (the judge), director.py (who plays it),
cli.py.
"""
