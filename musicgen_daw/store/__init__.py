"""What lasts: generated clips, the journal of attempts, verdicts on takes, the output folder."""
