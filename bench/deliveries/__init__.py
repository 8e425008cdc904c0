"""A thousand deliveries of several forges and trackers at once, some of them twice or out of order."""
