"""Evidence: reports, measurements, approvals, and the phases they close."""
