"""Sessions, credentials, login, queue roles, telemetry.

===========================  ========================================================================
module                       subject
===========================  ========================================================================
:mod:`.session`              boto3 sessions of the configured profile, and their clients
:mod:`.client_config`        what every client has in common; the user agent
:mod:`.invoking_agent`       which AI agent runs this program, if one does
:mod:`.regions`              the region in which a farm is reached
:mod:`.transport`            proxy and certificates
:mod:`.web`                  requests to the web that no AWS client makes
:mod:`.service_model`        the service's model, for environments whose botocore is older
:mod:`.process_credentials`  credentials that a program hands out for a short time
:mod:`.credentials`          where credentials come from, and whether they work
:mod:`.login`                logging in and out with the Deadline Cloud monitor
:mod:`.monitor_process`      running the monitor's executable
:mod:`.monitor_urls`         addresses of pages in the monitor's web application
:mod:`.queue_role`           sessions with the role of a queue
:mod:`.fleet_role`           sessions with the role of a fleet
:mod:`.assumed_role`         what both have in common
:mod:`.precache`             making the clients of a submission before they are needed
:mod:`.telemetry`            which parts of the client are used and where they fail, unless opted out
:mod:`.update_check`         whether a newer version of a submitter can be downloaded
===========================  ========================================================================

Importing this package loads none of them, since most need boto3.
"""
