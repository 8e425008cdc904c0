"""What the lists hold, whoever asks: filters and rows that pages and API share, one list a file."""
