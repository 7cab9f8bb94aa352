"""The recipes of docs/spark.md for Dask and Ray Data, as they stand there."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import pytest

import sipfast

ROOT = Path(__file__).parents[2]
CALLS = ROOT / "bench_data" / "calls.pcap"
PAGE = (ROOT / "docs" / "spark.md").read_text(encoding="utf-8")

pytestmark = pytest.mark.filterwarnings("ignore")  # of these libraries themselves


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("a.pcap", "b.pcap"):
        shutil.copy(CALLS, tmp_path / name)
    (tmp_path / "notes").write_bytes(b"# Notes")
    return tmp_path


def made(folder: Path, *libraries: str) -> Any:
    """What the blocks of the page make of a folder that name these libraries."""
    blocks = re.findall(r"```py\n(.*?)```", PAGE.partition("## Ray Data")[2], re.DOTALL)
    (setup,) = [block for block in blocks if "wanted =" in block]
    names: dict[str, Any] = {}
    if "dask" not in libraries:
        setup = setup.replace("import dask.dataframe, pyarrow", "import pyarrow")
        setup = setup.partition("def frame")[0]
    blocks = [setup, *[block for block in blocks if block is not setup and "ray" in libraries]]
    for block in blocks if "ray" in libraries else [setup]:
        exec(block.replace("/captures/", str(folder)), names)
    return names["messages"]


EXPECTED = 2 * 162 + 1


def test_dask(folder: Path) -> None:
    pytest.importorskip("dask.dataframe", reason="dask is not installed")
    frame = made(folder, "dask").compute(scheduler="threads")
    assert len(frame) == EXPECTED
    expected = sipfast.scan(CALLS, ["status"]).to_arrow()["status"].to_pylist()
    assert frame["status"].eq(200).sum() == 2 * expected.count(200)
    assert frame["error"].str.startswith("file-unreadable").sum() == 1


def test_ray(folder: Path) -> None:
    ray = pytest.importorskip("ray", reason="ray is not installed")
    pytest.importorskip("ray.data", reason="ray.data is not installed")
    ray.init(num_cpus=1, include_dashboard=False, log_to_driver=False)
    try:
        rows = made(folder, "ray").take_all()
    finally:
        ray.shutdown()
    assert len(rows) == EXPECTED
