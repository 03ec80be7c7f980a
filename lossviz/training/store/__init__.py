"""Where runs are kept: an embedded database beside the files that runs leave, under `LOSSVIZ_HOME`."""
