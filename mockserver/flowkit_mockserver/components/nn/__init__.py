"""Neural networks and transfer learning."""
