package org.embedllm.app.task;

import java.util.List;
import java.util.Map;
import org.embedllm.app.cli.Json;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.correctness.Question;
import org.embedllm.quality.NearDuplicates;
import org.embedllm.tensor.FloatMatrix;
import org.jspecify.annotations.Nullable;

/// Accuracy of forecasts on the questions that have a near-duplicate among the training questions,
/// beside that on the others. Where the first is much higher, the split flatters.
///
/// @param with questions with a near-duplicate
/// @param without the others
public record NearDuplicateAccuracy(Part with, Part without) {
  /// Some of the questions.
  ///
  /// @param questions how many
  /// @param cells their observed answers
  /// @param hits answers whose forecast is right
  public record Part(int questions, int cells, int hits) {
    /// Part of the answers whose forecast is right; NaN where there are none.
    public double accuracy() {
      return cells == 0 ? Double.NaN : (double) hits / cells;
    }

    private Map<String, @Nullable Object> document() {
      return new Json()
          .put("questions", questions)
          .put("accuracy", cells == 0 ? null : accuracy())
          .document();
    }
  }

  /// @param answers [m, n]
  /// @param probabilities [n, m] forecasts of the same questions
  /// @param training questions that the model was trained on
  static NearDuplicateAccuracy of(
      CorrectnessMatrix answers, FloatMatrix probabilities, List<Question> training) {
    boolean[] near = NearDuplicates.among(answers.questions(), training);
    return new NearDuplicateAccuracy(
        part(answers, probabilities, near, true), part(answers, probabilities, near, false));
  }

  private static Part part(
      CorrectnessMatrix answers, FloatMatrix probabilities, boolean[] near, boolean wanted) {
    int questions = 0;
    int cells = 0;
    int hits = 0;
    for (int j = 0; j < near.length; j++) {
      if (near[j] != wanted) {
        continue;
      }
      questions++;
      for (int c = answers.firstCell(j); c < answers.firstCell(j + 1); c++) {
        boolean forecast = CorrectnessMatrix.isCorrect(probabilities.get(j, answers.cellModel(c)));
        cells++;
        hits += forecast == CorrectnessMatrix.isCorrect(answers.cellScore(c)) ? 1 : 0;
      }
    }
    return new Part(questions, cells, hits);
  }

  Json json() {
    return new Json().put("with", with.document()).put("without", without.document());
  }
}
