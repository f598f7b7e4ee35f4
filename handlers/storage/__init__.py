"""Where executions, their work items and the product's goals are kept."""
