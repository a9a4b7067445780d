package org.embedllm.app.web.view;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.embedllm.correctness.AnswerCounts;
import org.embedllm.linalg.Logistic;
import org.embedllm.tensor.FloatMatrix;

/// What is left of the models when their ability is removed: who is like whom beyond being good.
///
/// With a the logit of a model's accuracy ([#accuracies]), each coordinate of the embeddings, and
/// each accuracy on a benchmark, is regressed over the models on 1, a and a², and the residuals are
/// kept. The square is there because a ranking bends: without it, the second component tells the
/// middle of the ranking from its ends.
final class Skills {
  private static final double TELLING = 0.4; // least correlation that names the end of an axis
  private static final int NAMES = 2; // at an end, and in a finding
  private static final double SURE = 2; // standard errors
  private static final double BUSY = 0.5; // of the answers of the busiest model

  private final ModelSpace space;
  private final double[] ability; // [m]
  private final FloatMatrix vectors; // [m, d]
  private final double[][] relative; // [benchmarks][m], NaN where there are no answers

  private Skills(ModelSpace space, double[] ability, FloatMatrix vectors, double[][] relative) {
    this.space = space;
    this.ability = ability;
    this.vectors = vectors;
    this.relative = relative;
  }

  /// The model farthest from what its ability tells of it.
  ///
  /// @param model its row
  /// @param better benchmarks at which it is better than models of its accuracy, beyond chance
  /// @param worse those at which it is worse
  public record Finding(int model, List<String> better, List<String> worse) {}

  static Skills of(ModelSpace space) {
    AnswerCounts counts = space.counts();
    int m = space.models().size();
    double[] ability = new double[m];
    double[] accuracies = accuracies(counts);
    for (int i = 0; i < m; i++) {
      double share = (accuracies[i] * counts.cells(i) + 0.5) / (counts.cells(i) + 1);
      ability[i] = counts.cells(i) == 0 ? Double.NaN : Logistic.logit(share);
    }
    double mean = Arrays.stream(ability).filter(Double::isFinite).average().orElse(0);
    for (int i = 0; i < m; i++) {
      ability[i] = Double.isNaN(ability[i]) ? 0 : ability[i] - mean;
    }
    FloatMatrix points = space.embeddings().vectors();
    int d = points.columns();
    float[] left = new float[m * d];
    for (int k = 0; k < d; k++) {
      int column = k;
      double[] rest =
          residuals(
              IntStream.range(0, m).mapToDouble(i -> points.get(i, column)).toArray(), ability);
      for (int i = 0; i < m; i++) {
        left[i * d + k] = (float) rest[i];
      }
    }
    double[][] relative =
        counts.benchmarks().stream()
            .map(b ->
                residuals(
                    IntStream.range(0, m).mapToDouble(i -> counts.accuracy(i, b)).toArray(),
                    ability))
            .toArray(double[][]::new);
    return new Skills(space, ability, FloatMatrix.wrap(m, d, left), relative);
  }

  /// Accuracies that can be compared where models answered different benchmarks: how much better a
  /// model is than the pool on those it answered, added to the pool's accuracy on all questions.
  /// The plain accuracy of a model that answered everything; NaN without answers.
  static double[] accuracies(AnswerCounts counts) {
    List<String> benchmarks = counts.benchmarks();
    double[] pool = benchmarks.stream().mapToDouble(b -> poolAccuracy(counts, b)).toArray();
    double asked = benchmarks.stream().mapToInt(counts::questions).sum();
    double all = 0;
    for (int b = 0; b < pool.length; b++) {
      int questions = counts.questions(benchmarks.get(b));
      all += Double.isFinite(pool[b]) ? pool[b] * questions / asked : 0;
    }
    double[] accuracies = new double[counts.models().size()];
    for (int i = 0; i < accuracies.length; i++) {
      double better = 0;
      int answers = 0;
      for (int b = 0; b < pool.length; b++) {
        int cells = counts.cells(i, benchmarks.get(b));
        better += cells == 0 ? 0 : counts.correct(i, benchmarks.get(b)) - cells * pool[b];
        answers += cells;
      }
      accuracies[i] = answers == 0 ? counts.accuracy(i) : Math.clamp(all + better / answers, 0, 1);
    }
    return accuracies;
  }

  /// Mean share of right answers of the models that answered at least one question of a benchmark.
  private static double poolAccuracy(AnswerCounts counts, String benchmark) {
    double sum = 0;
    int models = 0;
    for (int i = 0; i < counts.models().size(); i++) {
      if (counts.cells(i, benchmark) > 0) {
        sum += counts.accuracy(i, benchmark);
        models++;
      }
    }
    return sum / models;
  }

  /// What is left of values when their regression on 1, a and a² is taken away; NaN stays.
  static double[] residuals(double[] values, double[] ability) {
    int[] known =
        IntStream.range(0, values.length).filter(i -> Double.isFinite(values[i])).toArray();
    double[] left = values.clone();
    List<double[]> basis = new ArrayList<>();
    // Few models are told apart by few numbers: a curve through them would leave nothing.
    int powers = known.length < 8 ? 2 : 3;
    for (int power = 0; power < powers; power++) {
      double[] column = new double[known.length];
      for (int k = 0; k < known.length; k++) {
        column[k] = Math.pow(ability[known[k]], power);
      }
      double before = norm(column);
      basis.forEach(other -> subtract(column, other, product(column, other)));
      double length = norm(column);
      if (length > 1e-9 * before) {
        for (int k = 0; k < column.length; k++) {
          column[k] /= length;
        }
        basis.add(column);
      }
    }
    double[] there = Arrays.stream(known).mapToDouble(i -> values[i]).toArray();
    basis.forEach(direction -> subtract(there, direction, product(there, direction)));
    for (int k = 0; k < known.length; k++) {
      left[known[k]] = there[k];
    }
    return left;
  }

