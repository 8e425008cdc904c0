"""Pages and polls at size: 1,000 repositories, 100,000 open violations, 200,000 jobs."""
