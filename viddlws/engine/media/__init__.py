"""What `finalise` is made of: looking into media files, planning, one ffmpeg run, pictures and subtitles."""
