# SPDX-License-Identifier: Apache-2.0
"""PyTorch, from 1.13 on. Variants:
  index          data preloaded as floats, batches by index_select
  slice          the whole epoch gathered in its order, batches as slices
  trace          index, the model traced by torch.jit
  compile        index, the model through torch.compile
  compile-step   index, the whole step with its optimizer through torch.compile
  channels-last, channels-last-compile    index and compile in that memory format
  loader         as most programs are written: Dataset with PIL images, ToTensor, DataLoader, plain SGD
  compile-graphs       index on a GPU, the model through torch.compile with its own CUDA graphs
  step-graph           index on a GPU, the whole step with its optimizer recorded as one CUDA graph
  compile-step-graph   the same with the model through torch.compile
On a GPU all data lies there, and products are of FP32, as Bottega's.
"""
import copy
import inspect

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

import common

VARIANTS = ["index", "slice", "trace", "compile", "compile-step", "channels-last", "channels-last-compile", "loader",
            "compile-graphs", "step-graph", "compile-step-graph"]


def make_model(net):
    if net == "mlp":
        return nn.Sequential(nn.Linear(784, 100), nn.ReLU(), nn.Linear(100, 100), nn.ReLU(), nn.Linear(100, 10))
    return nn.Sequential(nn.Conv2d(1, 20, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(20, 50, 5), nn.ReLU(),
                         nn.MaxPool2d(2), nn.Flatten(), nn.Linear(800, 500), nn.ReLU(), nn.Linear(500, 10))


class Pictures(torch.utils.data.Dataset):
    """What torchvision's MNIST with ToTensor does for an item."""

    def __init__(self, pixels, labels, is_flat):
        from PIL import Image
        self.to_image = Image.fromarray
        self.pixels = torch.from_numpy(pixels.copy())
        self.labels = torch.from_numpy(labels.astype(np.int64))
        self.is_flat = is_flat

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, index):
        image = self.to_image(self.pixels[index].numpy())
        tensor = torch.from_numpy(np.array(image, np.uint8, copy=True)).view(image.size[1], image.size[0], 1)
        tensor = tensor.permute((2, 0, 1)).contiguous().to(torch.float32).div(255)
        return tensor.flatten() if self.is_flat else tensor, int(self.labels[index])


def make_optimizer(model, is_plain):
    has_fused = "fused" in inspect.signature(torch.optim.SGD).parameters
    options = {"fused": True} if has_fused and not is_plain else {}
    return torch.optim.SGD(model.parameters(), lr=common.LEARNING_RATE, momentum=common.MOMENTUM, **options)


def warm_up(step, model, optimizer, batches):
    """Compiles for every batch size, then puts weights and momentum back to the start."""
    state = copy.deepcopy(model.state_dict())
    for x, y in batches:
        for _ in range(3):
            step(x, y)
    with torch.no_grad():
        model.load_state_dict(state)
        for values in optimizer.state.values():
            values["momentum_buffer"].zero_()


class StepGraphs:
    """A step as one CUDA graph for every batch size, recorded when it is called the first time: capturable after warm_up."""

    def __init__(self, step):
        self.step, self.graphs = step, {}

    def __call__(self, inputs, targets):
        if len(targets) not in self.graphs:
            self.graphs[len(targets)] = self.recorded(inputs.clone(), targets.clone())
        graph, own_inputs, own_targets = self.graphs[len(targets)]
        own_inputs.copy_(inputs)
        own_targets.copy_(targets)
        graph.replay()

    def recorded(self, inputs, targets):
        stream = torch.cuda.Stream()
        stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(stream):
            for _ in range(3):
                self.step(inputs, targets)
        torch.cuda.current_stream().wait_stream(stream)
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph):
            self.step(inputs, targets)
        return graph, inputs, targets


def main():
    args = common.arguments(VARIANTS)
    is_loader = args.variant == "loader"
    torch.backends.cudnn.allow_tf32 = False
    torch.set_num_threads(args.threads)
    torch.set_flush_denormal(not is_loader)
    torch.manual_seed(1)
    pixels, labels = common.read_split(args.data, "train")
    count = len(labels)
    x = torch.from_numpy(common.as_input(pixels, args.net)).to(args.device)
    y = torch.from_numpy(labels.astype(np.int64)).to(args.device)
    model = make_model(args.net).to(args.device)
    if args.variant.startswith("channels-last"):
        x = x.contiguous(memory_format=torch.channels_last)
        model = model.to(memory_format=torch.channels_last)
    run_model = model
    if args.variant == "trace":
        run_model = torch.jit.trace(model, x[:common.BATCH])
    elif args.variant in ("compile", "channels-last-compile", "compile-step-graph"):
        run_model = torch.compile(model, dynamic=False)
    elif args.variant == "compile-graphs":
        run_model = torch.compile(model, dynamic=False, mode="reduce-overhead")
    optimizer = make_optimizer(model, is_loader)

    def step(inputs, targets):
        optimizer.zero_grad(set_to_none=True)
        F.cross_entropy(run_model(inputs), targets).backward()
        optimizer.step()

    if args.variant == "compile-step":
        step = torch.compile(step, dynamic=False)
    elif args.variant.endswith("step-graph"):
        step = StepGraphs(step)
    if not is_loader:
        sizes = {min(common.BATCH, count), count % common.BATCH} - {0}
        warm_up(step, model, optimizer, [(x[:size], y[:size]) for size in sizes])

    def indexed_epoch():
        for chosen in torch.randperm(count, device=args.device).split(common.BATCH):
            step(x.index_select(0, chosen), y.index_select(0, chosen))

    def sliced_epoch():
        order = torch.randperm(count, device=args.device)
        for inputs, targets in zip(x[order].split(common.BATCH), y[order].split(common.BATCH)):
            step(inputs, targets)

    if is_loader:
        loader = torch.utils.data.DataLoader(Pictures(pixels, labels, args.net == "mlp"), common.BATCH, shuffle=True)

    def loaded_epoch():
        for inputs, targets in loader:
            step(inputs, targets)

    def accuracy():
        test_pixels, test_labels = common.read_split(args.data, "t10k")
        inputs = torch.from_numpy(common.as_input(test_pixels, args.net)).to(args.device)
        with torch.no_grad():
            predictions = torch.cat([model(part).argmax(1) for part in inputs.split(1000)])
        return float((predictions.cpu().numpy() == test_labels).mean())

    chosen_epoch = loaded_epoch if is_loader else sliced_epoch if args.variant == "slice" else indexed_epoch

    def run_epoch():
        chosen_epoch()
        if args.device != "cpu":
            torch.cuda.synchronize()

    common.report(args.epochs, count, run_epoch, accuracy, {"PyTorch": torch.__version__, "NumPy": np.__version__})


main()
