package org.embedllm.app.task;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.embedllm.app.cli.Json;
import org.embedllm.artifact.ModelArtifact;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.correctness.EvaluationData;
import org.embedllm.correctness.Question;
import org.embedllm.correctness.SplitPart;
import org.embedllm.correctness.Vote;
import org.embedllm.dataset.AnswerOutputs;
import org.embedllm.dataset.Dataset;
import org.embedllm.votes.VoteEvaluation;
import org.embedllm.votes.VoteShares;
import org.jspecify.annotations.Nullable;

/// The votes of a data set.
public final class DatasetVotes {
  private DatasetVotes() {}

  /// Votes on the training questions, beside or instead of scores.
  ///
  /// @param chosen what is trained on: where there are votes, without the questions that have votes
  ///   and no scores
  /// @param votes by their place among the questions
  /// @param questions that the votes name
  public record Training(
      TrainingSelection.Chosen chosen, List<Vote> votes, List<Question> questions) {
    public Training {
      votes = List.copyOf(votes);
      questions = List.copyOf(questions);
    }

    /// @param chosen the training questions, of all kinds
    public static Training of(EvaluationData data, TrainingSelection.Chosen chosen) {
      List<Question> questions = chosen.train().questions();
      List<Vote> votes = VoteShares.on(data, questions);
      if (votes.isEmpty()) {
        return new Training(chosen, votes, questions);
      }
      CorrectnessMatrix train = chosen.train();
      int[] scored =
          IntStream.range(0, train.questionCount()).filter(j -> train.cellCount(j) > 0).toArray();
      return new Training(
          new TrainingSelection.Chosen(
              train.selectQuestions(scored), chosen.validation(), chosen.provenance()),
          votes,
          questions);
    }
  }

  /// How well the votes on some questions are forecast; empty where there are none between models
  /// of the pool, or the pool learned from none.
  public static Optional<VoteEvaluation> evaluation(
      ModelArtifact artifact, EvaluationData data, PoolEvaluation.Asked asked) {
    List<Vote> votes = named(artifact, data, VoteShares.on(data, asked.answers().questions()));
    List<Question> training = data.part(SplitPart.TRAIN).questions();
    List<Vote> before = named(artifact, data, VoteShares.on(data, training));
    if (votes.isEmpty() || before.isEmpty()) {
      return Optional.empty();
    }
    return artifact
        .votes()
        .map(notes ->
            VoteEvaluation.of(
                votes, asked.logits(artifact), notes.likelihood(), before, asked.seed()));
  }

  /// The votes between models of the pool, by their rows there.
  private static List<Vote> named(ModelArtifact artifact, EvaluationData data, List<Vote> votes) {
    List<String> names = data.matrix().models();
    List<String> pool = artifact.factorization().models();
    return votes.stream()
        .filter(v -> pool.contains(names.get(v.modelA())) && pool.contains(names.get(v.modelB())))
        .map(v ->
            new Vote(
                v.question(),
                pool.indexOf(names.get(v.modelA())),
                pool.indexOf(names.get(v.modelB())),
                v.winner(),
                v.judges()))
        .toList();
  }

  /// The JSON of an evaluation of votes.
  public static Map<String, @Nullable Object> json(VoteEvaluation votes) {
    return new Json()
        .put("count", votes.votes())
        .put("logLoss", votes.logLoss())
        .put("bradleyTerry", votes.bradleyTerry())
        .put("difference", votes.logLoss() - votes.bradleyTerry())
        .put("differenceInterval", List.of(votes.low(), votes.high()))
        .document();
  }

  /// A data set with votes alone as one whose scores are the shares of votes won; any other as it
  /// is.
  public static Dataset asShares(Dataset dataset) {
    return VoteShares.only(dataset.data())
        ? new Dataset(
            VoteShares.of(dataset.data()),
            dataset.groups(),
            dataset.references(),
            AnswerOutputs.NONE,
            dataset.report(),
            dataset.directory())
        : dataset;
  }
}
