package org.embedllm.itemresponse;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.correctness.ShrunkMean;
import org.embedllm.logistic.DispersionSums;
import org.embedllm.logistic.ScoreDispersion;

/// What models are expected to score if they answer a known question once more. Immutable.
///
/// Where it is known how far answers are apart, it is what all other answers say, moved towards the
/// model's own by the [ScoreDispersion] of the question's other cells, averaged with that of 50
/// cells of all questions. Else it is the probability, which own answers moved already, moved
/// further by the one dispersion of the item parameters.
public final class OneMoreAnswer {
  private static final double PRIOR_CELLS = 50;

  private final CorrectnessMatrix answers;
  private final List<double[]> outside; // [m][n]
  private final ScoreDispersion known;
  private final List<DispersionSums> questions; // [n]; empty where no variance is known
  private final DispersionSums all;

  private OneMoreAnswer(CorrectnessMatrix answers, List<double[]> outside, ScoreDispersion known) {
    this.answers = answers;
    this.outside = outside;
    this.known = known;
    this.questions = new ArrayList<>();
    DispersionSums sums = DispersionSums.NONE;
    for (int j = 0; answers.hasVariances() && j < answers.questionCount(); j++) {
      DispersionSums own = DispersionSums.NONE;
      for (int c = answers.firstCell(j); c < answers.firstCell(j + 1); c++) {
        own = own.plus(cell(answers.cellModel(c), j));
      }
      questions.add(own);
      sums = sums.plus(own);
    }
    this.all = sums;
  }

  /// @param known fitted to `answers`
  /// @param answers to the known questions, in their order
  public static OneMoreAnswer of(ItemParameters known, CorrectnessMatrix answers) {
    List<double[]> outside = new ArrayList<>();
    for (ItemResponses own : ItemResponses.byModel(answers)) {
      Ability ability = known.ability(own);
      double[] expected = new double[answers.questionCount()];
      Arrays.setAll(expected, answers.hasVariances() ? ability::without : ability::probability);
      outside.add(expected);
    }
    return new OneMoreAnswer(answers, outside, known.dispersion());
  }

  private DispersionSums cell(int model, int question) {
    return DispersionSums.of(
        outside.get(model)[question],
        answers.score(model, question),
        answers.repeats(model, question),
        answers.variance(model, question));
  }

  /// Expected score of one more answer, in [0, 1].
  public double expected(int model, int question) {
    double repeats = answers.repeats(model, question);
    return repeats == 0
        ? outside.get(model)[question]
        : shrunk(model, question, repeats).of(answers.score(model, question));
  }

  /// The same as a function of the mean of a model's answers to a question; where it is known how
  /// far answers are apart, these answers have no part in it.
  ///
  /// @param repeats how many answers it would be the mean of
  public ShrunkMean shrunk(int model, int question, double repeats) {
    ScoreDispersion dispersion = known;
    if (!questions.isEmpty()) {
      DispersionSums own =
          answers.repeats(model, question) > 0 ? cell(model, question) : DispersionSums.NONE;
      dispersion = questions.get(question).minus(own).estimate(all.minus(own), PRIOR_CELLS);
    }
    return new ShrunkMean(outside.get(model)[question], dispersion.share(repeats));
  }
}
