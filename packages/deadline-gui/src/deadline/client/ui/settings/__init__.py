"""What is behind the settings window.

=====================  =======================================================================
module                 subject
=====================  =======================================================================
:mod:`.fields`         the table of what the window shows; knows no Qt
:mod:`.pending`        the settings with changes that are not saved yet; knows no Qt
:mod:`.resources`      farms, queues and storage profiles to choose from; knows no Qt
:mod:`.editors`        a control for each kind of setting
:mod:`.resource_box`   the control in which a farm, queue or storage profile is chosen
:mod:`.form`           the groups of labels, controls and explanations
:mod:`.dialog`         the window
=====================  =======================================================================
"""
