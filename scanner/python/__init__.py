"""What the text of one Python file means, without any plan or repository."""
