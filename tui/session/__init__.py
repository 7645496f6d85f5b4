"""What one run of the app holds: view, threshold, marks, export, rates; without a terminal."""
