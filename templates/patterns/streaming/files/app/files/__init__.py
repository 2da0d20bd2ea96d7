"""Files: uploads, downloads and exports."""
