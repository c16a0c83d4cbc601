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


def show_onnx(path):
    """What onnx makes of a file that its checker takes, and whether it would write the same bytes."""
    import onnx
    onnx.checker.check_model(str(path), full_check=True)
    model = onnx.load(path)
    nodes = [[node.op_type, node.name, list(node.input), list(node.output),
              {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}] for node in model.graph.node]
    return {"weights": described({t.name: onnx.numpy_helper.to_array(t) for t in model.graph.initializer}),
            "nodes": nodes, "metadata": {entry.key: entry.value for entry in model.metadata_props},
            "sameBytes": model.SerializeToString(deterministic=True) == path.read_bytes()}


def run_onnx(path):
    """The outputs of onnxruntime for the arrays in the .npz beside the file, without and with its optimizations."""
    import numpy
    import onnxruntime
    levels = onnxruntime.GraphOptimizationLevel
    outputs = {}
    with numpy.load(f"{path}.npz", allow_pickle=False) as archive:
        feeds = {key: archive[key] for key in archive.files}
    for level in (levels.ORT_DISABLE_ALL, levels.ORT_ENABLE_ALL):
        options = onnxruntime.SessionOptions()
        options.graph_optimization_level = level
        options.intra_op_num_threads = 1
        session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        for key, array in zip((o.name for o in session.get_outputs()), session.run(None, feeds)):
            outputs[f"{key} {level.name}"] = array
    return described(outputs)


def make_onnx(path):
    """A model by onnx's own helper with weights of every type we take, raw and typed; beside it one that we refuse."""
    import numpy
    import onnx
    from onnx import TensorProto, helper, numpy_helper
    random = numpy.random.default_rng(1)
    arrays = {
        "W": random.standard_normal((3, 2)).astype("<f4"),
        "double": random.standard_normal((2, 1)),
        "int": numpy.array([-1, 2**31 - 1], "<i4"),
        "long": numpy.array([-1, 2**63 - 1], "<i8"),
        "byte": numpy.array([0, 255], "|u1"),
        "large": numpy.array([2**63 + 1], "<u8"),
        "scalar": numpy.array(0.5, "<f4"),
        "none": numpy.zeros((0, 2), "<f4"),
    }
    typed = {"<f4": TensorProto.FLOAT, "<f8": TensorProto.DOUBLE, "<i4": TensorProto.INT32, "<i8": TensorProto.INT64,
             "|u1": TensorProto.UINT8, "<u8": TensorProto.UINT64}
    weights = [numpy_helper.from_array(array, f"raw/{key}") for key, array in arrays.items()]
    weights += [helper.make_tensor(f"typed/{key}", typed[array.dtype.str], array.shape, array.flatten().tolist())
                for key, array in arrays.items()]
    nodes = [helper.make_node("Gemm", ["x", "raw/W"], ["h"], name="fc", transB=1, alpha=0.5),
             helper.make_node("LRN", ["h"], ["y"], size=3, beta=0.75)]
    graph = helper.make_graph(nodes, "theirs", [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["N", 2])],
                              [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["N", 3])], weights)
    model = helper.make_model(graph, producer_name="helper", opset_imports=[helper.make_opsetid("", 20)])
    helper.set_model_props(model, {"recipe": "città"})
    onnx.save(model, path)
    onnx.save(model, f"{path}.external", save_as_external_data=True, location="weights.bin", size_threshold=0)
    return described({t.name: numpy_helper.to_array(t) for t in weights})


if __name__ == "__main__":
    actions = {"show-npz": show_npz, "make-npz": make_npz, "show-events": show_events, "make-events": make_events,
               "show-safetensors": show_safetensors, "copy-safetensors": copy_safetensors,
               "make-safetensors": make_safetensors, "show-onnx": show_onnx, "run-onnx": run_onnx,
               "make-onnx": make_onnx}
    try:
        print(json.dumps(actions[sys.argv[1]](pathlib.Path(sys.argv[2])), default=bytes.decode))
    except ImportError as error:
        print(error, file=sys.stderr)
        sys.exit(77)
