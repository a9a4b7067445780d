package org.embedllm.artifact;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.embedllm.correctness.AnswerCounts;
import org.embedllm.factorization.MatrixFactorization;
import org.embedllm.factorization.ModelEmbeddings;
import org.embedllm.forecast.AttributeTable;
import org.embedllm.forecast.CorrectnessForecaster;
import org.embedllm.forecast.Forecast.ModelForecast;
import org.embedllm.forecast.ForecastQuantity;
import org.embedllm.kernel.KernelTraining;
import org.embedllm.logistic.LaplacePosterior;
import org.embedllm.question.EncoderIdentity;
import org.embedllm.question.TextFamiliarity;
import org.embedllm.storage.AtomicFile;
import org.embedllm.storage.BadInputException;
import org.embedllm.storage.SingleWriter;
import org.embedllm.storage.VerifiedFiles;
import org.embedllm.tensor.FloatMatrix;
import org.embedllm.usage.UsageModel;
import org.embedllm.votes.VoteNotes;

/// A fitted pool of models in a file: the factorization, the training counts of each model, and the
/// provenance. The file format is described at [ArtifactFormat].
///
/// @param factorization the fitted factorization
/// @param training how often each model was right on the training questions, in row order of the
///   factorization's models
/// @param provenance data, options, seed and program version
/// @param callCosts mean cost of one call in USD by model name where the logs knew it
/// @param questionsDigest digest of the training questions written beside the file; empty where
///   none were
/// @param tensors further float32 tensors of one or two axes by name, such as the second moment of
///   the projected training questions
/// @param notes further metadata by name, such as `calibration` and `knn_k`
public record ModelArtifact(
    MatrixFactorization factorization,
    AnswerCounts training,
    Provenance provenance,
    Map<String, Double> callCosts,
    Optional<String> questionsDigest,
    Map<String, FloatMatrix> tensors,
    Map<String, String> notes) {
  public ModelArtifact {
    callCosts = Collections.unmodifiableMap(new TreeMap<>(callCosts));
    tensors = Collections.unmodifiableMap(new TreeMap<>(tensors));
    notes = Collections.unmodifiableMap(new TreeMap<>(notes));
    if (!training.models().equals(factorization.models())) {
      throw new IllegalArgumentException(
          "the counts name other models than the factorization, or in another order");
    }
    ArtifactFormat.requireFreeNames(tensors.keySet(), notes.keySet());
  }

  /// The encoder that the head of a model file names, for who opens both at once: unchecked, and
  /// empty where the head is not readable ([#open] says why).
  public static Optional<EncoderIdentity> encoderOf(Path file) {
    return ArtifactFormat.encoder(file);
  }

  /// Reads a model file and checks that it is complete and unchanged.
  ///
  /// @throws BadInputException when the file is no model file, is truncated or altered, or has a
  ///   format version this program does not know
  /// @throws IOException when it cannot be read
  public static ModelArtifact open(Path file) throws IOException {
    return open(file, VerifiedFiles.none());
  }

  /// [#open(Path)] for commands that start often: a file that they have read whole and not changed
  /// since is not read whole again.
  ///
  /// @param verified where it is kept which files these are
  /// @throws BadInputException when the file is no model file, is truncated or altered, or has a
  ///   format version this program does not know
  /// @throws IOException when it cannot be read
  public static ModelArtifact open(Path file, VerifiedFiles verified) throws IOException {
    return ArtifactFormat.read(file, verified);
  }

  /// Writes the model file atomically: readers see the old one or the new one. The same artifact
  /// gives the same bytes.
  public void write(Path file) throws IOException {
    ArtifactFormat.write(this, file);
  }

  /// Refuses a model file that [#write(Path, Optional)] could not write, before hours of
  /// computation.
  ///
  /// @param withQuestions whether training questions are written beside it
  /// @throws BadInputException where it or the folder of its questions cannot be written
  public static void requirePlace(Path file, boolean withQuestions) {
    AtomicFile.requirePlace(file);
    if (withQuestions) {
      TrainingQuestions.requirePlace(file);
    }
  }

  /// [#requirePlace], and keeps other processes from writing the file until it is closed: who reads
  /// the file after this, changes it and writes it loses nobody's change.
  ///
  /// @return to be closed by the thread that writes
  /// @throws BadInputException where it cannot be written, or another process is writing it
  public static SingleWriter reserve(Path file, boolean withQuestions) throws IOException {
    requirePlace(file, withQuestions);
    return SingleWriter.ofThread(file);
  }

  /// Writes the model file, and training questions beside it where there are some. One process does
  /// at a time: it would delete the questions of another one with the old ones.
  ///
  /// @throws org.embedllm.storage.BadInputException when another process is writing the file
  public void write(Path file, Optional<TrainingQuestions> questions) throws IOException {
    SingleWriter place = SingleWriter.ofThread(file);
    try {
      if (questions.isPresent()) {
        questions.get().write(file, digest -> withQuestionsDigest(digest).write(file));
      } else {
        write(file);
      }
    } finally {
      place.close();
    }
  }

  /// The forecaster of this pool.
  public CorrectnessForecaster forecaster() {
    return ModelPlacement.forecaster(this);
  }

  /// What serves prompts, with the training questions beside the file where that needs them.
  ///
  /// @param file of this artifact
  /// @throws IOException when the questions cannot be read
  public ServedForecaster served(Path file) throws IOException {
    return served(
        ServedForecaster.needsQuestions(this)
            ? TrainingQuestions.beside(file, this)
            : Optional.empty());
  }

  /// What serves prompts: the forecaster, or a baseline that was better on validation.
  ///
  /// @param questions the training questions kept beside the file
  public ServedForecaster served(Optional<TrainingQuestions> questions) {
    return ServedForecaster.of(this, questions);
  }

  /// The same artifact, served by one of the kinds.
  public ModelArtifact servedBy(ServedForecaster.Kind kind) {
    return ServedForecaster.keep(this, kind);
  }

  /// What training texts look like; empty where they were too few, or the file is older.
  public Optional<TextFamiliarity> textFamiliarity() {
    return TextFamiliarityFormat.of(this);
  }

  /// What the probabilities of this pool are.
  public ForecastQuantity quantity() {
    return votes().filter(VoteNotes::alone).isPresent()
        ? ForecastQuantity.PREFERENCE
        : ForecastQuantity.CORRECTNESS;
  }

  /// What this pool learned from votes; empty where it had none.
  ///
  /// @throws BadInputException when the file's note on it is damaged
  public Optional<VoteNotes> votes() {
    try {
      return VoteNotes.of(notes);
    } catch (IllegalArgumentException e) {
      throw BadInputException.of("the model file is damaged: " + e.getMessage());
    }
  }

  /// The table of its models' rates by an attribute; empty where training knew none.
  public Optional<AttributeTable> attributeTable() {
    return AttributeTableFormat.of(this);
  }

  /// The encoder whose vectors this pool reads.
  public EncoderIdentity encoder() {
    return factorization.encoder();
  }

  /// @throws BadInputException when vectors of `encoder` are not what this pool was fitted on
  public void requireEncoder(EncoderIdentity encoder) {
    EncoderIdentity own = encoder();
    if (!own.digest().equals(encoder.digest()) || own.dimension() != encoder.dimension()) {
      throw BadInputException.of(
          "the model was trained on vectors of encoder %s (%d dimensions, digest %s); got %s (%d dimensions, digest %s): encode the questions with %s"
              .formatted(
                  own.name(),
                  own.dimension(),
                  shortened(own.digest()),
                  encoder.name(),
                  encoder.dimension(),
                  shortened(encoder.digest()),
                  own.name()));
    }
  }

  private static String shortened(String digest) {
    return digest.length() > 12 ? digest.substring(0, 12) : digest;
  }

  /// The same artifact with one more note, or another value for it.
  public ModelArtifact withNote(String name, String value) {
    Map<String, String> more = new TreeMap<>(notes);
    more.put(name, value);
    return new ModelArtifact(
        factorization, training, provenance, callCosts, questionsDigest, tensors, more);
  }

  /// The same artifact with one more tensor, or another value for it.
  public ModelArtifact withTensor(String name, FloatMatrix value) {
    return withTensors(Map.of(name, value));
  }

  /// The same artifact with more tensors, or other values for them.
  public ModelArtifact withTensors(Map<String, FloatMatrix> values) {
    Map<String, FloatMatrix> more = new TreeMap<>(tensors);
    more.putAll(values);
    return new ModelArtifact(
        factorization, training, provenance, callCosts, questionsDigest, more, notes);
  }

  /// The same artifact with another factorization of the same models.
  public ModelArtifact withFactorization(MatrixFactorization value) {
    return new ModelArtifact(
        value, training, provenance, callCosts, questionsDigest, tensors, notes);
  }

  /// Covariances of the models' vectors, `[m, d * d]`.
  ///
  /// @return empty where the file keeps no uncertainty: it was trained by the paper's method
  public Optional<FloatMatrix> covariances() {
    return Optional.ofNullable(tensors.get(KernelTraining.COVARIANCES));
  }

  /// A model's vector with its uncertainty.
  ///
  /// @param row of the model
  /// @return empty where the file keeps no uncertainty
  public Optional<LaplacePosterior> vector(int row) {
    int k = factorization.dimension();
    return covariances()
        .filter(all -> all.columns() == k * k)
        .map(all ->
            new LaplacePosterior(
                doubles(factorization.modelVectors().row(row)),
                doubles(all.row(row)),
                training.cells(row)));
  }

  private static double[] doubles(float[] values) {
    return IntStream.range(0, values.length).mapToDouble(c -> values[c]).toArray();
  }

  /// What is known of each model without a prompt, in row order: its share of right answers to the
  /// training questions, or without any answers the mean forecast of its vector over them with a 95
  /// % interval. In a pool from votes every model has such a mean.
  public List<ModelForecast> rates() {
    return PoolRates.of(this);
  }

  /// The same artifact in which one model has another vector.
  ///
  /// @param row of the model
  /// @param vector its new vector, with its uncertainty, which is kept where the artifact keeps any
  public ModelArtifact withModelVector(int row, LaplacePosterior vector) {
    return ModelPlacement.moved(this, row, vector);
  }

  /// The same artifact, bound to the training questions of that digest.
  public ModelArtifact withQuestionsDigest(String digest) {
    return new ModelArtifact(
        factorization, training, provenance, callCosts, Optional.of(digest), tensors, notes);
  }

  /// Forecasts of the training questions by fits that did not see their answers, `[n, m]`, in the
  /// order of the questions kept beside the file; empty where the file does not keep what it takes.
  public Optional<FloatMatrix> crossFittedForecasts() {
    return CrossFit.forecasts(this);
  }

  /// What forecasts the length, cost and time of an answer; empty where the logs said nothing of
  /// it.
  ///
  /// @throws BadInputException when what the file keeps of it does not fit together
  public Optional<UsageModel> usage() {
    return UsageStorage.read(this);
  }

  /// The same artifact with other forecasts of what an answer takes.
  public ModelArtifact withUsage(UsageModel usage) {
    return UsageStorage.keep(this, usage);
  }

  /// The models as points. Canonical embeddings from the second moments kept in the file; raw rows
  /// of P where there are none.
  public ModelEmbeddings embeddings() {
    FloatMatrix moments = tensors.get(PoolTrainer.SECOND_MOMENTS);
    return moments == null
        ? ModelEmbeddings.raw(factorization)
        : ModelEmbeddings.canonical(factorization, new ModelEmbeddings.SecondMoments(moments));
  }
}
