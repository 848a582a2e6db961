"""Cuts the power of the store, simulated, as often as is asked for; 1 when anything promised was not there."""

import argparse
import os
import sys
import tempfile
from itertools import count
from pathlib import Path

from tests.powercut import interpreter


def main() -> int:
    options = _options()
    if not interpreter.is_this():
        if why := interpreter.why_not():
            sys.stderr.write(why + "\n")
            return 2
        os.chdir(interpreter.ROOT)
        os.execve(interpreter.DEBIAN, interpreter.command(*sys.argv[1:]), interpreter.environment())
    return _run(options)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.powercut", description=__doc__)
    parser.add_argument("--cuts", type=int, default=5_000, help="in all, with those in the file (%(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="of the first life; the next ones follow it (%(default)s)")
    parser.add_argument("--of-each", type=int, default=1_000_000, help="the most cuts of one life (all)")
    parser.add_argument("--results", type=lambda text: Path(text).resolve(), help="file to go on with: a line per life")
    parser.add_argument("--sabotage", help="break the store first: normal, begin, migration or outcome")
    return parser.parse_args()


def _run(options: argparse.Namespace) -> int:
    from tests.powercut.results import Results
    from tests.powercut.sabotage import Sabotage, broken
    from tests.powercut.sweep import sweep

    results = Results(options.results)
    seeds = (seed for seed in count(options.seed) if seed not in results.seeds)
    how = Sabotage(options.sabotage) if options.sabotage else None
    with tempfile.TemporaryDirectory(prefix="powercut-") as folder, broken(how):
        while results.cuts < options.cuts:
            tally = sweep(next(seeds), min(options.of_each, options.cuts - results.cuts), Path(folder))
            results.add(tally)
            rate = tally.cuts / tally.seconds
            done = f"{tally.operations} operations, {tally.commits} commits, {tally.cuts} cuts, {rate:.0f} per second"
            sys.stdout.write("\n".join([f"seed {tally.seed}: {done}", *tally.findings]) + "\n")
            sys.stdout.flush()
    sys.stdout.write(results.summary() + "\n")
    return int(results.wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
