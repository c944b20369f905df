"""Shared job bundles: archives in a queue's S3 bucket or in a folder, and folders of bundles.

A repository lists what there is (:class:`~.entries.BrowseEntry`), says what a bundle is about
(:class:`~.info.BundleInfo`) and hands out a folder to submit from::

    repository = S3BundleRepository.from_config()
    for entry in repository.list_entries():
        print(entry.name, repository.get_bundle_info(entry.path))
    folder = repository.download_full_bundle(entry.path)

Archives are never in memory as a whole. What an archive holds is checked before anything of it is written, and each file
against its checksum after that. A folder that was handed out is handed out again only while every file in it is as in the
archive: who changes it, as hooks may, keeps it, and whoever comes next gets a new one.

=========================  ================================================================================
module                     subject
=========================  ================================================================================
:mod:`.entries`            what a listing is made of, and what every repository can do
:mod:`.names`              names of bundles, which are names of files and parts of keys in S3
:mod:`.info`               what is known about a bundle without unpacking it
:mod:`.archive`            making an archive of a bundle
:mod:`.entry_names`        which names files in archives may have
:mod:`.extraction`         checking, reading and unpacking archives
:mod:`.content_digest`     telling whether a folder still holds what an archive holds
:mod:`.bundle_files`       what is known about a bundle by its files
:mod:`.cache`              the folders that were handed out
:mod:`.export`             copying a bundle to a folder of the user's
:mod:`.encoded_words`      text in headers that take ASCII only
:mod:`.metadata`           what is known about a bundle, as metadata of its object in S3
:mod:`.visibility`         the bundles that a user does not want to see
:mod:`.local_repository`   bundles in folders of this machine
:mod:`.s3_archives`        objects in S3
:mod:`.s3_repository`      bundles in the S3 bucket of a queue
=========================  ================================================================================

Importing this package loads none of them.
"""
