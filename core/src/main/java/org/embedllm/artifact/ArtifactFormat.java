package org.embedllm.artifact;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.embedllm.correctness.AnswerCounts;
import org.embedllm.factorization.FeatureMap;
import org.embedllm.factorization.MatrixFactorization;
import org.embedllm.factorization.NestedKernels;
import org.embedllm.question.EncoderIdentity;
import org.embedllm.storage.BadInputException;
import org.embedllm.storage.JsonTrees;
import org.embedllm.storage.VerifiedFiles;
import org.embedllm.tensor.Checksum;
import org.embedllm.tensor.FloatMatrix;
import org.embedllm.tensor.Safetensors;
import tools.jackson.core.JacksonException;

/// The model file, format version 1: a safetensors file.
///
/// | tensor | type, shape | is |
/// |---|---|---|
/// | `P.weight` | F32 [m, d] | model vectors |
/// | `text_proj.weight`, `text_proj.bias` | F32 [d, r], `[d]` | projection of question features; r = q when `features` is `linear` |
/// | `classifier.weight`, `classifier.bias` | F32 [2, d], [2] | linear classifier |
/// | `features.landmarks` | F32 [r, q] | only when `features` is `kernel` or `nested` |
/// | `features.content_landmarks` | F32 [r2, q2] | only when `features` is `nested`, like the next two |
/// | `features.form_prototypes` | F32 [k, f] | surfaces of training texts |
/// | `features.expected_attributes` | F32 [p, r + r2 + 2] | what text lets expect of attributes; absent without |
/// | `training.questions` | I32 [1 + B] | training questions: all, then by benchmark |
/// | `training.cells`, `training.correct` | I32 [m, 1 + B] | observed and right answers in training |
///
/// | metadata | is |
/// |---|---|
/// | `format_version` | `1` |
/// | `models`, `benchmarks` | JSON arrays: m names in row order, B names in column order |
/// | `encoder` | JSON object `name`, `digest`, `dimension`, `maxTokens` |
/// | `features`, `gamma` | `linear`, or `kernel` and its γ, or `nested` ([NestedKernelsFormat]) |
/// | `data_digest`, `options`, `seed`, `program_version` | provenance; options is a JSON object |
/// | `call_costs` | JSON object: USD a call by model |
/// | `questions_digest` | digest of the training questions beside the file; absent without them |
/// | `checksum` | SHA-256 (hex), see [Checksum]: a file that was changed is refused |
///
/// Other names are kept as [ModelArtifact#tensors] and [ModelArtifact#notes].
final class ArtifactFormat {
  static final String VERSION = "1";
  private static final String LINEAR = "linear";
  private static final String KERNEL = "kernel";
  private static final String NESTED = "nested";
  private static final Set<String> OWN_TENSORS =
      Set.of(
          "P.weight",
          "text_proj.weight",
          "text_proj.bias",
          "classifier.weight",
          "classifier.bias",
          "features.landmarks",
          NestedKernelsFormat.CONTENT_LANDMARKS,
          NestedKernelsFormat.PROTOTYPES,
          NestedKernelsFormat.EXPECTED,
          "training.questions",
          "training.cells",
          "training.correct");
  private static final Set<String> OWN_METADATA =
      Set.of(
          "format_version",
          "models",
          "benchmarks",
          "encoder",
          "features",
          "gamma",
          NestedKernelsFormat.SETTINGS,
          NestedKernelsFormat.ATTRIBUTES,
          "data_digest",
          "options",
          "seed",
          "program_version",
          "call_costs",
          "questions_digest",
          Checksum.KEY);

  private ArtifactFormat() {}

  /// @throws IllegalArgumentException when a further tensor or note takes a name of the format
  static void requireFreeNames(Set<String> tensors, Set<String> notes) {
    List<String> taken = new ArrayList<>();
    tensors.stream().filter(OWN_TENSORS::contains).forEach(taken::add);
    notes.stream().filter(OWN_METADATA::contains).forEach(taken::add);
    if (!taken.isEmpty()) {
      throw new IllegalArgumentException("names of the format itself: " + taken);
    }
  }

