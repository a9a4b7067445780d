package org.embedllm.artifact;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.correctness.EvaluationData;
import org.embedllm.correctness.Question;
import org.embedllm.correctness.Vote;
import org.embedllm.itemresponse.ItemResponses;
import org.embedllm.logistic.Gaussian;
import org.embedllm.logistic.LaplacePosterior;
import org.embedllm.question.QuestionVectors;
import org.embedllm.votes.VoteNotes;
import org.embedllm.votes.VotePrior;
import org.embedllm.votes.VoteShares;

/// Places new models by votes against the models of a pool.
public final class VotePlacement {
  private final ModelArtifact artifact;
  private final TrainingQuestions questions;
  private final EvaluationData data;
  private final VectorSource vectors;

  /// @param artifact the pool
  /// @param questions the training questions kept beside it
  /// @param data votes, between models of the pool and new ones
  /// @param vectors of questions that are no training questions, by the pool's encoder
  public VotePlacement(
      ModelArtifact artifact,
      TrainingQuestions questions,
      EvaluationData data,
      VectorSource vectors) {
    this.artifact = artifact;
    this.questions = questions;
    this.data = data;
    this.vectors = vectors;
  }

  /// Vectors of new models.
  ///
  /// @param models names of the new models
  /// @param priors what is known of each
  /// @return in their order; a vector's number of answers counts its votes
  private List<LaplacePosterior> placed(List<String> models, List<Gaussian> priors, int threads)
      throws IOException {
    List<String> names = data.matrix().models();
    List<Question> asked =
        data.votes().stream()
            .map(Vote::question)
            .distinct()
            .sorted()
            .map(j -> data.matrix().questions().get(j))
            .toList();
    List<String> order = new ArrayList<>(models);
    names.stream().filter(name -> !models.contains(name)).forEach(order::add);
    List<Vote> votes =
        VoteShares.on(data, asked).stream()
            .map(v ->
                new Vote(
                    v.question(),
                    order.indexOf(names.get(v.modelA())),
                    order.indexOf(names.get(v.modelB())),
                    v.winner(),
                    v.judges()))
            .toList();
    List<Integer> rows = order.stream().map(artifact.factorization().models()::indexOf).toList();
    return new VoteUpdate(artifact, asked, vectors(asked), questions.matrix().questions())
        .placed(votes, rows, priors, threads);
  }

  private QuestionVectors vectors(List<Question> asked) throws IOException {
    Set<String> known =
        questions.matrix().questions().stream().map(Question::id).collect(Collectors.toSet());
    List<Question> unknown = asked.stream().filter(q -> !known.contains(q.id())).toList();
    return unknown.isEmpty() ? questions.vectors() : vectors.of(unknown);
  }

  /// The shares of votes that a model won on training questions, as a pool from votes alone keeps
  /// them.
  private ItemResponses shares(String model) {
    CorrectnessMatrix shares = VoteShares.of(data).matrix();
    Map<String, Integer> known = new HashMap<>();
    List<Question> trained = questions.matrix().questions();
    for (int j = 0; j < trained.size(); j++) {
      known.put(trained.get(j).text(), j);
    }
    int row = shares.modelIndex(model).orElseThrow();
    int[] found =
        IntStream.range(0, shares.questionCount())
            .filter(j ->
                !Float.isNaN(shares.score(row, j))
                    && known.containsKey(shares.questions().get(j).text()))
            .toArray();
    Map<Integer, Float> scores = new java.util.TreeMap<>();
    for (int j : found) {
      scores.putIfAbsent(
          known.getOrDefault(shares.questions().get(j).text(), 0), shares.score(row, j));
    }
    return ItemResponses.of(
        scores.keySet().stream().mapToInt(j -> j).toArray(),
        scores.values().stream().mapToDouble(s -> s).toArray());
  }

  /// New models of a pool from votes alone.
  ///
  /// @param models their names
  /// @param threads that share the work; they do not change the result
  /// @throws IOException when vectors of questions cannot be read
  public List<ModelAddition.Placed> byVotesAlone(List<String> models, int threads)
      throws IOException {
    VotePrior prior = artifact.votes().flatMap(VoteNotes::prior).orElseThrow();
    Gaussian before = prior.gaussian(artifact.factorization().dimension());
    List<LaplacePosterior> vectors =
        placed(models, models.stream().map(m -> before).toList(), threads);
    return IntStream.range(0, models.size())
        .mapToObj(
            i -> new ModelAddition.Placed(models.get(i), vectors.get(i), shares(models.get(i))))
        .toList();
  }

  /// New models that were placed by their scores, with vectors that votes have moved.
  ///
  /// @param threads that share the work; they do not change the result
  /// @throws IOException when vectors of questions cannot be read
  public List<ModelAddition.Added> moved(List<ModelAddition.Added> added, int threads)
      throws IOException {
    List<LaplacePosterior> vectors =
        placed(
            added.stream().map(ModelAddition.Added::model).toList(),
            added.stream().map(VotePlacement::gaussian).toList(),
            threads);
    return IntStream.range(0, added.size())
        .mapToObj(i -> ModelAddition.moved(added.get(i), vectors.get(i)))
        .toList();
  }

  /// What is known of a model from its scores.
  private static Gaussian gaussian(ModelAddition.Added added) {
    return Gaussian.ofCovariance(added.vector().mean(), added.vector().covariance());
  }
}
