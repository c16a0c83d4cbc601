# SPDX-License-Identifier: Apache-2.0
"""Chainer. Variants:
  slice     the whole epoch gathered in its order, batches as slices
  index     batches by numpy's take
  updater   as its examples are written: TupleDataset, SerialIterator, StandardUpdater
The number of threads is that of NumPy's BLAS and comes from the environment.
"""
import warnings

import numpy as np

import common

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import chainer
    import chainer.functions as F
    import chainer.links as L


class Mlp(chainer.Chain):
    def __init__(self):
        super().__init__()
        with self.init_scope():
            self.l1 = L.Linear(784, 100)
            self.l2 = L.Linear(100, 100)
            self.l3 = L.Linear(100, 10)

    def forward(self, x):
        return self.l3(F.relu(self.l2(F.relu(self.l1(x)))))


class Cnn(chainer.Chain):
    def __init__(self):
        super().__init__()
        with self.init_scope():
            self.conv1 = L.Convolution2D(1, 20, 5)
            self.conv2 = L.Convolution2D(20, 50, 5)
            self.fc1 = L.Linear(800, 500)
            self.fc2 = L.Linear(500, 10)

    def forward(self, x):
        h = F.max_pooling_2d(F.relu(self.conv1(x)), 2)
        h = F.max_pooling_2d(F.relu(self.conv2(h)), 2)
        return self.fc2(F.relu(self.fc1(h)))


def main():
    args = common.arguments(["slice", "index", "updater"])
    chainer.global_config.dtype = np.float32
    np.random.seed(1)
    pixels, labels = common.read_split(args.data, "train")
    x, y = common.as_input(pixels, args.net), labels.astype(np.int32)
    count = len(y)
    model = L.Classifier(Mlp() if args.net == "mlp" else Cnn())
    model.compute_accuracy = False
    optimizer = chainer.optimizers.MomentumSGD(lr=common.LEARNING_RATE, momentum=common.MOMENTUM).setup(model)
    updater = chainer.training.updaters.StandardUpdater(
        chainer.iterators.SerialIterator(chainer.datasets.TupleDataset(x, y), common.BATCH), optimizer)

    def updated_epoch():
        end = updater.epoch + 1
        while updater.epoch < end:
            updater.update()

    def sliced_epoch():
        order = np.random.permutation(count)
        ordered_x, ordered_y = x[order], y[order]
        for at in range(0, count, common.BATCH):
            optimizer.update(model, ordered_x[at:at + common.BATCH], ordered_y[at:at + common.BATCH])

    def indexed_epoch():
        order = np.random.permutation(count)
        for at in range(0, count, common.BATCH):
            chosen = order[at:at + common.BATCH]
            optimizer.update(model, x.take(chosen, 0), y.take(chosen))

    def accuracy():
        test_pixels, test_labels = common.read_split(args.data, "t10k")
        inputs = common.as_input(test_pixels, args.net)
        with chainer.using_config("train", False), chainer.no_backprop_mode():
            found = [model.predictor(inputs[at:at + 1000]).array.argmax(1) for at in range(0, len(inputs), 1000)]
        return float((np.concatenate(found) == test_labels).mean())

    run_epoch = {"slice": sliced_epoch, "index": indexed_epoch, "updater": updated_epoch}[args.variant]
    common.report(args.epochs, count, run_epoch, accuracy, {"Chainer": chainer.__version__, "NumPy": np.__version__})


main()
