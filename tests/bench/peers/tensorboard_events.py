# SPDX-License-Identifier: Apache-2.0
"""Reads event files by TensorBoard's own loaders, one request a line on stdin: LOADER PATH.

Answers "SCALARS SECONDS" of processor time; the first line is TensorBoard's version.
"""
import sys
import time

from tensorboard import version
from tensorboard.backend.event_processing import event_accumulator
from tensorboard.backend.event_processing.event_file_loader import EventFileLoader


def by_file_loader(path):
    count = 0
    for event in EventFileLoader(path).Load():
        for value in event.summary.value:
            count += value.HasField("tensor") or value.HasField("simple_value")
    return count


def by_accumulator(path):
    accumulator = event_accumulator.EventAccumulator(path, size_guidance={event_accumulator.SCALARS: 0,
                                                                          event_accumulator.TENSORS: 0})
    accumulator.Reload()
    tags = accumulator.Tags()
    count = sum(len(accumulator.Scalars(tag)) for tag in tags["scalars"])
    return count + sum(len(accumulator.Tensors(tag)) for tag in tags["tensors"])


LOADERS = {"EventFileLoader": by_file_loader, "EventAccumulator": by_accumulator}

print(version.VERSION, flush=True)
for line in sys.stdin:
    loader, path = line.rstrip("\n").split(" ", 1)
    start = time.process_time()
    scalars = LOADERS[loader](path)
    print(scalars, time.process_time() - start, flush=True)
