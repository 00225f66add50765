"""How to make the environment of each peer under ``benchmarks/envs``, which git ignores."""

import subprocess
import sys
from pathlib import Path

ENVIRONMENTS = Path(__file__).parents[1] / "envs"
TORCH = "torch==2.13.0"
CPU_TORCH = "https://download.pytorch.org/whl/cpu"

ALONE = {
    "monai": ("monai==1.6.1",),
    "nnunet": (
        "nnunetv2==2.8.1",
        "dynamic-network-architectures==0.4.4",
        "timm==1.0.22",
        "batchgeneratorsv2==0.3.6",
        "batchgenerators==0.25.5",
        "acvl-utils==0.2.6",
    ),
}
"""Installed without what they ask for: timm would bring a torchvision made for CUDA."""

WITH = {
    "monai": ("numpy==2.4.6", "scipy==1.17.1"),
    "nnunet": (
        "numpy==2.4.6",
        "scipy==1.17.1",
        "scikit-learn==1.9.1",
        "scikit-image==0.26.0",
        "SimpleITK==2.5.7",
        "pandas==3.1.1",
        "graphviz==0.21",
        "tifffile==2026.3.3",
        "requests==2.34.2",
        "nibabel==5.4.2",
        "matplotlib==3.11.2",
        "seaborn==0.13.2",
        "imagecodecs==2026.3.6",
        "yacs==0.1.8",
        "einops==0.8.2",
        "blosc2==4.14.1",
        "connected-components-3d==4.1.1",
        "huggingface_hub==2.4.0",
        "safetensors==0.8.0",
        "pyyaml==6.0.3",
        "tqdm==4.70.1",
        "future==1.0.0",
        "unittest2==1.1.0",
        "threadpoolctl==3.8.0",
    ),
}

PEERS = {
    "studio": ("", "run_studio.py"),
    "nnunet": ("nnunet", "run_nnunet.py"),
    "nnunet-small": ("nnunet", "run_nnunet.py"),
    "nnunet-cascade": ("nnunet", "run_nnunet.py"),
    "monai": ("monai", "run_monai.py"),
    "monai-unet": ("monai", "run_monai.py"),
    "monai-bf16": ("monai", "run_monai.py"),
}
"""Tool → its environment (empty: the program's own) and the script that does its job."""

NOT_RUN = {
    "biomedisa": (
        "26.7.3, as read in its code, scales every volume to 256³ and counts epochs, not time: "
        "one over seven cells is 2,401 patches of 64³ through up to 512 channels, far beyond ten "
        "minutes on two cores"
    ),
}
"""Tool → why it has no row."""


def python_of(tool: str) -> Path:
    """Return the interpreter that a tool runs in."""
    environment = PEERS[tool][0]
    return ENVIRONMENTS / environment / "bin/python" if environment else Path(sys.executable)


def script_of(tool: str) -> Path:
    """Return the script that does a tool's job."""
    return Path(__file__).with_name(PEERS[tool][1])


def install(tool: str) -> None:
    """Make the environment of a tool if it is not there."""
    environment = PEERS[tool][0]
    if not environment or python_of(tool).exists():
        return
    place = ENVIRONMENTS / environment
    subprocess.run([sys.executable, "-m", "venv", str(place)], check=True)
    pip = [str(place / "bin/python"), "-m", "pip", "install", "--quiet"]
    subprocess.run([*pip, TORCH, "--extra-index-url", CPU_TORCH], check=True)
    subprocess.run([*pip, *WITH[environment]], check=True)
    subprocess.run([*pip, "--no-deps", *ALONE[environment]], check=True)
