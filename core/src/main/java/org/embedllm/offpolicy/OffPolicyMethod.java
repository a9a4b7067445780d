package org.embedllm.offpolicy;

/// How the value of a policy is estimated from choices of another one.
public enum OffPolicyMethod {
  /// Outcomes of the choices that agree, weighted by one over their probabilities (Horvitz and
  /// Thompson, 1952).
  IPS("ips"),
  /// The same, divided by the sum of the weights (Swaminathan and Joachims, 2015).
  SNIPS("snips"),
  /// Doubly robust (Dudík et al., 2011): the forecasts say what the choices do not, the outcomes
  /// correct the forecasts.
  DOUBLY_ROBUST("dr");

  private final String label;

  OffPolicyMethod(String label) {
    this.label = label;
  }

  /// `ips`, `snips` or `dr`.
  public String label() {
    return label;
  }
}
