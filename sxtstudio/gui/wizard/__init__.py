"""The wizard "New study": from a question to a training that is queued."""
