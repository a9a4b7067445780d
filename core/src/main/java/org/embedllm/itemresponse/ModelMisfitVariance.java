package org.embedllm.itemresponse;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.correctness.ModelFamilies;
import org.embedllm.linalg.NormalQuantile;
import org.embedllm.linalg.Workers;
import org.embedllm.logistic.ScoreDispersion;
import org.embedllm.tensor.FloatMatrix;

/// The variance of a model's accuracy beyond the uncertainty of its ability and chance. No model
/// follows the two-parameter logistic model exactly, and planned questions are not like the
/// remaining ones.
final class ModelMisfitVariance {
  /*
   * Models of the pool are left out, a fourth at a time and families whole: discriminations that
   * were fitted to a model's own answers, or to those of its relatives, agree with them far too well
   * where they are large, which is where plans look. Each is asked what a plan asks, made at once,
   * at most half of its answers. Its ability then forecasts the mean of its answers to all other
   * questions:
   *
   *   τ² = the least with which |mean − forecast| ≤ 1.645 sqrt(Var(forecast) + τ²) for nine in ten,
   *
   * with the variance of the ability and of chance; the same for the other questions of one
   * benchmark. A quantile, because one or two unusual models would dominate a mean of squares.
   */
  private static final int FOLDS = 4;
  private static final int MODELS = 24;
  private static final int QUESTIONS = 3_000;
  private static final int ASKED = 100;
  private static final int FEWEST_ANSWERS = 100;
  private static final int FEWEST = 20;
  private static final double SHARE = 0.9;

  /// The smallest sufficient τ² of each model, and of each model on each benchmark.
  private record Wanted(List<Double> overall, List<Double> byBenchmark) {
    static Wanted none() {
      return new Wanted(new ArrayList<>(), new ArrayList<>());
    }
  }

  private ModelMisfitVariance() {}

  /// @param inputs [n, k], the features of each question's text
  /// @return τ² over all questions and on one benchmark, in accuracies squared; 0 with too few
  ///   models or answers
  static double[] measure(
      CorrectnessMatrix train, FloatMatrix inputs, ScoreDispersion dispersion, Workers workers) {
    int n = train.questionCount();
    int[] sample = spread(n, QUESTIONS);
    CorrectnessMatrix answers = train.selectQuestions(sample);
    FloatMatrix texts = inputs.selectRows(sample);
    Wanted wanted = Wanted.none();
    if (train.modelCount() >= 2 * FOLDS) {
      int[] folds = folds(train.models());
      List<ItemResponses> all = ItemResponses.byModel(answers);
      for (int fold = 0; fold < FOLDS; fold++) {
        add(wanted, answers, all, texts, fold, folds, dispersion, workers);
      }
    }
    return new double[] {least(wanted.overall()), least(wanted.byBenchmark())};
  }

  /// The smallest τ² that is sufficient for nine models in ten.
  private static double least(List<Double> wanted) {
    double[] sorted = wanted.stream().mapToDouble(x -> x).sorted().toArray();
    return sorted.length == 0 ? 0 : Math.max(0, sorted[(int) Math.ceil(SHARE * sorted.length) - 1]);
  }

  /// The fold of each model: families stay together, the largest first into the emptiest fold. A
  /// family that would fill more than one is no family to go by, and is dealt out.
  private static int[] folds(List<String> models) {
    int[] folds = new int[models.size()];
    int[] sizes = new int[FOLDS];
    List<List<Integer>> families = new ArrayList<>();
    for (List<Integer> family : ModelFamilies.of(models).values()) {
      if (family.size() * FOLDS > models.size()) {
        family.forEach(i -> families.add(List.of(i)));
      } else {
        families.add(family);
      }
    }
    families.sort(Comparator.comparingInt(family -> -family.size()));
    for (List<Integer> family : families) {
      int emptiest =
          IntStream.range(0, FOLDS)
              .boxed()
              .min(Comparator.comparingInt(f -> sizes[f]))
              .orElseThrow();
      family.forEach(i -> folds[i] = emptiest);
      sizes[emptiest] += family.size();
    }
    return folds;
  }

  private static int[] spread(int n, int most) {
    int count = Math.min(n, most);
    return IntStream.range(0, count).map(at -> (int) ((long) at * n / count)).toArray();
  }

  private static void add(
      Wanted wanted,
      CorrectnessMatrix answers,
      List<ItemResponses> all,
      FloatMatrix texts,
      int fold,
      int[] folds,
      ScoreDispersion dispersion,
      Workers workers) {
    int[] kept = IntStream.range(0, all.size()).filter(i -> folds[i] != fold).toArray();
    int[] out =
        IntStream.range(0, all.size())
            .filter(i -> folds[i] == fold && all.get(i).count() >= FEWEST_ANSWERS)
            .toArray();
    if (out.length == 0) {
      return;
    }
    int[] tried = spread(out.length, MODELS / FOLDS);
    ItemParameters known =
        new ItemParameterFit(
                answers.selectModels(kept),
                Arrays.stream(kept).mapToObj(all::get).toList(),
                texts,
                workers)
            .withoutMisfit(dispersion);
    Wanted[] found = new Wanted[tried.length];
    workers.run(tried.length, at -> found[at] = wanted(all.get(out[tried[at]]), known));
    for (Wanted one : found) {
      wanted.overall().addAll(one.overall());
      wanted.byBenchmark().addAll(one.byBenchmark());
    }
  }

  /// Which questions a plan asks of a model.
  private static boolean[] planned(ItemResponses answers, ItemParameters known, boolean[] open) {
    boolean[] asked = new boolean[open.length];
    new QuestionPlanner(known)
        .plan(answers.only(j -> false), Math.min(ASKED, answers.count() / 2), 0, j -> open[j])
        .questions()
        .forEach(j -> asked[j] = true);
    return asked;
  }

  private static Wanted wanted(ItemResponses answers, ItemParameters known) {
    Wanted wanted = Wanted.none();
    boolean[] open = new boolean[known.questions().size()];
    for (int a = 0; a < answers.count(); a++) {
      open[answers.question(a)] = true;
    }
    boolean[] asked = planned(answers, known, open);
    ItemResponses rest = answers.only(j -> !asked[j]);
    Ability ability = known.ability(answers.only(j -> asked[j]));
    int groups = known.benchmarks().size();
    for (int b = -1; b < (groups > 1 ? groups : 0); b++) {
      int benchmark = b;
      ItemResponses part = b < 0 ? rest : rest.only(j -> known.benchmarkOf(j) == benchmark);
      if (part.count() >= FEWEST) {
        boolean[] own = new boolean[open.length];
        double sum = 0;
        for (int a = 0; a < part.count(); a++) {
          own[part.question(a)] = true;
          sum += part.score(a);
        }
        Ability.Unseen unseen = ability.unseen(j -> own[j]);
        double off = (sum - unseen.expected()) / part.count();
        double variance = unseen.variance() / part.count() / part.count();
        (b < 0 ? wanted.overall() : wanted.byBenchmark())
            .add(
                off * off / (NormalQuantile.ONE_SIDED_95 * NormalQuantile.ONE_SIDED_95) - variance);
      }
    }
    return wanted;
  }
}
