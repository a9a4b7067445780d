package org.embedllm.app.task;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.embedllm.app.cli.Console;
import org.embedllm.artifact.ModelArtifact;
import org.embedllm.artifact.TrainingQuestions;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.dataset.Dataset;
import org.embedllm.ingest.DatasetLoader;
import org.embedllm.storage.BadInputException;

/// The questions a pool was trained on: those beside its file, otherwise those of the data set it
/// was trained on, where the user names it.
public final class PoolQuestions {
  private PoolQuestions() {}

  /// @param dataset read only where there are none beside the model
  ///
  /// @return empty where there are none and no data set was named
  /// @throws BadInputException when the data set is not the one the model was trained on
  public static Optional<TrainingQuestions> of(
      ModelInput input, Optional<Path> dataset, Console console) throws IOException {
    Optional<TrainingQuestions> kept = input.questions();
    return kept.isPresent() || dataset.isEmpty()
        ? kept
        : Optional.of(from(input, dataset.get(), console));
  }

  /// The error where there are none.
  public static String absent(ModelInput input) {
    return "%s has no training questions (%s); name the data set it was trained on with --dataset"
        .formatted(input.path(), input.withoutQuestions());
  }

  private static TrainingQuestions from(ModelInput input, Path path, Console console)
      throws IOException {
    ModelArtifact artifact = input.artifact();
    Dataset dataset = DatasetLoader.load(path);
    if (!dataset.data().digest().equals(artifact.provenance().dataDigest())) {
      throw BadInputException.in(
          path,
          "is not the data set %s was trained on, or has changed since: its digest is %.12s, that of the training's data %.12s"
              .formatted(
                  input.path(), dataset.data().digest(), artifact.provenance().dataDigest()));
    }
    CorrectnessMatrix train =
        TrainingSelection.again(
            dataset.data(), artifact.provenance().options(), artifact.provenance().seed());
    if (train.questionCount() != artifact.training().questions()
        || !train.models().equals(input.models())) {
      throw BadInputException.in(
          path,
          "has %d training questions of %d models; %s was trained on %d of %d"
              .formatted(
                  train.questionCount(),
                  train.modelCount(),
                  input.path(),
                  artifact.training().questions(),
                  input.models().size()));
    }
    return new TrainingQuestions(
            train, new DatasetVectors(dataset, console).of(train.questions(), artifact.encoder()))
        .withReferences(dataset.references());
  }
}
