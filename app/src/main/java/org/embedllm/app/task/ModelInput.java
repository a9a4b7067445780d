package org.embedllm.app.task;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.embedllm.app.cli.Suggestion;
import org.embedllm.artifact.ModelArtifact;
import org.embedllm.artifact.ServedForecaster;
import org.embedllm.artifact.TrainingQuestions;
import org.embedllm.storage.BadInputException;
import org.embedllm.storage.JsonTrees;
import org.embedllm.storage.VerifiedFiles;

/// A MODEL given on the command line.
///
/// @param path of the file
/// @param artifact what it holds
public record ModelInput(Path path, ModelArtifact artifact) {
  /// Sets up what reading a model file needs: JSON.
  public static void prepare() {
    JsonTrees.read("{\"a\": [0.5]}");
  }

  public static ModelInput open(Path path) throws IOException {
    return new ModelInput(path, ModelArtifact.open(path, VerifiedFiles.ofUser(System.getenv())));
  }

  /// Names of the m models.
  public List<String> models() {
    return artifact.factorization().models();
  }

  /// Row of a model by its name.
  ///
  /// @throws BadInputException when it does not exist, with similar names
  public int row(String name) {
    int row = models().indexOf(name);
    if (row < 0) {
      throw BadInputException.in(
          path,
          "has no model \"%s\"%s (embedllm models %s lists all %d)"
              .formatted(name, Suggestion.didYouMean(name, models()), path, models().size()));
    }
    return row;
  }

  /// The training questions beside it.
  public Optional<TrainingQuestions> questions() throws IOException {
    return TrainingQuestions.beside(path, artifact);
  }

  /// Whether they are there, for who does not need them.
  public boolean hasQuestions() throws IOException {
    return TrainingQuestions.areBeside(path, artifact, VerifiedFiles.ofUser(System.getenv()));
  }

  /// What serves prompts.
  public ServedForecaster served() throws IOException {
    return artifact.served(path);
  }

  /// Why there are no training questions.
  public String withoutQuestions() {
    return artifact.questionsDigest().isEmpty()
        ? "the model was written with --no-questions"
        : TrainingQuestions.folder(path) + " is not there";
  }
}
