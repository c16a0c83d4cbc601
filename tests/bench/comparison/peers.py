# SPDX-License-Identifier: Apache-2.0
"""The programs that Bottega is compared with: where each is found, and which configurations the search tries."""
import glob
import os
import shutil
import subprocess

HERE = os.path.dirname(os.path.abspath(__file__))
SOURCES = os.path.join(os.path.dirname(HERE), "peers")
SYSTEM_PYTHON = "/usr/bin/python3"

# A caller's settings would decide the comparison.
FOREIGN = ("OMP_", "GOMP_", "KMP_", "MKL_", "OPENBLAS_", "BLIS_", "PYTHON", "LD_LIBRARY_PATH", "LD_PRELOAD", "TORCH")


class Setting:
    """A number of threads and the environment that goes with it."""

    def __init__(self, name, threads, **environment):
        self.name = name
        self.threads = threads
        self.environment = {"OMP_NUM_THREADS": str(threads), **environment}


class Peer:
    key = name = ""
    images = {"mlp": 0, "cnn": 12_000}  # of the training set that it can be expected to get through; 0: all
    package = None  # Debian's, whose version is named

    def __init__(self, folder):
        self.folder = folder  # what the bench installs and builds: build/peers

    def missing(self):
        """Why it cannot run here; empty when it can."""
        if self.package and not package_version(self.package):
            return f"Debian's {self.package} is not installed"
        return ""

    def command(self, variant):
        raise NotImplementedError

    def variants(self, net, threads, is_quick):
        raise NotImplementedError

    def settings(self, threads):
        """Everything that uses at most so many threads."""
        raise NotImplementedError

    def environment(self, setting):
        kept = {name: value for name, value in os.environ.items() if not name.startswith(FOREIGN)}
        return {**kept, "TORCHINDUCTOR_CACHE_DIR": os.path.join(self.folder, "inductor"), **setting.environment}


def package_version(name):
    asked = subprocess.run(["dpkg-query", "-W", "-f=${db:Status-Status} ${Version}", name], capture_output=True, text=True)
    status, _, version = asked.stdout.partition(" ")
    return version if status == "installed" else ""


def cannot_import(python, module):
    if not os.path.exists(python):
        return "not installed: packaging/bootstrap bench installs it"
    tried = subprocess.run([python, "-W", "ignore", "-c", f"import {module}"], capture_output=True, text=True)
    return tried.stderr.strip().split("\n")[-1] if tried.returncode else ""


def build(source, program, flags):
    """Compiles a peer in C++ unless that is done already; returns what went wrong."""
    inputs = [os.path.join(SOURCES, source), os.path.join(SOURCES, "peer.h")]
    if os.path.exists(program) and os.path.getmtime(program) > max(map(os.path.getmtime, inputs)):
        return ""
    os.makedirs(os.path.dirname(program), exist_ok=True)
    command = ["g++", "-O3", "-march=native", "-w", *flags[0], inputs[0], "-o", program, *flags[1]]
    built = subprocess.run(command, capture_output=True, text=True)
    errors = [line for line in built.stderr.split("\n") if "error" in line]
    return "it could not be compiled: " + (errors or ["g++ failed"])[0] if built.returncode else ""


def blas_settings(threads):
    """Debian's PyTorch takes whatever BLAS it is given; each has threads of its own beside those of OpenMP."""
    def setting(blas, omp, own):
        folder = os.path.dirname((glob.glob(f"/usr/lib/*/{blas}/libblas.so.3") or [""])[0])
        name = f"{blas}, " + (f"{omp} thread" + "s" * (omp > 1) if omp == own else f"{own} BLAS and {omp} OpenMP threads")
        return Setting(name, omp, LD_LIBRARY_PATH=folder, OPENBLAS_NUM_THREADS=str(own), BLIS_NUM_THREADS=str(own))
    found = [name for name in ("openblas-pthread", "openblas-openmp", "blis-openmp")
             if glob.glob(f"/usr/lib/*/{name}/libblas.so.3")]
    settings = [setting(name, threads, threads) for name in found]
    if threads > 1:
        settings += [setting(found[0], 1, threads)] + [setting(name, 1, 1) for name in found] if found else []
    return settings or [Setting(f"{threads} threads", threads)]


class PyTorch(Peer):
    """The newest from PyPI, with MKL."""
    key, name = "pytorch", "PyTorch"

    def python(self):
        return os.path.join(self.folder, "torch/bin/python")

    def missing(self):
        return cannot_import(self.python(), "torch")

    def command(self, variant):
        return [self.python(), os.path.join(SOURCES, "torch_peer.py"), "--variant", variant]

    def variants(self, net, threads, is_quick):
        eager = ["index", "slice", "trace"] + ["channels-last"] * (net == "cnn")
        compiled = ["compile", "compile-step"] + ["channels-last-compile"] * (net == "cnn")
        return eager if is_quick else eager + compiled

    def settings(self, threads):
        single = [Setting("1 thread", 1)]
        return single if threads == 1 else [
            Setting(f"{threads} threads", threads),
            Setting(f"{threads} threads, passive", threads, OMP_WAIT_POLICY="PASSIVE"),
            Setting(f"{threads} threads, bound", threads, OMP_PROC_BIND="true"), *single]


