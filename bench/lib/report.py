# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Quintet authors
#
# What was measured: a table on standard output as it goes, and a CSV at the end, from which
# bench/plot.py draws.

import csv
import os
import statistics

import settings

COLUMNS = ("bench", "case", "unit", "quintet", "quintet_min", "quintet_max", "peer", "peer_median",
           "peer_min", "peer_max", "ratio", "ratio_min", "ratio_max", "bar", "met", "rounds", "note")
WORDS = {">=": "at least", "<=": "at most"}


def spread(samples):
    return statistics.median(samples), min(samples), max(samples)


def number(value):
    """Two decimals, or two digits of a small one."""
    return f"{value:.2f}" if value == 0 or value >= 0.1 else f"{value:.2g}"


class Report:
    """Of one bench, such as `http`."""

    def __init__(self, name):
        self.name, self.rows = name, []

    def add(self, case, unit, ours, peer=None, theirs=None, bar=None):
        """Samples of ours and of a peer's, taken in turn; or ours alone. (bar): `>=` or `<=` and a
        number, for the median of the ratios, or for our median where there is no ratio."""
        row = dict(bench=self.name, case=case, unit=unit, peer=peer, rounds=len(ours))
        row["quintet"], row["quintet_min"], row["quintet_max"] = spread(ours)
        judged = row["quintet"]
        if theirs:
            row["peer_median"], row["peer_min"], row["peer_max"] = spread(theirs)
        if theirs and min(theirs) > 0:
            row["ratio"], row["ratio_min"], row["ratio_max"] = spread(
                [a / b for a, b in zip(ours, theirs)])
            judged = row["ratio"]
        if bar:
            sign, limit = bar.split()
            met = judged >= float(limit) if sign == ">=" else judged <= float(limit)
            row.update(bar=bar, met="yes" if met else "no")
        self.rows.append(row)
        self.show(row)

    def skip(self, case, why):
        """Says that something could not be measured here."""
        self.rows.append(dict(bench=self.name, case=case, note=why))
        print(f"{self.name + ': ' + case:<47} not measured: {why}", flush=True)

    @staticmethod
    def header():
        print(f"{'':<47} {'Quintet':>14} {'peer':>14} {'ratio':>6} {'spread':>11}   bar")

    @staticmethod
    def show(row):
        peer = f"{number(row['peer_median'])} {row['unit']}" if "peer_median" in row else ""
        ratio = number(row["ratio"]) if "ratio" in row else ""
        low, high = ("ratio_min", "ratio_max") if "ratio" in row else ("quintet_min", "quintet_max")
        around = f"{number(row[low])}-{number(row[high])}" if row["rounds"] > 1 else ""
        bar = ""
        if row.get("bar"):
            sign, limit = row["bar"].split()
            bar = f"{WORDS[sign]} {limit}: {'met' if row['met'] == 'yes' else 'MISSED'}"
        what = f"{row['bench']}: {row['case']}" + (f" / {row['peer']}" if row["peer"] else "")
        print(f"{what:<47} {number(row['quintet']):>9} {row['unit']:<4} {peer:>14} {ratio:>6} "
              f"{around:>11}   {bar}", flush=True)

    def write(self):
        os.makedirs(settings.OUT, exist_ok=True)
        with open(os.path.join(settings.OUT, self.name + ".csv"), "w", newline="") as file:
            table = csv.DictWriter(file, COLUMNS, restval="")
            table.writeheader()
            table.writerows(self.rows)


def in_turn(ours, theirs=None, rounds=None):
    """Calls one, then the other, in each round; returns the two lists of what they returned."""
    got = [], []
    for _ in range(rounds or settings.ROUNDS):
        got[0].append(ours())
        if theirs:
            got[1].append(theirs())
    return got


def columns(samples):
    """Of a list of tuples, the lists of their first, second, ... members."""
    return [list(column) for column in zip(*samples)]