  private static double product(double[] a, double[] b) {
    return org.embedllm.linalg.DenseVectors.dot(a, b);
  }

  private static double norm(double[] a) {
    return Math.sqrt(product(a, a));
  }

  private static void subtract(double[] from, double[] direction, double times) {
    for (int k = 0; k < from.length; k++) {
      from[k] -= times * direction[k];
    }
  }

  /// Embeddings with ability removed, [m, d].
  FloatMatrix vectors() {
    return vectors;
  }

  /// An axis, named by the benchmarks at which models along it are better or worse than models of
  /// their accuracy.
  ///
  /// @param along place of each model, `[m]`
  SpaceMap.Axis axis(String label, double share, double[] along) {
    List<String> benchmarks = space.counts().benchmarks();
    double[] correlations =
        Arrays.stream(relative).mapToDouble(r -> correlation(along, r)).toArray();
    List<Integer> falling =
        IntStream.range(0, benchmarks.size())
            .boxed()
            .filter(b -> Double.isFinite(correlations[b]))
            .sorted(Comparator.comparingDouble((Integer b) -> -correlations[b]))
            .toList();
    return new SpaceMap.Axis(
        label,
        share,
        correlation(along, ability),
        falling.stream()
            .filter(b -> correlations[b] >= TELLING)
            .limit(NAMES)
            .map(benchmarks::get)
            .toList(),
        falling.reversed().stream()
            .filter(b -> correlations[b] <= -TELLING)
            .limit(NAMES)
            .map(benchmarks::get)
            .toList());
  }

  /// Pearson's correlation over the models where both numbers are known; NaN where there is none.
  static double correlation(double[] xs, double[] ys) {
    int[] known =
        IntStream.range(0, xs.length)
            .filter(i -> Double.isFinite(xs[i]) && Double.isFinite(ys[i]))
            .toArray();
    double meanX = IntStream.of(known).mapToDouble(i -> xs[i]).average().orElse(Double.NaN);
    double meanY = IntStream.of(known).mapToDouble(i -> ys[i]).average().orElse(Double.NaN);
    double xx = 0;
    double yy = 0;
    double xy = 0;
    for (int i : known) {
      xx += (xs[i] - meanX) * (xs[i] - meanX);
      yy += (ys[i] - meanY) * (ys[i] - meanY);
      xy += (xs[i] - meanX) * (ys[i] - meanY);
    }
    return xx > 0 && yy > 0 ? xy / Math.sqrt(xx * yy) : Double.NaN;
  }

  /// The most unusual model, where a benchmark tells what is unusual about it.
  Optional<Finding> finding() {
    AnswerCounts counts = space.counts();
    int m = space.models().size();
    int busiest = IntStream.range(0, m).map(counts::cells).max().orElse(0);
    return IntStream.range(0, m)
        .filter(i -> counts.cells(i) >= BUSY * busiest)
        .boxed()
        .sorted(Comparator.comparingDouble((Integer i) -> -distance(i)))
        .limit(3)
        .map(i -> new Finding(i, beyondChance(i, 1), beyondChance(i, -1)))
        .filter(finding -> !finding.better().isEmpty())
        .findFirst();
  }

  private double distance(int model) {
    double sum = 0;
    for (float x : vectors.row(model)) {
      sum += (double) x * x;
    }
    return sum;
  }

  /// Benchmarks at which a model's accuracy is further above (sign 1) or below (sign −1) that of
  /// models as able than two standard errors, the furthest first.
  private List<String> beyondChance(int model, int sign) {
    AnswerCounts counts = space.counts();
    List<String> benchmarks = counts.benchmarks();
    return IntStream.range(0, benchmarks.size())
        .boxed()
        .filter(b -> sign * relative[b][model] > SURE * error(model, benchmarks.get(b)))
        .sorted(Comparator.comparingDouble((Integer b) -> -sign * relative[b][model]))
        .limit(NAMES)
        .map(benchmarks::get)
        .toList();
  }

  /// Standard error of an accuracy.
  private double error(int model, String benchmark) {
    int cells = space.counts().cells(model, benchmark);
    double share = (space.counts().correct(model, benchmark) + 1.0) / (cells + 2.0);
    return Math.sqrt(share * (1 - share) / Math.max(1, cells));
  }

  /// The benchmark at which some models are most better than models of their accuracy; empty where
  /// they are nowhere more than two standard errors of their mean.
  Optional<String> strength(List<Integer> members) {
    List<String> benchmarks = space.counts().benchmarks();
    double highest = SURE;
    Optional<String> found = Optional.empty();
    for (int b = 0; b < benchmarks.size() && members.size() > 2; b++) {
      double[] row = relative[b];
      double[] there = members.stream().mapToDouble(i -> row[i]).filter(Double::isFinite).toArray();
      double mean = Arrays.stream(there).average().orElse(0);
      double variance = Arrays.stream(there).map(x -> (x - mean) * (x - mean)).sum();
      double error =
          Math.sqrt(variance / Math.max(1, there.length - 1) / Math.max(1, there.length));
      if (error > 0 && mean / error > highest) {
        highest = mean / error;
        found = Optional.of(benchmarks.get(b));
      }
    }
    return found;
  }
}
