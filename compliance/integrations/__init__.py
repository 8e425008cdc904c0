"""What forges and trackers report: one provider a module behind one protocol."""
