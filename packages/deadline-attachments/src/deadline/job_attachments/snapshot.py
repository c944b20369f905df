"""A submission on disk: the files and manifests of a job, laid out as they would be below the root prefix in S3."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Iterator, Tuple

from ._engine.cancel import CancelToken
from ._engine.events import EventSink, Sent, Skipped
from ._engine.pipeline import Chain, Pipeline, Stage
from ._s3_settings import S3_DATA_FOLDER_NAME, S3_MANIFEST_FOLDER_NAME, join_s3_paths
from .asset_manifests import BaseManifestPath, hash_data
from .exceptions import AssetSyncError, JobAttachmentsError
from .models import AssetRootManifest


def copy_root(
    folder: Path, root: AssetRootManifest, partial_manifest_prefix: str, cancel: CancelToken, events: EventSink
) -> Tuple[str, str]:
    """Copy the files of a root's manifest, and the manifest; its key below the manifest folder, and its hash."""
    manifest = root.asset_manifest
    if manifest is None:
        raise JobAttachmentsError(f"The asset root {root.root_path} has no input files to copy.")
    data = folder / S3_DATA_FOLDER_NAME
    data.mkdir(parents=True, exist_ok=True)

    def copy(entry: BaseManifestPath) -> Iterator[str]:
        source = os.path.join(root.root_path, entry.path)
        target = data / f"{entry.hash}.{manifest.hashAlg.value}"
        if target.exists():
            events(Skipped(source, entry.size))
            return
        temporary = target.with_name(f"{target.name}.{os.getpid()}.{id(entry)}.tmp")
        try:
            shutil.copy2(source, temporary)
            os.replace(temporary, target)
        except OSError as error:
            temporary.unlink() if temporary.exists() else None
            raise AssetSyncError(f"{source} could not be copied to {target}: {error.strerror or error}.") from error
        events(Sent(source, entry.size, True))
        yield source

    with Pipeline(cancel) as pipeline:
        for _ in pipeline.run(Chain(manifest.paths, [Stage("copy", 4, copy)])):
            pass
    text = manifest.encode().encode("utf-8")
    name = f"{hash_data(root.root_path.encode(), manifest.hashAlg)}_input"
    path = folder.joinpath(S3_MANIFEST_FOLDER_NAME, *partial_manifest_prefix.split("/"), name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text)
    return join_s3_paths(partial_manifest_prefix, name), hash_data(text, manifest.hashAlg)
