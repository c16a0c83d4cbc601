# SPDX-License-Identifier: Apache-2.0
"""What other programs say about our files. Prints one JSON document; exits with 77 where a package is missing."""
import json
import math
import pathlib
import sys


def scalar(value):
    value = float(value)
    return value if math.isfinite(value) else repr(value)


def described(arrays):
    return {key: [array.dtype.str, list(array.shape), array.tobytes("C").hex()] for key, array in arrays.items()}


def show_npz(path):
    """Every array with its type, shape and exact bytes."""
    import numpy
    with numpy.load(path, allow_pickle=False) as archive:
        return described({key: archive[key] for key in archive.files})


def make_npz(folder):
    """Arrays of several layouts, as savez and savez_compressed store them, and their C-order bytes."""
    import numpy
    random = numpy.random.default_rng(1)
    arrays = {
        "l1/W": random.standard_normal((100, 784)).astype("<f4"),
        "fortran": numpy.asfortranarray(random.standard_normal((3, 4, 5))),
        "big": random.standard_normal((7, 2)).astype(">f4"),
        "scalar": numpy.array(3, "<i4"),
        "none": numpy.zeros((0, 3), "|u1"),
        "large": numpy.array([2**63 + 1], "<u8"),
        "zeros": numpy.zeros(100_000, "<i8"),
    }
    numpy.savez(folder / "plain.npz", **arrays)
    numpy.savez_compressed(folder / "packed.npz", **arrays)
    numpy.savez(folder / "objects.npz", a=numpy.array([{}], dtype=object))
    return described({key: array.astype(array.dtype.newbyteorder("<")) for key, array in arrays.items()})


def show_events(folder):
    """Tags, steps, times and values as stock TensorBoard loads a folder."""
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
    accumulator = EventAccumulator(str(folder), size_guidance={"scalars": 0}).Reload()
    return {tag: [[event.step, event.wall_time, scalar(event.value)] for event in accumulator.Scalars(tag)]
            for tag in accumulator.Tags()["scalars"]}


def make_events(folder):
    """A file by TensorBoard's own writer: old and new style scalars, and a histogram to be skipped."""
    from tensorboard.compat.proto.event_pb2 import Event
    from tensorboard.compat.proto.summary_pb2 import Summary
    from tensorboard.plugins.histogram.summary_v2 import histogram_pb
    from tensorboard.plugins.scalar.summary_v2 import scalar_pb
    from tensorboard.summary.writer.event_file_writer import EventFileWriter
    writer = EventFileWriter(str(folder))
    expected = []
    for step in range(100):
        old = Summary(value=[Summary.Value(tag="old", simple_value=step / 7)])
        for summary in (old, scalar_pb("new", step / 3), histogram_pb("weights", [1.0, 2.0, step])):
            writer.add_event(Event(wall_time=1.5e9 + step, step=step, summary=summary))
        expected.append([step, 1.5e9 + step])
    writer.close()
    return expected


def show_safetensors(path):
    """Arrays and metadata as the reference implementation loads them."""
    from safetensors import safe_open
    with safe_open(path, framework="numpy") as file:
        return {"arrays": described({key: file.get_tensor(key) for key in file.keys()}), "metadata": file.metadata()}


def copy_safetensors(path):
    """The same arrays, written by the reference implementation."""
    from safetensors.numpy import load_file, save_file
    save_file(load_file(path), str(path) + ".copy")


def make_safetensors(path):
    """Every type that numpy has for it, and the float32 values of the half ones; beside it a file of booleans."""
    import ml_dtypes
    import numpy
    from safetensors.numpy import save_file
    random = numpy.random.default_rng(1)
    arrays = {
        "conv/W": random.standard_normal((20, 1, 5, 5)).astype("<f4"),
        "double": random.standard_normal((3, 4, 5)),
        "scalar": numpy.array(3, "<i4"),
        "none": numpy.zeros((0, 3), "|u1"),
        "large": numpy.array([2**63 + 1], "<u8"),
        "long": numpy.array([-1], "<i8"),
        "half": numpy.arange(1 << 16, dtype="<u2").view("<f2"),
        "brain": numpy.arange(1 << 16, dtype="<u2").view(ml_dtypes.bfloat16),
    }
    for key in ("half", "brain"):  # NaNs have many bit patterns: the readers need not agree on those
        arrays[key] = arrays[key][~numpy.isnan(arrays[key].astype("<f4"))]
    save_file(arrays, str(path), metadata={"format": "np", "città": "Forlì"})
    save_file({"mask": numpy.ones(3, bool)}, str(path) + ".bool")
    return described({key: array.astype("<f4") if key in ("half", "brain") else array for key, array in arrays.items()})


if __name__ == "__main__":
    actions = {"show-npz": show_npz, "make-npz": make_npz, "show-events": show_events, "make-events": make_events,
               "show-safetensors": show_safetensors, "copy-safetensors": copy_safetensors,
               "make-safetensors": make_safetensors}
    try:
        print(json.dumps(actions[sys.argv[1]](pathlib.Path(sys.argv[2]))))
    except ImportError as error:
        print(error, file=sys.stderr)
        sys.exit(77)
