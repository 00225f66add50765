"""Looking through the doubtful places of predicted labels, by keys, and signing off."""
