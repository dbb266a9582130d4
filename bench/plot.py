#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Quintet authors
#
# Draws what bench/run measured: plot.py CSVDIR OUTDIR reads CSVDIR/*.csv and writes OUTDIR/ratios.svg
# and OUTDIR/http.svg, by gnuplot. docs/img is made by `make bench-img`.

import csv
import glob
import math
import os
import re
import shutil
import subprocess
import sys

# In the order of `make bench`, which is the order in the picture from the top.
ORDER = ("start", "answer", "tcp", "udp", "ping", "http", "connections", "block",
         "virtio-start", "virtio-ping", "xen-bulk")
COLOURS = {"yes": "0x2e7d32", "no": "0xc62828", "": "0x78909c"}
# Pixels: the title and the key, the axis, and each bar.
HEAD, FOOT, ROW, HEIGHT_MIN = 110, 62, 26, 300
SMALLER_IS_BETTER = ("us", "ms", "s")

RATIOS = """
set terminal svg size 960,{height} font "sans-serif,13" background "white"
set output "{output}"
set label "How many times as fast as the peer" at screen 0.5, graph 1 center offset 0,4.2 font ",15"
set logscale x 2
set xrange [{low}:{high}]
set xtics ("1/32" .03125, "1/16" .0625, "1/8" .125, "1/4" .25, "1/2" .5, "1" 1, "2" 2, "4" 4, "8" 8, "16" 16, "32" 32)
set xlabel "times as fast (logarithmic); right of 1: faster than the peer"
set yrange [{count}:-1]
set ytics ({tics}) scale 0
set grid x
set border 1
set lmargin at screen 0.45
set rmargin at screen 0.97
set tmargin at screen {top}
set bmargin at screen {bottom}
set style fill solid 0.85 noborder
set key at screen 0.97, graph 1 right bottom Left reverse maxrows 2 samplen 1.5 width -2
set arrow from 1, graph 0 to 1, graph 1 nohead lw 2 lc rgb "#444444"
$rows << END
{rows}
END
plot $rows using 2:1:(1):2:($1-0.36):($1+0.36):6 with boxxyerror lc rgb variable notitle, \\
     $rows using 2:1:3:4 with xerrorbars pt -1 lw 1.5 lc rgb "#222222" notitle, \\
     $rows using 2:1 with points pt 7 ps 0.5 lc rgb "#222222" notitle, \\
     $rows using 5:1 with points pt 9 ps 0.9 lc rgb "#111111" notitle, \\
     $rows using 7:1:8 with labels left offset 0.8,0 font ",11" notitle, \\
     keyentry with boxes lc rgb {yes} title "yes: has reached its mark", \\
     keyentry with boxes lc rgb {no} title "no: has not", \\
     keyentry with boxes lc rgb {none} title "has no mark", \\
     keyentry with lines lw 1.5 lc rgb "#222222" title "spread of the rounds", \\
     keyentry with points pt 7 ps 0.5 lc rgb "#222222" title "median", \\
     keyentry with points pt 9 ps 0.9 lc rgb "#111111" title "mark: the least that we want"
"""

HTTP = """
set terminal svg size 760,420 font "sans-serif,13" background "white"
set output "{output}"
set title "HTTP with keep-alive, one core each"
set logscale x
set xtics ({tics})
set xrange [24:5300]
set yrange [0:*]
set xlabel "connections at once (logarithmic)"
set ylabel "requests a second; 1: nginx at {first} connections"
set grid
set border 3
set tics nomirror
set key bottom left
$rows << END
{rows}
END
plot $rows using 1:2:3:4 with yerrorlines lw 2 pt 7 lc rgb "#2e7d32" title "http.spt", \\
     $rows using 1:5:6:7 with yerrorlines lw 2 dt 2 pt 5 lc rgb "#78909c" title "nginx, one worker"
"""


def read(folder):
    rows = []
    for name in ORDER:
        for path in glob.glob(os.path.join(folder, name + ".csv")):
            with open(path, newline="") as file:
                rows += list(csv.DictReader(file))
    return rows


def gnuplot(script):
    subprocess.run(["gnuplot"], input=script, text=True, check=True)


def better(row):
    """How many times as good as the peer, its least, its most and the bar."""
    values = [float(row[c]) for c in ("ratio", "ratio_min", "ratio_max")]
    values.append(float(row["bar"].split()[1]) if row["bar"] else float("nan"))
    if row["unit"] in SMALLER_IS_BETTER:
        ratio, low, high, bar = (1 / v for v in values)
        return ratio, high, low, bar
    return values


def label(row, value):
    """Where the ratio is written, and how, with what the colour says."""
    ratio, _, high, bar = value
    text = f"{ratio:.2f}x" if ratio < 10 else f"{ratio:.0f}x"
    at = max(ratio, high, 1, 0 if math.isnan(bar) else bar)
    return at, f'"{text} {row["met"]}"'


def ratios(rows, output):
    # Latencies are in the table; here they would hide the rest.
    rows = [r for r in rows if r["ratio"] and not r["case"].endswith("99 %")]
    if not rows:
        return
    values = [better(row) for row in rows]
    names = [f"{r['bench']}: {r['case']} / {r['peer']}".replace("%", "%%") for r in rows]
    tics = ", ".join(f'"{name}" {i}' for i, name in enumerate(names))
    data = "\n".join(" ".join(str(v) for v in (i, *v, COLOURS[r["met"]], *label(r, v)))
                     for i, (r, v) in enumerate(zip(rows, values)))
    low = min(0.25, *(v[1] / 1.2 for v in values))
    # With room for the words at the right of what goes farthest.
    high = max(4, *(v[2] for v in values)) * 1.2
    height = max(HEIGHT_MIN, HEAD + FOOT + ROW * (len(rows) + 1))
    gnuplot(RATIOS.format(output=output, rows=data, tics=tics, count=len(rows), height=height,
                          top=1 - HEAD / height, bottom=FOOT / height, low=low,
                          high=high * (high / low) ** 0.15, yes=COLOURS["yes"], no=COLOURS["no"],
                          none=COLOURS[""]))


def http(rows, output):
    points = []
    for row in rows:
        found = re.fullmatch(r"spt, (\d+) connections", row["case"])
        if row["bench"] == "http" and found and row["unit"] == "k/s":
            points.append((int(found[1]), [float(row[c]) for c in (
                "quintet", "quintet_min", "quintet_max", "peer_median", "peer_min", "peer_max")]))
    if points:
        one = points[0][1][3]
        data = "\n".join(" ".join(str(v) for v in (at, *(v / one for v in values)))
                         for at, values in points)
        gnuplot(HTTP.format(output=output, rows=data, first=points[0][0],
                            tics=", ".join(f'"{at}" {at}' for at, _ in points)))


def main():
    if len(sys.argv) != 3:
        sys.exit("usage: plot.py CSVDIR OUTDIR")
    if shutil.which("gnuplot") is None:
        sys.exit("plot.py: install gnuplot-nox for the plots")
    rows = read(sys.argv[1])
    os.makedirs(sys.argv[2], exist_ok=True)
    ratios(rows, os.path.join(sys.argv[2], "ratios.svg"))
    http(rows, os.path.join(sys.argv[2], "http.svg"))


main()
