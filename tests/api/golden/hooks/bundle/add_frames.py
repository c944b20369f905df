"""Answers changes of the submission."""

import json
import sys

asked = json.load(sys.stdin)
answer = {
    "priority": 77,
    "parameters": {"Frames": "1-20", "Take": 9},
    "attachments": {"assetReferences": {"inputFilenames": ["add_frames.py"]}},
}
assert asked["jobName"] == "With hooks"
print(json.dumps(answer))
