"""Sessions, credentials and queue roles.

========================  ==========================================================================
module                    subject
========================  ==========================================================================
:mod:`.session`           boto3 sessions of the configured profile, and their clients
:mod:`.client_config`     what every client has in common; the user agent
:mod:`.invoking_agent`    which AI agent runs this program, if one does
:mod:`.regions`           the region in which a farm is reached
:mod:`.transport`         proxy and certificates
:mod:`.credentials`       where credentials come from, and whether they work
:mod:`.queue_role`        sessions with the role of a queue
========================  ==========================================================================

Importing this package loads none of them, since they need boto3.
"""
