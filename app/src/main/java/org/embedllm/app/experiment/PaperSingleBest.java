package org.embedllm.app.experiment;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalInt;
import org.embedllm.correctness.AnswerCounts;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.routing.SingleBest;

/// The single best model as in §5.2: chosen on the questions that it is measured on, and again for
/// each benchmark. It cannot be known in advance; it is shown beside the one that can.
///
/// Among models that answered at least 90 % of the questions; where it has no answer, the next one
/// is used.
///
/// @param model the best over all questions
/// @param accuracy share of questions with a candidate that it answers correctly
/// @param perBenchmark the same within each benchmark
record PaperSingleBest(String model, double accuracy, Map<String, Best> perBenchmark) {
  /// The best of a benchmark.
  record Best(String model, double accuracy) {}

  static PaperSingleBest of(CorrectnessMatrix test) {
    AnswerCounts counts = AnswerCounts.of(test);
    SingleBest overall = SingleBest.overall(counts);
    Map<String, Best> perBenchmark = new LinkedHashMap<>();
    for (String benchmark : test.benchmarks()) {
      SingleBest best = SingleBest.on(benchmark, counts);
      perBenchmark.put(
          benchmark, new Best(test.models().get(best.model()), accuracy(test, best, benchmark)));
    }
    return new PaperSingleBest(
        test.models().get(overall.model()), accuracy(test, overall, ""), perBenchmark);
  }

  /// @param benchmark whose questions count; empty for all
  private static double accuracy(CorrectnessMatrix test, SingleBest best, String benchmark) {
    int right = 0;
    int questions = 0;
    for (int j = 0; j < test.questionCount(); j++) {
      OptionalInt model = best.model(test, j);
      boolean counts = benchmark.isEmpty() || test.questions().get(j).benchmark().equals(benchmark);
      if (counts && model.isPresent()) {
        questions++;
        right += CorrectnessMatrix.isCorrect(test.score(model.getAsInt(), j)) ? 1 : 0;
      }
    }
    return questions == 0 ? Double.NaN : (double) right / questions;
  }
}
