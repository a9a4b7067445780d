package org.embedllm.app.web.view;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.embedllm.app.cli.Progress;
import org.embedllm.app.task.DatasetVectors;
import org.embedllm.app.task.DatasetVotes;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.correctness.EvaluationData;
import org.embedllm.correctness.Question;
import org.embedllm.dataset.Dataset;
import org.embedllm.ingest.DatasetLoader;
import org.embedllm.question.EncoderIdentity;
import org.embedllm.question.QuestionVectors;
import org.embedllm.question.TextFeatureSet;
import org.embedllm.storage.BadInputException;

/// A data set on which a model file is measured: its answers with the models in the file's order,
/// and the vectors of all its questions. Of a pool from votes, answers are shares of votes won.
///
/// @param data answers of the file's models, in their order, and the split
/// @param vectors of all questions, in their order, as the file's forecaster reads them
/// @param sentences the same without text features, as the experiments take them
/// @param source makes vectors of other texts
record Measured(
    EvaluationData data, QuestionVectors vectors, QuestionVectors sentences, Source source) {
  /// Vectors of texts for a model's forecaster.
  ///
  /// @param dataset whose vectors are stored
  /// @param encoder of the model
  record Source(Dataset dataset, EncoderIdentity encoder) {
    /// In the order of the questions.
    QuestionVectors of(List<Question> questions, BackgroundJobs.Step step) throws IOException {
      return vectors(step).of(questions, encoder);
    }

    private DatasetVectors vectors(BackgroundJobs.Step step) {
      return new DatasetVectors(dataset, total -> new EncodingProgress(step, total));
    }
  }

  /// Reads a data set and encodes missing vectors.
  ///
  /// @throws BadInputException where it cannot be read, or has no answer of any model of the file
  static Measured load(Path path, ModelSpace space, BackgroundJobs.Step step) throws IOException {
    step.at("reading " + path.getFileName(), 0);
    Dataset read = DatasetLoader.load(path);
    Dataset dataset =
        switch (space.artifact().quantity()) {
          case CORRECTNESS -> read;
          case PREFERENCE -> DatasetVotes.asShares(read);
        };
    EvaluationData data = ofPool(dataset.data(), path, space);
    List<Question> questions = data.matrix().questions();
    Source source = new Source(dataset, space.artifact().encoder());
    QuestionVectors vectors = source.of(questions, step);
    boolean sentences = vectors.encoder().textFeatures() == TextFeatureSet.NONE;
    return new Measured(
        data,
        vectors,
        sentences
            ? vectors
            : source.vectors(step).of(questions, Optional.of(vectors.encoder().sentenceEncoder())),
        source);
  }

  private static EvaluationData ofPool(EvaluationData data, Path path, ModelSpace space) {
    CorrectnessMatrix own = data.matrix().withModels(space.models());
    if (own.cellCount() == 0) {
      throw BadInputException.in(path, "has no answer of any model of " + space.file());
    }
    return own.equals(data.matrix())
        ? data
        : EvaluationData.of(own, data.split(), data.callCosts());
  }

  /// @param total texts to encode
  private record EncodingProgress(BackgroundJobs.Step step, long total) implements Progress {
    @Override
    public void advanceTo(long done) {
      step.at("encoding questions", total == 0 ? 0 : (double) done / total);
    }

    @Override
    public void detail(String detail) {
      step.at(detail, 0);
    }

    @Override
    public void close() {
      step.at("encoded", 1);
    }
  }
}
