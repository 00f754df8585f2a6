"""Runs one engine, on files of Avro: jetliner's reader and the engine's own take turns. Prints a line of JSON.

The start of the engine does not count. Each reader reads one file before, so that its workers have imported what they
need.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

#: Two readers, by name. Each reads the rows of some files into the memory of the workers, or drops them there.
Readers = dict[str, Callable[[list[str]], Any]]
WORKERS = 2
#: A reader that takes longer runs once. Noise of the machine is small beside such a time.
SLOW_SECONDS = 20


def ray_readers(split_bytes: int, _: str) -> Readers:
    os.environ.update(RAY_USAGE_STATS_ENABLED="0", RAY_AUTH_MODE="disabled", RAY_worker_niceness="0")
    ray: Any = importlib.import_module("ray")
    own: Any = importlib.import_module("jetliner.ray")
    ray.init(num_cpus=WORKERS, include_dashboard=False, log_to_driver=False, logging_level="ERROR")
    ray.data.DataContext.get_current().enable_progress_bars = False
    return {
        "jetliner": lambda paths: own.read_avro(paths, split_bytes=split_bytes).materialize(),
        "ray.data.read_avro": lambda paths: ray.data.read_avro(paths).materialize(),
    }


def dask_readers(split_bytes: int, _: str) -> Readers:
    dask: Any = importlib.import_module("dask.bag")
    distributed: Any = importlib.import_module("distributed")
    own: Any = importlib.import_module("jetliner.dask")
    client = distributed.Client(n_workers=WORKERS, threads_per_worker=1, processes=True, dashboard_address=None)

    def loaded(frame: Any) -> None:
        kept = frame.persist()
        distributed.wait(kept)
        del kept
        client.run(lambda: None)  # the workers have dropped the rows before the next turn

    return {
        "jetliner": lambda paths: loaded(own.read_avro(paths, split_bytes=split_bytes)),
        "dask.bag.read_avro": lambda paths: loaded(dask.read_avro(paths).to_dataframe()),
    }


def spark_readers(split_bytes: int, jar: str) -> Readers:
    os.environ.update(PYSPARK_PYTHON=sys.executable, SPARK_LOCAL_IP="127.0.0.1")
    sql: Any = importlib.import_module("pyspark.sql")
    own: Any = importlib.import_module("jetliner.spark")
    builder = sql.SparkSession.builder.master(f"local[{WORKERS}]").config("spark.jars", jar)
    spark = builder.config("spark.ui.enabled", "false").config("spark.driver.memory", "3g").getOrCreate()
    spark.sparkContext.setLogLevel("ERROR")
    spark.dataSource.register(own.AvroDataSource)

    def drop(rows: Any) -> None:
        rows.write.format("noop").mode("overwrite").save()

    return {
        "jetliner": lambda paths: drop(spark.read.format("jetliner").option("split_bytes", split_bytes).load(paths)),
        "spark-avro": lambda paths: drop(spark.read.format("avro").load(paths)),
    }


ENGINES = {"ray": ray_readers, "dask": dask_readers, "spark": spark_readers}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("engine", choices=ENGINES)
    parser.add_argument("directory", type=Path)
    parser.add_argument("--rounds", type=int, required=True)
    parser.add_argument("--jar", default="")
    options = parser.parse_args()
    paths = [str(path) for path in sorted(options.directory.glob("*.avro"))]
    split_bytes = max(Path(path).stat().st_size for path in paths)
    jetliner: Any = importlib.import_module("jetliner")
    readers = ENGINES[options.engine](split_bytes, options.jar)
    readers["read_avro"] = lambda paths: jetliner.read_avro(paths)
    seconds: dict[str, list[float]] = {name: [] for name in readers}
    for read in readers.values():
        read(paths[:1])
    for _ in range(options.rounds):
        for name, read in readers.items():
            if seconds[name] and seconds[name][0] > SLOW_SECONDS:
                continue
            started = time.perf_counter()
            read(paths)
            seconds[name].append(time.perf_counter() - started)
    print("\n" + json.dumps(seconds), flush=True)
    os._exit(0)  # what engines do at their end takes long, and prints


if __name__ == "__main__":
    main()
