"""The meaning of one Python file's text, independent of any plan or repository."""
