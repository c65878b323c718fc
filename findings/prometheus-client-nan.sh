#!/usr/bin/env bash
# prometheus-client: one NaN makes a histogram's sum NaN for good and is not counted.
#
# Versions: prometheus-client 0.26.0.
# Seen: after observe of 0.5, NaN and 2.0 the histogram's sum is NaN, the bucket of +Inf and the
# count are 2; every later observation is counted and the sum stays NaN. A summary counts all
# three. A counter takes inc(NaN) and is NaN from then on. What the package then writes as
# OpenMetrics its own parser refuses.
# Surprise: a training loss that is NaN once ruins the average of the process's whole life
# (rate of the sum by rate of the count), and its number of observations is not that of the calls.
# Contradicts: OpenMetrics 1.0: the +Inf bucket counts all requests, and a counter is not
# NaN. inc refuses negative amounts and lets NaN pass.
# Way out: test with math.isnan before observing.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
"${PYTHON:-python3.11}" -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check prometheus-client==0.26.0

cat > expected <<'EOF'
histogram | after 0.5, NaN, 2.0 | le=1: 1 | le=+Inf: 2 | count 2 | sum nan
histogram | after 4.0 | le=1: 1 | le=+Inf: 3 | count 3 | sum nan
summary | after 0.5, NaN, 2.0 | count 3 | sum nan
counter | inc(-1.0) | ValueError
counter | inc(NaN), inc(1.0) | nan
OpenMetrics, written and parsed | ValueError: Counter-like samples cannot be NaN: loss_sum NaN
EOF

cat > program.py <<'EOF'
import math

from prometheus_client import CollectorRegistry, Counter, Histogram, Summary
from prometheus_client.openmetrics.exposition import generate_latest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse

registry = CollectorRegistry()
histogram = Histogram("loss", "Loss", registry=registry, buckets=(1.0,))
summary = Summary("score", "Score", registry=registry)
counter = Counter("work", "Work", registry=registry)

def value(name, **labels):
    return format(registry.get_sample_value(name, labels), "g")

def show_histogram(when):
    buckets = (f"le={shown}: {value('loss_bucket', le=bound)}" for shown, bound in (("1", "1.0"), ("+Inf", "+Inf")))
    print("histogram", when, *buckets, f"count {value('loss_count')}", f"sum {value('loss_sum')}", sep=" | ")

for seen in (0.5, math.nan, 2.0):
    histogram.observe(seen)
    summary.observe(seen)
show_histogram("after 0.5, NaN, 2.0")
histogram.observe(4.0)
show_histogram("after 4.0")
print("summary", "after 0.5, NaN, 2.0", f"count {value('score_count')}", f"sum {value('score_sum')}", sep=" | ")
try:
    counter.inc(-1.0)
except ValueError as error:
    print("counter | inc(-1.0) |", type(error).__name__)
counter.inc(math.nan)
counter.inc(1.0)
print("counter | inc(NaN), inc(1.0) |", value("work_total"))
try:
    print("OpenMetrics, written and parsed |", list(parse(generate_latest(registry).decode())))
except ValueError as error:
    print("OpenMetrics, written and parsed |", f"{type(error).__name__}: {error}")
EOF

venv/bin/python program.py > seen
diff -u expected seen
echo "seen as stated"
