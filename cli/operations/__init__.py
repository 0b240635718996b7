"""What an operator does to a deployment in AWS itself: dead letters, and a look at how everything stands."""
