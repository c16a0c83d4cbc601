# SPDX-License-Identifier: Apache-2.0
"""Loads an .npz into Chainer's own network with Chainer's own loader and prints its accuracy on IDX test files."""
import struct
import sys

import numpy as np
import chainer
import chainer.functions as F
import chainer.links as L


class Mlp(chainer.Chain):
    def __init__(self, units):
        super().__init__()
        with self.init_scope():
            self.l1 = L.Linear(784, units)
            self.l2 = L.Linear(units, units)
            self.l3 = L.Linear(units, 10)

    def forward(self, x):
        return self.l3(F.relu(self.l2(F.relu(self.l1(x)))))


def read_idx(path):
    with open(path, "rb") as file:
        dims = file.read(4)[3]
        shape = struct.unpack(">" + "I" * dims, file.read(4 * dims))
        return np.frombuffer(file.read(), np.uint8).reshape(shape)


model_path, data = sys.argv[1:3]
images = read_idx(data + "/t10k-images-idx3-ubyte").reshape(-1, 784).astype(np.float32) / np.float32(255)
labels = read_idx(data + "/t10k-labels-idx1-ubyte").astype(np.int32)
model = Mlp(100)
chainer.serializers.load_npz(model_path, model)
with chainer.no_backprop_mode():
    predictions = model(images).array.argmax(axis=1)
print("accuracy", (predictions == labels).mean())
