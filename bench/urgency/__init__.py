"""How soon a push is recorded while backfills, polls and open pages keep the installation busy."""
