package org.embedllm.examples;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import org.embedllm.artifact.ModelAddition;
import org.embedllm.artifact.ModelArtifact;
import org.embedllm.artifact.TrainingQuestions;
import org.embedllm.correctness.Question;
import org.embedllm.itemresponse.Ability;
import org.embedllm.itemresponse.ItemResponses;
import org.embedllm.itemresponse.QuestionPlanner;

/// How good is a new model? Asks it the questions that tell most, ten at a time, and stops once its
/// accuracy over all questions of the pool is known well enough.
public final class NewModel {
  private NewModel() {}

  /// @param modelFile what `train` wrote, with its questions beside it
  /// @param ask puts a question to the new model: 1 for a right answer, 0 for a wrong one
  /// @param halfWidth how well its accuracy must be known, such as 0.05
  /// @param budget most questions to ask
  static Ability measure(
      Path modelFile, ToDoubleFunction<Question> ask, double halfWidth, int budget)
      throws IOException {
    ModelArtifact artifact = ModelArtifact.open(modelFile);
    Optional<TrainingQuestions> questions = TrainingQuestions.beside(modelFile, artifact);
    ModelAddition addition = new ModelAddition(artifact, questions.orElseThrow());
    var known = addition.problem().known();
    var planner = new QuestionPlanner(known);
    ItemResponses answers = ItemResponses.of(new int[0], new double[0]);
    while (answers.count() < budget) {
      int batch = Math.min(10, budget - answers.count());
      List<Integer> next = planner.plan(answers, batch, halfWidth, j -> true).questions();
      if (next.isEmpty()) {
        break;
      }
      int[] asked = new int[answers.count() + next.size()];
      double[] scores = new double[asked.length];
      for (int a = 0; a < asked.length; a++) {
        boolean old = a < answers.count();
        asked[a] = old ? answers.question(a) : next.get(a - answers.count());
        scores[a] = old ? answers.score(a) : ask.applyAsDouble(known.questions().get(asked[a]));
      }
      answers = ItemResponses.of(asked, scores);
    }
    return known.ability(answers);
  }
}
