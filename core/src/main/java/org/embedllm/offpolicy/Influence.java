package org.embedllm.offpolicy;

/// An estimate, and how far each decision moves it: the standard error comes from these.
final class Influence {
  private final double value;
  private final double[] influence; // [n], of mean 0

  private Influence(double value, double[] influence) {
    this.value = value;
    this.influence = influence;
  }

  /// A mean.
  static Influence ofMean(double[] terms) {
    double mean = mean(terms);
    double[] influence = new double[terms.length];
    double correction = Math.sqrt(terms.length / Math.max(1.0, terms.length - 1.0));
    for (int i = 0; i < terms.length; i++) {
      influence[i] = (terms[i] - mean) * correction;
    }
    return new Influence(mean, influence);
  }

  /// A ratio of means, linearized: Σ t / Σ w.
  ///
  /// @param mass what the ratio is multiplied with
  static Influence ofRatio(double[] terms, double[] weights, double mass) {
    double weight = mean(weights);
    double ratio = mean(terms) / weight;
    double[] influence = new double[terms.length];
    for (int i = 0; i < terms.length; i++) {
      influence[i] = mass * (terms[i] - ratio * weights[i]) / weight;
    }
    return new Influence(mass * ratio, ofMean(influence).influence);
  }

  /// A mean without what two controls of mean 0 explain, by least squares. The residuals are
  /// divided by one minus their leverage (HC3; MacKinnon and White, 1985): a decision of a large
  /// weight draws the fit to itself.
  static Influence withControls(double[] terms, double[][] controls) {
    int n = terms.length;
    double y = mean(terms);
    double[] middle = {mean(controls[0]), mean(controls[1])};
    double[] moments = new double[5]; // pp, pq, qq, py, qy
    for (int i = 0; i < n; i++) {
      double p = controls[0][i] - middle[0];
      double q = controls[1][i] - middle[1];
      moments[0] += p * p;
      moments[1] += p * q;
      moments[2] += q * q;
      moments[3] += p * (terms[i] - y);
      moments[4] += q * (terms[i] - y);
    }
    // A little ridge: the two controls are the same where forecasts are constant.
    double ridge = 1e-9 * (moments[0] + moments[2]) + Double.MIN_NORMAL;
    double a = moments[0] + ridge;
    double b = moments[1];
    double c = moments[2] + ridge;
    double determinant = a * c - b * b;
    double beta1 = (c * moments[3] - b * moments[4]) / determinant;
    double beta2 = (a * moments[4] - b * moments[3]) / determinant;
    double value = y - beta1 * middle[0] - beta2 * middle[1];
    double[] influence = new double[n];
    for (int i = 0; i < n; i++) {
      double p = controls[0][i] - middle[0];
      double q = controls[1][i] - middle[1];
      double solved1 = (c * p - b * q) / determinant;
      double solved2 = (a * q - b * p) / determinant;
      double leverage = Math.min(0.99, 1.0 / n + solved1 * p + solved2 * q);
      double share = 1 - n * (solved1 * middle[0] + solved2 * middle[1]);
      double residual = terms[i] - y - beta1 * p - beta2 * q;
      influence[i] = residual * share / (1 - leverage);
    }
    return new Influence(value, influence);
  }

  double value() {
    return value;
  }

  /// The difference of two estimates from the same decisions.
  Influence minus(Influence other) {
    double[] difference = new double[influence.length];
    for (int i = 0; i < difference.length; i++) {
      difference[i] = influence[i] - other.influence[i];
    }
    return new Influence(value - other.value, difference);
  }

  double standardError() {
    double squares = 0;
    for (double each : influence) {
      squares += each * each;
    }
    return Math.sqrt(squares) / influence.length;
  }

  /// Skewness of the estimate: that of one decision's influence, over √n.
  double skewness() {
    double squares = 0;
    double cubes = 0;
    for (double each : influence) {
      squares += each * each;
      cubes += each * each * each;
    }
    return squares == 0 ? 0 : cubes / Math.pow(squares, 1.5);
  }

  private static double mean(double[] values) {
    double sum = 0;
    for (double value : values) {
      sum += value;
    }
    return sum / values.length;
  }
}
