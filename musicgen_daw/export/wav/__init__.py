"""WAV files with all that DAWs and game engines read in them: one chunk a module."""
