package org.embedllm.app.web.view;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.embedllm.correctness.Question;

/// Training questions to try in the playground: one of each of the largest benchmarks, neither very
/// short nor long.
///
/// @param examples at most six; empty where the questions are not kept
public record PoolExamples(List<Example> examples) {
  private static final int MOST = 6;
  private static final int SHORTEST = 20; // characters
  private static final int LONGEST = 500;

  public PoolExamples {
    examples = List.copyOf(examples);
  }

  /// @param prompt the question's text
  public record Example(String benchmark, String prompt) {}

  public static PoolExamples of(ModelSpace space) {
    List<Question> questions =
        space.questions().map(kept -> kept.matrix().questions()).orElse(List.of());
    List<Example> examples = new ArrayList<>();
    space.counts().benchmarks().stream()
        .sorted(Comparator.comparingInt((String name) -> -space.counts().questions(name)))
        .limit(MOST)
        .forEach(name ->
            questions.stream()
                .filter(q -> q.benchmark().equals(name) && fits(q.text()))
                .findFirst()
                .ifPresent(q -> examples.add(new Example(name, q.text()))));
    return new PoolExamples(examples);
  }

  private static boolean fits(String text) {
    return text.length() >= SHORTEST && text.length() <= LONGEST;
  }
}
