"""What a first deployment lacks, each with the command that provides it."""