  static void write(ModelArtifact artifact, Path file) throws IOException {
    MatrixFactorization fitted = artifact.factorization();
    AnswerCounts training = artifact.training();
    int m = fitted.models().size();
    int width = 1 + training.benchmarks().size();
    var writer = new Checksum.Writer();
    writer.matrix("P.weight", fitted.modelVectors());
    writer.matrix("text_proj.weight", fitted.projection());
    writer.row("text_proj.bias", fitted.projectionBias());
    writer.matrix("classifier.weight", fitted.classifier());
    writer.row("classifier.bias", fitted.classifierBias());
    switch (fitted.features()) {
      case FeatureMap.Identity identity -> writer.metadata("features", LINEAR);
      case FeatureMap.Kernel kernel -> {
        writer.metadata("features", KERNEL);
        writer.metadata("gamma", Float.toString(kernel.gamma()));
        writer.matrix("features.landmarks", kernel.landmarks());
      }
      case NestedKernels nested -> {
        writer.metadata("features", NESTED);
        NestedKernelsFormat.write(nested, writer);
      }
    }
    writer.ints("training.questions", training.questionCounts(), width);
    writer.ints("training.cells", training.cellCounts(), m, width);
    writer.ints("training.correct", training.correctCounts(), m, width);
    artifact.tensors().forEach(writer::matrix);
    artifact.notes().forEach(writer::metadata);
    writer.metadata("format_version", VERSION);
    writer.metadata("models", JsonTrees.write(fitted.models()));
    writer.metadata("benchmarks", JsonTrees.write(training.benchmarks()));
    writer.metadata("encoder", EncoderJson.write(fitted.encoder()));
    writer.metadata("data_digest", artifact.provenance().dataDigest());
    writer.metadata("options", JsonTrees.write(artifact.provenance().options()));
    writer.metadata("seed", Long.toString(artifact.provenance().seed()));
    writer.metadata("program_version", artifact.provenance().programVersion());
    writer.metadata("call_costs", JsonTrees.write(artifact.callCosts()));
    artifact.questionsDigest().ifPresent(d -> writer.metadata("questions_digest", d));
    Optional<String> before = questionsDigest(file);
    writer.write(file);
    TrainingQuestions.prune(file, artifact.questionsDigest(), before);
  }

  /// Digest of the questions of the model file that is there now, as far as it can be read.
  private static Optional<String> questionsDigest(Path file) throws IOException {
    try {
      return Files.isRegularFile(file)
          ? Optional.ofNullable(Safetensors.open(file).metadata().get("questions_digest"))
          : Optional.empty();
    } catch (BadInputException e) {
      return Optional.empty();
    }
  }

