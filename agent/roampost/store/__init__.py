"""What outlives a crash: one SQLite file with one writer. Values of `changes` go in and come out, SQL stays in here."""
