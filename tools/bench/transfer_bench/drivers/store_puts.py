"""Puts the files below a folder with one object store of our engine: ``PYTHON store_puts.py STORE OPTIONS``.

STORE is ``http`` or ``boto3``. The same threads take the same files; only the store differs.
"""

from __future__ import annotations

import json
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import repeat
from typing import Any, Dict, List

THREADS = 16


def main(store_name: str, options: Dict[str, Any]) -> None:
    import boto3

    from deadline.job_attachments._aws.aws_clients import get_account_id, get_s3_client
    from deadline.job_attachments.object_store import ObjectStore, open_store
    from deadline.job_attachments.object_store.boto3_store import Boto3ObjectStore
    from deadline.job_attachments.object_store.http_store import HttpObjectStore

    session = boto3.Session()
    store: ObjectStore
    if store_name == "http":
        store = open_store(session, options["bucket"])
        assert isinstance(store, HttpObjectStore), "the settings of the session are not for it"
    else:
        client = get_s3_client(session, 50)
        store = Boto3ObjectStore(client, options["bucket"], account_id=get_account_id(session))
    files = [os.path.join(folder, name) for folder, _, names in os.walk(options["root"]) for name in names]

    def put(batch: List[str], store: ObjectStore) -> None:
        for path in batch:
            with open(path, "rb", buffering=0) as file:
                store.put(f"{options['prefix']}/{os.path.basename(path)}", file.read(), if_absent=True)

    wall, cpu = time.perf_counter(), time.process_time()
    with store, ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(put, [files[number::THREADS] for number in range(THREADS)], repeat(store)))
    print(json.dumps({"inner_wall": time.perf_counter() - wall, "inner_cpu": time.process_time() - cpu}))


if __name__ == "__main__":
    main(sys.argv[1], json.loads(sys.argv[2]))