class PyTorchLoader(PyTorch):
    """As most programs are written."""
    key, name = "pytorch-loader", "PyTorch with DataLoader"

    def variants(self, net, threads, is_quick):
        return ["loader"]

    def settings(self, threads):
        return [Setting(f"{threads} thread" + "s" * (threads > 1), threads)]


class PyTorchOnGpu(PyTorch):
    """As it comes, and with what takes the launches away."""
    key, name = "pytorch-gpu", "PyTorch, eager"
    images = {"mlp": 0, "cnn": 0}

    def python(self):
        own = super().python()
        return own if os.path.exists(own) else shutil.which("python3") or ""

    def missing(self):
        return cannot_import(self.python(), "torch.cuda; torch.cuda.init()")

    def command(self, variant):
        return [*super().command(variant), "--device", "cuda"]

    def variants(self, net, threads, is_quick):
        return ["index", "slice"]

    def settings(self, threads):
        return [Setting("FP32", 1)]


class PyTorchGraphs(PyTorchOnGpu):
    key, name = "pytorch-graphs", "PyTorch, CUDA graphs"

    def variants(self, net, threads, is_quick):
        return ["step-graph", "compile-graphs", "compile-step-graph"]


class DebianPyTorch(Peer):
    key, name, package = "debian-pytorch", "Debian's PyTorch", "python3-torch"

    def missing(self):
        return super().missing() or cannot_import(SYSTEM_PYTHON, "torch")

    def command(self, variant):
        return [SYSTEM_PYTHON, os.path.join(SOURCES, "torch_peer.py"), "--variant", variant]

    def variants(self, net, threads, is_quick):
        return ["index", "slice", "trace"] + ["channels-last"] * (net == "cnn")

    def settings(self, threads):
        return blas_settings(threads)


class LibTorch(DebianPyTorch):
    key, name, package = "libtorch", "Debian's libtorch (C++)", "libtorch-dev"

    def program(self):
        return os.path.join(self.folder, "bin/libtorch")

    def missing(self):
        flags = (["-std=c++17", "-isystem/usr/include/torch/csrc/api/include"], ["-ltorch", "-ltorch_cpu", "-lc10"])
        return Peer.missing(self) or build("libtorch_peer.cpp", self.program(), flags)

    def command(self, variant):
        return [self.program(), "--variant", variant]

    def variants(self, net, threads, is_quick):
        return ["index", "slice"] + ["channels-last"] * (net == "cnn")


class Chainer(Peer):
    key, name = "chainer", "Chainer"
    images = {"mlp": 0, "cnn": 6_000}

    def python(self):
        return os.path.join(self.folder, "chainer/bin/python")

    def missing(self):
        return cannot_import(self.python(), "chainer")

    def command(self, variant):
        return [self.python(), os.path.join(SOURCES, "chainer_peer.py"), "--variant", variant]

    def variants(self, net, threads, is_quick):
        return ["slice", "index", "updater"]

    def settings(self, threads):
        return [Setting(f"{n} thread" + "s" * (n > 1), n, OPENBLAS_NUM_THREADS=str(n)) for n in range(threads, 0, -1)]


class TinyDnn(Peer):
    key, name, package = "tiny-dnn", "tiny-dnn", "tiny-dnn"
    images = {"mlp": 6_000, "cnn": 2_000}
    definitions = {"single": ["-DCNN_SINGLE_THREAD"], "openmp": ["-DCNN_USE_OMP", "-fopenmp"]}

    def program(self, variant):
        return os.path.join(self.folder, "bin/tiny-dnn-" + variant)

    def missing(self):
        reason = super().missing()
        if reason:
            return reason
        stb = os.path.join(self.folder, "include/third_party/stb")  # where its headers look for Debian's libstb-dev
        os.makedirs(os.path.dirname(stb), exist_ok=True)
        if not os.path.islink(stb):
            os.symlink("/usr/include/stb", stb)
        for variant, own in self.definitions.items():
            common = ["-std=c++14", "-ffast-math", "-pthread", "-DCNN_USE_AVX", "-DCNN_NO_SERIALIZATION",
                      f'-DTINY_DNN_PACKAGE="{package_version(self.package)}"', "-I" + os.path.join(self.folder, "include")]
            reason = reason or build("tinydnn_peer.cpp", self.program(variant), (common + own, []))
        return reason

    def command(self, variant):
        return [self.program(variant), "--variant", variant]

    def variants(self, net, threads, is_quick):
        return ["single", "openmp"] if threads > 1 else ["single"]

    def settings(self, threads):
        return [Setting(f"{threads} thread" + "s" * (threads > 1), threads)]


ON_GPU = [PyTorchOnGpu, PyTorchGraphs]
ALL = [PyTorch, PyTorchLoader, DebianPyTorch, LibTorch, Chainer, TinyDnn]
