"""How close the pipeline comes to the least that its work can take, measured side by side with that least."""
