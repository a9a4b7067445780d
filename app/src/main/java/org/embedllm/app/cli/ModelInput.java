package org.embedllm.app.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.embedllm.artifact.ModelArtifact;
import org.embedllm.artifact.TrainingQuestions;
import org.embedllm.storage.BadInputException;

/// A MODEL given on the command line.
///
/// @param path where it lies
/// @param artifact what it holds
record ModelInput(Path path, ModelArtifact artifact) {
  static ModelInput open(Path path) throws IOException {
    return new ModelInput(path, ModelArtifact.open(path));
  }

  /// Names of the m models.
  List<String> models() {
    return artifact.factorization().models();
  }

  /// Row of a model by its name.
  ///
  /// @throws BadInputException when there is none of that name, with those that come close
  int row(String name) {
    int row = models().indexOf(name);
    if (row < 0) {
      throw BadInputException.in(
          path,
          "has no model \"%s\"%s (embedllm models %s lists all %d)"
              .formatted(name, Suggestion.didYouMean(name, models()), path, models().size()));
    }
    return row;
  }

  /// The training questions kept beside it.
  Optional<TrainingQuestions> questions() throws IOException {
    return TrainingQuestions.beside(path, artifact);
  }

  /// Why there are no training questions.
  String withoutQuestions() {
    return artifact.questionsDigest().isEmpty()
        ? "the model was written with --no-questions"
        : TrainingQuestions.folder(path) + " is not there";
  }
}
