"""``local-farm demo``: a whole job before the user's eyes.

=====================  ==================================================================================
module                 subject
=====================  ==================================================================================
:mod:`.command`        the order of the stages, and how the demo ends
:mod:`.stages`         what happens in each stage, through the library that users use
:mod:`.submission`     the job bundle's folder, and whom its submission tells what happens
:mod:`.job_progress`   steps and tasks as lines of text
:mod:`.task_output`    what tasks printed, found in the logs of their sessions
:mod:`.workspace`      folders and environment variables of the demo's own
:mod:`.screen`         the terminal, or the pipe
``bundle``             the job bundle: template, scene, textures and the programs of the tasks
=====================  ==================================================================================

Nothing of the user's is read or written but the output folder: the demo has its own home folder, AWS configuration and
settings for as long as it lasts.
"""