  /// What the head of a file says of its encoder, unchecked; empty where it says nothing readable.
  static Optional<EncoderIdentity> encoder(Path file) {
    try {
      return Optional.ofNullable(Safetensors.open(file).metadata().get("encoder"))
          .map(EncoderJson::read);
    } catch (IOException | BadInputException | JacksonException | IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /// @param verified files whose checksum need not be computed again
  static ModelArtifact read(Path file, VerifiedFiles verified) throws IOException {
    Optional<String> look = verified.look(file);
    Safetensors tensors = Safetensors.open(file);
    Map<String, String> metadata = tensors.metadata();
    String version = metadata.getOrDefault("format_version", "");
    if (version.isEmpty()) {
      throw BadInputException.in(
          file, "is a safetensors file but no model file: it has no format_version");
    }
    if (!version.equals(VERSION)) {
      throw BadInputException.in(
          file,
          "has format version %s; this program reads version %s: use a newer program, or train again"
              .formatted(version, VERSION));
    }
    String checksum = metadata.getOrDefault(Checksum.KEY, "");
    if (look.isPresent() && verified.contains(look.get(), checksum)) {
      ModelArtifact artifact = valid(tensors, true);
      if (look.equals(verified.look(file))) {
        return artifact;
      }
    }
    ModelArtifact artifact = readWhole(tensors);
    if (look.isPresent() && look.equals(verified.look(file))) {
      verified.add(look.get(), checksum);
    }
    return artifact;
  }

  private static ModelArtifact readWhole(Safetensors tensors) throws IOException {
    // Both take long for a first answer. A wrong checksum explains whatever else is wrong.
    FutureTask<ModelArtifact> assembled = new FutureTask<>(() -> valid(tensors, false));
    Thread.ofPlatform().daemon().start(assembled);
    Checksum.verify(tensors, "train again, or bring the file back");
    try {
      return assembled.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while " + tensors.file() + " was read");
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case IOException unread -> throw unread;
        case RuntimeException bad -> throw bad;
        case Error error -> throw error;
        case null, default -> throw new IllegalStateException(e);
      }
    }
  }

  /// @param known whether the same bytes were valid before
  private static ModelArtifact valid(Safetensors file, boolean known) throws IOException {
    try {
      return assemble(file, known);
    } catch (JacksonException | IllegalArgumentException | ArithmeticException e) {
      throw BadInputException.in(file.file(), "is no valid model file: " + e.getMessage(), e);
    }
  }

  private static ModelArtifact assemble(Safetensors file, boolean known) throws IOException {
    List<String> models = JsonTrees.strings(required(file, "models"));
    EncoderIdentity encoder = EncoderJson.read(required(file, "encoder"));
    MatrixFactorization fitted =
        new MatrixFactorization(
            models,
            encoder,
            features(file, encoder, known),
            file.matrix("P.weight"),
            file.matrix("text_proj.weight"),
            file.matrix("text_proj.bias"),
            file.matrix("classifier.weight"),
            file.matrix("classifier.bias"));
    AnswerCounts training =
        AnswerCounts.of(
            models,
            JsonTrees.strings(required(file, "benchmarks")),
            file.ints("training.questions"),
            file.ints("training.cells"),
            file.ints("training.correct"));
    Provenance provenance =
        new Provenance(
            required(file, "program_version"),
            required(file, "data_digest"),
            JsonTrees.stringsByName(required(file, "options")),
            Long.parseLong(required(file, "seed")));
    Map<String, FloatMatrix> further = new TreeMap<>();
    for (String name : file.tensors().keySet()) {
      if (!OWN_TENSORS.contains(name)) {
        further.put(name, file.matrix(name));
      }
    }
    Map<String, String> notes = new TreeMap<>(file.metadata());
    notes.keySet().removeAll(OWN_METADATA);
    return new ModelArtifact(
        fitted,
        training,
        provenance,
        JsonTrees.numbersByName(required(file, "call_costs")),
        Optional.ofNullable(file.metadata().get("questions_digest")),
        further,
        notes);
  }

  private static FeatureMap features(Safetensors file, EncoderIdentity encoder, boolean known)
      throws IOException {
    String name = required(file, "features");
    return switch (name) {
      case LINEAR -> new FeatureMap.Identity(encoder.dimension());
      case KERNEL ->
          kernel(file, "features.landmarks", Float.parseFloat(required(file, "gamma")), known);
      case NESTED -> NestedKernelsFormat.read(file, encoder, known);
      default ->
          throw BadInputException.in(
              file.file(),
              "has features \"%s\"; must be linear, kernel or nested: a newer program wrote it"
                  .formatted(name));
    };
  }

  /// @param known whether these landmarks were checked before
  static FeatureMap.Kernel kernel(Safetensors file, String landmarks, float gamma, boolean known)
      throws IOException {
    return known
        ? FeatureMap.Kernel.ofKnown(file.matrix(landmarks), gamma)
        : new FeatureMap.Kernel(file.matrix(landmarks), gamma);
  }

  static String required(Safetensors file, String key) {
    String value = file.metadata().get(key);
    if (value == null) {
      throw BadInputException.in(file.file(), "is no valid model file: it has no " + key);
    }
    return value;
  }
}
