"""The roof: options, settings, addresses and the job queue. Nobody imports it."""
