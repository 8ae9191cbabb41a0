"""Looking at runs: the life of one record, two runs beside each other, how far one is, what a sweep gave."""
