package org.embedllm.itemresponse;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.correctness.ShrunkMean;
import org.embedllm.logistic.DispersionSums;
import org.embedllm.logistic.ScoreDispersion;

/// What models are expected to score if they answer a known question once more: what all other
/// answers say, moved towards the model's own answers to it. Immutable.
///
/// Where it is known how far answers are apart, each question has its own [ScoreDispersion],
/// averaged with that of 50 cells of all questions.
public final class OneMoreAnswer {
  private static final double PRIOR_CELLS = 50;

  private final CorrectnessMatrix answers;
  private final double[][] outside; // [m][n]
  private final ScoreDispersion[] dispersions; // [n]

  private OneMoreAnswer(
      CorrectnessMatrix answers, double[][] outside, ScoreDispersion[] dispersions) {
    this.answers = answers;
    this.outside = outside;
    this.dispersions = dispersions;
  }

  /// @param known fitted to `answers`
  /// @param answers to the known questions, in their order
  public static OneMoreAnswer of(ItemParameters known, CorrectnessMatrix answers) {
    int n = answers.questionCount();
    List<double[]> outside = new ArrayList<>();
    for (Responses own : Responses.byModel(answers)) {
      Ability ability = known.ability(own);
      double[] expected = new double[n];
      Arrays.setAll(expected, ability::without);
      outside.add(expected);
    }
    ScoreDispersion[] dispersions = new ScoreDispersion[n];
    Arrays.fill(dispersions, known.dispersion());
    double[][] byModel = outside.toArray(double[][]::new);
    if (answers.hasVariances()) {
      dispersions = byQuestion(answers, byModel);
    }
    return new OneMoreAnswer(answers, byModel, dispersions);
  }

  private static ScoreDispersion[] byQuestion(CorrectnessMatrix answers, double[][] outside) {
    int n = answers.questionCount();
    DispersionSums all = new DispersionSums();
    List<DispersionSums> own = new ArrayList<>();
    for (int j = 0; j < n; j++) {
      DispersionSums sums = new DispersionSums();
      for (int c = answers.firstCell(j); c < answers.firstCell(j + 1); c++) {
        sums.add(
            outside[answers.cellModel(c)][j],
            answers.cellScore(c),
            answers.cellRepeats(c),
            answers.cellVariance(c));
      }
      own.add(sums);
      all.add(sums);
    }
    return own.stream()
        .map(sums -> sums.estimate(all, PRIOR_CELLS))
        .toArray(ScoreDispersion[]::new);
  }

  /// Expected score of one more answer, in [0, 1].
  public double expected(int model, int question) {
    double repeats = answers.repeats(model, question);
    ShrunkMean shrunk = shrunk(model, question, repeats);
    return repeats == 0 ? shrunk.outside() : shrunk.of(answers.score(model, question));
  }

  /// The same as a function of the mean of a model's answers to a question.
  ///
  /// @param repeats how many answers it would be the mean of
  public ShrunkMean shrunk(int model, int question, double repeats) {
    return new ShrunkMean(outside[model][question], dispersions[question].share(repeats));
  }
}
