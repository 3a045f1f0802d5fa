"""Training, by what runs it: a Job, a JobSet, a TrainJob or a RayJob."""
