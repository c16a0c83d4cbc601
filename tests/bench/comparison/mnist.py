# SPDX-License-Identifier: Apache-2.0
"""Folders with the first so many training images of MNIST and all of its test images."""
import gzip
import os

FILES = {"train-images-idx3-ubyte": (16, 784), "train-labels-idx1-ubyte": (8, 1),  # bytes of the header, of an item
         "t10k-images-idx3-ubyte": (16, 784), "t10k-labels-idx1-ubyte": (8, 1)}


def subset(source, target, images):
    """Plain IDX files, as the peers read them, in a folder of `target`, made once. 0: all images."""
    folder = os.path.join(target, str(images) if images else "all")
    if os.path.isdir(folder):
        return folder
    made = folder + ".partial"
    os.makedirs(made, exist_ok=True)
    for name, (header, item) in FILES.items():
        content = read(os.path.join(source, name))
        if images and name.startswith("train"):
            content = content[:4] + images.to_bytes(4, "big") + content[8:header + images * item]
        with open(os.path.join(made, name), "wb") as file:
            file.write(content)
    os.rename(made, folder)
    return folder


def read(path):
    opener, path = (open, path) if os.path.exists(path) else (gzip.open, path + ".gz")
    with opener(path, "rb") as file:
        return file.read()
