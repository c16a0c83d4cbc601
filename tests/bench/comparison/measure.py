# SPDX-License-Identifier: Apache-2.0
"""Runs Bottega and its peers in turn and keeps a record of every run."""
import json
import os
import subprocess

from comparison import mnist, peers, report

TIME_LIMIT = 900  # seconds for one run
SEARCH_TIME_LIMIT = 120  # what takes longer is no candidate for the fastest
SEARCH_IMAGES = {"mlp": 20_000, "cnn": 2_560}


class Plan:
    def __init__(self, is_quick):
        self.is_quick = is_quick
        self.rounds = 1 if is_quick else 3
        self.epochs = {"mlp": 3 if is_quick else 5, "cnn": 2 if is_quick else 3}
        self.search_epochs = 2 if is_quick else 3
        self.share_of_images = 3 if is_quick else 1  # subsets for slow peers are a third in a quick comparison

    def images(self, peer, net):
        return peer.images[net] // self.share_of_images


class Comparison:
    """Every run is appended to `records`, a file of JSON lines, from which the report is made."""

    def __init__(self, trainer, device, data, folder, plan, records, tell):
        self.device = device
        self.trainer, self.source, self.folder, self.plan, self.tell = trainer, data, folder, plan, tell
        self.records = open(records, "w", encoding="utf-8")

    def data(self, images):
        return mnist.subset(self.source, os.path.join(self.folder, "data"), images)

    def keep(self, record):
        self.records.write(json.dumps(record) + "\n")
        self.records.flush()

    def run(self, nets, thread_counts, wanted):
        found = []
        for peer in wanted:
            reason = peer.missing()
            self.keep({"kind": "peer", "peer": peer.key, "name": peer.name, "missing": reason,
                       "package": peers.package_version(peer.package) if peer.package else ""})
            self.tell(f"{peer.name}: {reason or 'found'}")
            if not reason:
                found.append(peer)
        for net in nets:
            for threads in thread_counts:
                self.compare(net, threads, found)

    def compare(self, net, threads, found):
        choices = [(peer, self.search(peer, net, threads)) for peer in found]
        for round_number in range(1, self.plan.rounds + 1):
            for peer, choice in choices:
                if choice:
                    images, epochs = self.plan.images(peer, net), self.plan.epochs[net]
                    about = {"kind": "round", "net": net, "threads": threads, "peer": peer.key, "round": round_number,
                             "images": images, "epochs": epochs}
                    data = self.data(images)
                    self.keep({**about, "program": "bottega", **self.run_ours(net, threads, data, epochs)})
                    self.keep({**about, "program": "peer", "variant": choice[0], "setting": choice[1].name,
                               **self.run_peer(peer, net, *choice, data, epochs)})

    def search(self, peer, net, threads):
        """The fastest (variant, setting): settings are compared with the first variant, then variants in the best."""
        variants, settings = peer.variants(net, threads, self.plan.is_quick), peer.settings(threads)
        if len(variants) * len(settings) == 1:
            return variants[0], settings[0]
        tried = {}

        def speed(variant, setting):
            if (variant, setting.name) not in tried:
                images = min(SEARCH_IMAGES[net], self.plan.images(peer, net) or SEARCH_IMAGES[net])
                result = self.run_peer(peer, net, variant, setting, self.data(images), self.plan.search_epochs,
                                       SEARCH_TIME_LIMIT)
                tried[variant, setting.name] = max(result["imagesPerSecond"], default=0)
                self.keep({"kind": "search", "net": net, "threads": threads, "peer": peer.key, "variant": variant,
                           "setting": setting.name, "images": images, **result})
            return tried[variant, setting.name]

        setting = max(settings, key=lambda candidate: speed(variants[0], candidate))
        variant = max(variants, key=lambda candidate: speed(candidate, setting))
        return (variant, setting) if tried[variant, setting.name] else None

    def run_peer(self, peer, net, variant, setting, data, epochs, limit=TIME_LIMIT):
        command = [*peer.command(variant), "--net", net, "--threads", str(setting.threads), "--data", data,
                   "--epochs", str(epochs)]
        result = started(command, peer.environment(setting), limit)
        self.tell(f"  {net}, {peer.name}, {variant}, {setting.name}: {spoken(result)}")
        return result

    def run_ours(self, net, threads, data, epochs):
        command = [self.trainer, "bench", "--device", self.device, "--net", net, "--data", data, "--epochs", str(epochs), "--json"]
        command += ["--threads", str(threads)] if threads else []
        done = subprocess.run(command, capture_output=True, text=True, timeout=TIME_LIMIT)
        if done.returncode:
            raise SystemExit(f"{' '.join(command)}\n{done.stderr.strip()}")
        said = json.loads(done.stdout)["results"][0]
        result = {"imagesPerSecond": said["epochs"], "accuracy": said["accuracy"],
                  "flopsPerImage": said["flopsPerImage"], "peakFlops": said["peakFlops"]}
        self.tell(f"  {net}, Bottega, {report.threads_text(threads)}: {spoken(result)}")
        return result


def started(command, environment, limit):
    """What a peer printed, or why it did not: the comparison goes on without it."""
    nothing = {"imagesPerSecond": [], "accuracy": None, "versions": {}}
    try:
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=limit)
    except subprocess.TimeoutExpired:
        return {**nothing, "error": f"still running after {limit} s"}
    if done.returncode:
        return {**nothing, "error": (done.stderr.strip() or f"exit status {done.returncode}").split("\n")[-1]}
    *epochs, last = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    return {"imagesPerSecond": [epoch["imagesPerSecond"] for epoch in epochs], **last}


def spoken(result):
    speeds = sorted(result["imagesPerSecond"])
    return f"{speeds[len(speeds) // 2]:,.0f} images/s" if speeds else result["error"]


def machine(trainer, device):
    """Names the processor and its instruction set or the GPU, never the host."""
    facts = {}
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        for line in file:
            key, _, value = line.partition(":")
            facts.setdefault(key.strip(), value.strip())
    info = json.loads(subprocess.run([trainer, "info", "--json"], capture_output=True, text=True, check=True).stdout)
    known = [known for known in info["devices"] if known["name"].startswith(device)]
    if not known:
        raise SystemExit(f"{trainer} knows no device {device} here")
    processor, part = known[0]["description"].split(", ")[:2]
    part = part if device == "cpu" else processor  # of a GPU its name, without its memory
    family = f", family {facts['cpu family']} model {facts['model']}" if "cpu family" in facts else ""
    return {"kind": "machine", "version": info["version"], "loadBefore": os.getloadavg()[0],
            "machine": {"processor": facts.get("model name", os.uname().machine) + family,
                        "cores": len(os.sched_getaffinity(0)),
                        "instructionSet": part}}
