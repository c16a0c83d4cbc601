# SPDX-License-Identifier: Apache-2.0
"""What the peers written in Python share: their command line, IDX files, and the lines they print.

A peer trains on DIR's training files and prints one line of JSON per epoch, {"epoch", "seconds", "imagesPerSecond"},
which counts the training steps alone, and a last one, {"accuracy", "versions"}, on the test files.
"""
import argparse
import json
import os
import time

import numpy as np

BATCH = 128
LEARNING_RATE = 0.01
MOMENTUM = 0.9


def arguments(variants):
    parser = argparse.ArgumentParser()
    parser.add_argument("--net", choices=["mlp", "cnn"], required=True)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--data", required=True, help="folder with the four IDX files, plain")
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--device", default="cpu", help="cpu or cuda, where the peer knows it")
    parser.add_argument("--variant", choices=variants, default=variants[0])
    return parser.parse_args()


def read_idx(path):
    with open(path, "rb") as file:
        header = np.frombuffer(file.read(4), np.uint8)
        shape = np.frombuffer(file.read(4 * header[3]), ">u4")
        return np.frombuffer(file.read(), np.uint8).reshape(shape)


def read_split(folder, split):
    """Pixels [N, 28, 28] and labels [N], both uint8."""
    return (read_idx(os.path.join(folder, split + "-images-idx3-ubyte")),
            read_idx(os.path.join(folder, split + "-labels-idx1-ubyte")))


def as_input(pixels, net):
    """Floats 0…1: [N, 784] for the MLP, [N, 1, 28, 28] for the CNN."""
    shape = (len(pixels), 784) if net == "mlp" else (len(pixels), 1, 28, 28)
    return (pixels.astype(np.float32) / np.float32(255)).reshape(shape)


def report(epochs, images, run_epoch, accuracy, versions):
    for epoch in range(1, epochs + 1):
        started = time.perf_counter()
        run_epoch()
        seconds = time.perf_counter() - started
        print(json.dumps({"epoch": epoch, "seconds": seconds, "imagesPerSecond": images / seconds}), flush=True)
    print(json.dumps({"accuracy": accuracy(), "versions": versions}), flush=True)
