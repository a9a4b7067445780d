package org.embedllm.client;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.embedllm.artifact.ModelArtifact;
import org.embedllm.artifact.PoolTrainer;
import org.embedllm.artifact.RightFrom;
import org.embedllm.artifact.Trainers;
import org.embedllm.artifact.VoteUpdate;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.correctness.EvaluationData;
import org.embedllm.correctness.ObservedUsage;
import org.embedllm.correctness.Question;
import org.embedllm.correctness.SplitPart;
import org.embedllm.correctness.Vote;
import org.embedllm.dataset.Dataset;
import org.embedllm.factorization.TrainingListener;
import org.embedllm.facts.ModelOutputs;
import org.embedllm.ingest.DatasetLoader;
import org.embedllm.kernel.KernelOptions;
import org.embedllm.question.EncoderIdentity;
import org.embedllm.question.QuestionEncoder;
import org.embedllm.question.QuestionVectors;
import org.embedllm.question.TextFeatureSet;
import org.embedllm.question.TextFeatureVectors;
import org.embedllm.usage.UsageTrainer;
import org.embedllm.votes.VoteShares;

/// What the command `train` does with its defaults: the kernel factorization, text features beside
/// the encoder's vectors, and usage where the logs report it. Votes alone train a pool of their own
/// kind; beside scores they move its vectors.
final class DatasetTraining {
  private final EvaluationData data;
  private final boolean votesAlone;
  private final List<Question> asked; // training questions, with or without scores
  private final List<Vote> votes; // on them
  private final CorrectnessMatrix train;
  private final CorrectnessMatrix validation;

  private DatasetTraining(Dataset dataset, TrainingChoices choices) {
    EvaluationData read = RightFrom.labeled(dataset.data(), choices.rightFrom());
    this.votesAlone = VoteShares.only(read);
    this.data = votesAlone ? VoteShares.of(read) : read;
    CorrectnessMatrix part = data.part(SplitPart.TRAIN);
    this.asked = part.questions();
    this.votes = VoteShares.on(data, asked);
    this.train =
        votes.isEmpty()
            ? part
            : part.selectQuestions(
                IntStream.range(0, asked.size()).filter(j -> part.cellCount(j) > 0).toArray());
    this.validation = data.part(SplitPart.VALIDATION);
  }

  /// @param model file that will be written
  /// @param sentences opens the encoder without text features; it is closed after its use
  static PoolTrainer.Trained train(
      Path dataset,
      QuestionEncoder encoder,
      Function<EncoderIdentity, QuestionEncoder> sentences,
      TrainingChoices choices,
      Path model)
      throws IOException {
    Dataset read = DatasetLoader.load(dataset);
    // Looked for before hours of computation.
    Optional<Map<String, List<ModelOutputs.Text>>> texts =
        choices.outputs() ? Optional.of(ModelOutputs.of(read)) : Optional.empty();
    PoolTrainer.Trained trained = new DatasetTraining(read, choices).train(encoder, model);
    ModelArtifact artifact = RightFrom.noted(trained.artifact(), choices.rightFrom());
    if (texts.isPresent()) {
      try (QuestionEncoder opened = sentences.apply(artifact.encoder())) {
        artifact =
            artifact.withTensors(
                ModelOutputs.ofPool(texts.get(), artifact.training(), opened, (done, total) -> {})
                    .tensors());
      }
    }
    return trained.with(artifact);
  }

  private PoolTrainer.Trained train(QuestionEncoder encoder, Path model) {
    QuestionVectors vectors = vectors(encoder);
    KernelOptions options = KernelOptions.DEFAULT;
    var trainer =
        new PoolTrainer(Trainers.of(options, votesAlone ? votes : List.<Vote>of()), "library");
    var input =
        new PoolTrainer.Input(
            train, validation, vectors, data.digest(), Map.of(), data.callCosts());
    trainer.requireSpace(model, input, true);
    PoolTrainer.Trained trained = trainer.train(input, TrainingListener.NONE);
    if (votesAlone) {
      return trained;
    }
    if (!votes.isEmpty()) {
      trained =
          trained.with(
              new VoteUpdate(trained.artifact(), asked, vectors, train.questions())
                  .moved(votes, options.threads()));
    }
    PoolTrainer.Trained pool = trained;
    return new UsageTrainer(options.seed(), options.threads())
        .fit(train.models(), usage(train, vectors), usage(validation, vectors))
        .map(pool::withUsage)
        .orElse(pool);
  }

  /// Of the questions that training may see.
  private QuestionVectors vectors(QuestionEncoder encoder) {
    List<Question> questions = new ArrayList<>(asked);
    questions.addAll(validation.questions());
    QuestionVectors vectors =
        new QuestionVectors(
            questions.stream().map(Question::id).toList(),
            encoder.encode(questions.stream().map(Question::text).toList()),
            encoder.identity());
    return vectors.encoder().textFeatures() == TextFeatureSet.NONE && !votesAlone
        ? TextFeatureVectors.append(vectors, questions)
        : vectors;
  }

  private UsageTrainer.Observed usage(CorrectnessMatrix part, QuestionVectors vectors) {
    ObservedUsage usage = data.usage().aligned(data.matrix(), part);
    return new UsageTrainer.Observed(usage, vectors.of(part.questions()).vectors());
  }
}
