# SPDX-License-Identifier: Apache-2.0
"""Makes the JSON document and the tables from recorded runs."""
import re
import statistics

TITLES = {"mlp": "MLP 784-100-100-10", "cnn": "CNN 5×5×20, 5×5×50, 500, 10"}


def document(records):
    """machine, versions, quick, peaks, results: one result per network, number of threads and peer."""
    opening = next(record for record in records if record["kind"] == "machine")
    peers = [record for record in records if record["kind"] == "peer"]
    runs = [record for record in records if record["kind"] == "round"]
    peaks = peak_by_threads(runs)
    results, versions = [], {"Bottega": opening["version"]}
    for net, threads in dict.fromkeys((run["net"], run["threads"]) for run in runs):
        for peer in peers:
            own = [run for run in runs if (run["net"], run["threads"], run["peer"]) == (net, threads, peer["peer"])]
            if own:
                results.append(result(net, threads, peer, own, peaks))
    for run in runs:
        versions.update(run.get("versions", {}))
    return {"machine": opening["machine"], "versions": versions, "quick": opening["quick"],
            "loadBefore": opening["loadBefore"],
            "peaks": [{"threads": threads, "gflops": peak / 1e9} for threads, peak in sorted(peaks.items())],
            "results": results, "missing": {peer["name"]: peer["missing"] for peer in peers if peer["missing"]}}


def peak_by_threads(runs):
    measured = {}
    for run in runs:
        if run.get("peakFlops"):
            measured.setdefault(run["threads"], []).append(run["peakFlops"])
    return {threads: statistics.median(values) for threads, values in measured.items()}


def result(net, threads, peer, runs, peaks):
    ours = [run for run in runs if run["program"] == "bottega"]
    theirs = [run for run in runs if run["program"] == "peer"]
    speed, peer_speed = median_speed(ours), median_speed(theirs)
    flops, peak = ours[0].get("flopsPerImage"), peaks.get(threads)
    share = lambda images: images * flops / peak if images and flops and peak else None
    version = peer["package"] or next(iter(theirs[-1].get("versions", {}).values()), "")
    return {"name": "mnist-" + net, "threads": threads, "imagesPerSecond": speed, "shareOfPeak": share(speed),
            "accuracy": median_of(ours, "accuracy"), "ratio": speed / peer_speed if peer_speed else None,
            "peer": peer["name"], "peerVersion": version, "peerImagesPerSecond": peer_speed,
            "peerShareOfPeak": share(peer_speed), "peerAccuracy": median_of(theirs, "accuracy"),
            "peerConfiguration": f"{theirs[0]['variant']}; {theirs[0]['setting']}", "images": ours[0]["images"],
            "epochs": ours[0]["epochs"], "error": next((run["error"] for run in theirs if "error" in run), "")}


def median_speed(runs):
    speeds = [speed for run in runs for speed in run["imagesPerSecond"]]
    return statistics.median(speeds) if speeds else None


def median_of(runs, key):
    values = [run[key] for run in runs if run.get(key) is not None]
    return statistics.median(values) if values else None


def percent(value, digits=0):
    return "" if value is None else f"{100 * value:.{digits}f} %"


def machine_line(doc):
    machine = doc["machine"]
    return f"{machine['processor']}, {machine['cores']} cores, {machine['instructionSet']}"


def file_name(doc):
    machine = doc["machine"]
    words = f"{machine['processor'].split(',')[0]} {machine['cores']} cores {machine['instructionSet']}"
    return re.sub(r"[^a-z0-9]+", "-", words.lower()).strip("-")


def groups(doc):
    """(network, threads) and its results, the fastest peer first."""
    for net, threads in dict.fromkeys((row["name"], row["threads"]) for row in doc["results"]):
        rows = [row for row in doc["results"] if (row["name"], row["threads"]) == (net, threads)]
        yield net, threads, sorted(rows, key=lambda row: -(row["peerImagesPerSecond"] or 0))


def heading(net, threads):
    return f"{TITLES[net.removeprefix('mnist-')]}, {threads_text(threads)}"


def threads_text(threads):
    return f"{threads} thread" + "s" * (threads > 1) if threads else "on the GPU"


def table(doc):
    lines = ["# Bottega beside its peers", "", f"{machine_line(doc)}. Bottega {doc['versions']['Bottega']}."
             + (" A quick comparison: short runs, few configurations tried." if doc["quick"] else ""), "",
             "Momentum SGD (0.01, 0.9) on MNIST in batches of 128. Every peer runs in its fastest configuration found, and",
             "before each of its runs Bottega has one on the same images; figures are medians over all epochs and count the",
             "training steps alone. Accuracy is that on the test images after so many epochs, from each library's own first",
             "weights.", ""]
    if doc["loadBefore"] > 0.5:
        lines += [f"**The machine was not idle: its load was {doc['loadBefore']:.1f} before the comparison.**", ""]
    for peak in doc["peaks"]:
        lines.append(f"* FMA peak measured in the same run, {threads_text(peak['threads'])}: {peak['gflops']:.0f} GFLOP/s")
    for net, threads, rows in groups(doc):
        lines += ["", f"## {heading(net, threads)}", "",
                  "| peer | its configuration | images × epochs | images/s | share of peak | accuracy "
                  "| Bottega: images/s | share of peak | accuracy | ratio |",
                  "|---|---|---|---:|---:|---:|---:|---:|---:|---:|"]
        lines += [table_row(row) for row in rows]
    if doc["missing"]:
        lines += ["", "Not compared:", ""] + [f"* {name}: {reason}" for name, reason in doc["missing"].items()]
    return "\n".join(lines) + "\n"


def table_row(row):
    images = f"{row['images']:,}" if row["images"] else "all"
    theirs = f"{row['peerImagesPerSecond']:,.0f}" if row["peerImagesPerSecond"] else row["error"]
    ratio = f"**{row['ratio']:.2f}×**" if row["ratio"] else ""
    cells = [f"{row['peer']} {row['peerVersion']}", row["peerConfiguration"], f"{images} × {row['epochs']}", theirs,
             percent(row["peerShareOfPeak"]), percent(row["peerAccuracy"], 1), f"{row['imagesPerSecond']:,.0f}",
             percent(row["shareOfPeak"]), percent(row["accuracy"], 1), ratio]
    return "| " + " | ".join(cells) + " |"


def short_table(doc):
    """For the README: the best peer that uses at most so many threads, and the loop that most programs are written with."""
    lines = ["| training on MNIST, batches of 128 | Bottega images/s | share of FMA peak | fastest peer | ratio "
             "| ratio to PyTorch's DataLoader loop |", "|---|---:|---:|---|---:|---:|"]
    for net, threads, rows in groups(doc):
        compared = [row for row in rows if row["ratio"]]
        if compared:
            best = compared[0]
            usual = [f"{row['ratio']:.1f}×" for row in compared if "DataLoader" in row["peer"]]
            lines.append("| " + " | ".join([
                heading(net, threads), f"{best['imagesPerSecond']:,.0f}", percent(best["shareOfPeak"]),
                f"{best['peer']} {best['peerVersion']}: {best['peerImagesPerSecond']:,.0f}", f"**{best['ratio']:.1f}×**",
                usual[0] if usual else ""]) + " |")
    return "\n".join(lines) + f"\n\nMeasured on {machine_line(doc)}, with Bottega {doc['versions']['Bottega']}" + (
        ", a quick comparison" if doc["quick"] else "") + (
        ", on a machine that did other work, too" if doc["loadBefore"] > 0.5 else "") + ".\n"
