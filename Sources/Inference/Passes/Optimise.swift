/// Rewrites a graph into one that computes the same with less work.
func optimise(_ graph: inout Graph) {
  graph.removeDeadNodes()
}
