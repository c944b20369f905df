"""AWS sessions and clients of job attachments."""
