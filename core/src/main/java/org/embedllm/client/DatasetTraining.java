package org.embedllm.client;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.embedllm.artifact.PoolTrainer;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.correctness.EvaluationData;
import org.embedllm.correctness.ObservedUsage;
import org.embedllm.correctness.Question;
import org.embedllm.correctness.SplitPart;
import org.embedllm.factorization.TrainingListener;
import org.embedllm.ingest.DatasetLoader;
import org.embedllm.kernel.KernelFactorizationTrainer;
import org.embedllm.kernel.KernelOptions;
import org.embedllm.question.QuestionEncoder;
import org.embedllm.question.QuestionVectors;
import org.embedllm.question.TextFeatureSet;
import org.embedllm.question.TextFeatureVectors;
import org.embedllm.usage.UsageTrainer;

/// What the command `train` does with its defaults: the kernel factorization, text features beside
/// the encoder's vectors, and usage where the logs report it.
final class DatasetTraining {
  private final EvaluationData data;
  private final CorrectnessMatrix train;
  private final CorrectnessMatrix validation;

  private DatasetTraining(EvaluationData data) {
    this.data = data;
    this.train = data.part(SplitPart.TRAIN);
    this.validation = data.part(SplitPart.VALIDATION);
  }

  static PoolTrainer.Trained train(Path dataset, QuestionEncoder encoder) {
    return new DatasetTraining(DatasetLoader.load(dataset).data()).train(encoder);
  }

  private PoolTrainer.Trained train(QuestionEncoder encoder) {
    QuestionVectors vectors = vectors(encoder);
    KernelOptions options = KernelOptions.DEFAULT;
    PoolTrainer.Trained trained =
        new PoolTrainer(new KernelFactorizationTrainer(options), "library")
            .train(
                new PoolTrainer.Input(
                    train, validation, vectors, data.digest(), Map.of(), data.callCosts()),
                TrainingListener.NONE);
    return new UsageTrainer(options.seed(), options.threads())
        .fit(train.models(), usage(train, vectors), usage(validation, vectors))
        .map(trained::withUsage)
        .orElse(trained);
  }

  /// Of the questions that training may see.
  private QuestionVectors vectors(QuestionEncoder encoder) {
    List<Question> questions = new ArrayList<>(train.questions());
    questions.addAll(validation.questions());
    QuestionVectors vectors =
        new QuestionVectors(
            questions.stream().map(Question::id).toList(),
            encoder.encode(questions.stream().map(Question::text).toList()),
            encoder.identity());
    return vectors.encoder().textFeatures() == TextFeatureSet.NONE
        ? TextFeatureVectors.append(vectors, questions)
        : vectors;
  }

  private UsageTrainer.Observed usage(CorrectnessMatrix part, QuestionVectors vectors) {
    ObservedUsage usage = data.usage().aligned(data.matrix(), part);
    return new UsageTrainer.Observed(usage, vectors.of(part.questions()).vectors());
  }
}
