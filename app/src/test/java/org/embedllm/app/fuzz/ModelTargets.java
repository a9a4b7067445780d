package org.embedllm.app.fuzz;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.embedllm.artifact.ModelArtifact;
import org.embedllm.artifact.TrainingQuestions;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.correctness.Question;
import org.embedllm.correctness.Reference;
import org.embedllm.factorization.MatrixFactorizationTrainer;
import org.embedllm.factorization.TrainingOptions;
import org.embedllm.factorization.TrainingProblem;
import org.embedllm.question.EncoderIdentity;
import org.embedllm.question.QuestionVectors;
import org.embedllm.question.VectorStore;
import org.embedllm.storage.AtomicDirectory;
import org.embedllm.storage.Sha256;
import org.embedllm.tensor.Checksum;
import org.embedllm.tensor.FloatMatrix;
import org.embedllm.tensor.Safetensors;
import org.embedllm.tensor.Safetensors.TensorEntry;

/// Model files and the questions beside them. Their checksums stop nearly all changes: here they
/// are made right, so that a change reaches what reads the content.
final class ModelTargets {
  private static final Path FILES = Path.of("src", "test", "resources", "version-0.1.0");

  private ModelTargets() {}

  static List<FuzzTarget> all() throws IOException {
    Path folder = Files.createTempDirectory("embedllm-fuzz");
    try {
      Path model = folder.resolve("m.safetensors");
      TrainingQuestions written = questions();
      String digest = written.write(model);
      Path own = TrainingQuestions.folder(model).resolve(digest.substring(0, 16));
      byte[] texts = Files.readAllBytes(own.resolve("questions.csv"));
      byte[] answers = Files.readAllBytes(own.resolve("answers.safetensors"));
      return List.of(
          new FuzzTarget(
              "model-file",
              (at, bytes) -> readModel(Files.write(at.resolve("m.safetensors"), bytes)),
              List.of(
                  Files.readAllBytes(FILES.resolve("linear.safetensors")),
                  Files.readAllBytes(FILES.resolve("kernel.safetensors")))),
          new FuzzTarget(
              "question-vectors", ModelTargets::readVectors, List.of(storedVectors(folder))),
          new FuzzTarget("checkpoint", ModelTargets::resume, List.of(checkpoint(folder))),
          new FuzzTarget(
              "model-answers", (at, bytes) -> readQuestions(at, bytes, texts), List.of(answers)),
          new FuzzTarget(
              "model-questions", (at, bytes) -> readQuestions(at, answers, bytes), List.of(texts)));
    } finally {
      AtomicDirectory.delete(folder);
    }
  }

  private static TrainingQuestions questions() {
    List<Question> questions =
        List.of(new Question("1", "What, is\n\"this\"?", "c"), new Question("2", "two", ""));
    return new TrainingQuestions(
        CorrectnessMatrix.ofCells(
            List.of("a", "b"),
            questions,
            new int[] {0, 2, 3},
            new int[] {0, 1, 1},
            new float[] {1, 0, 0.5f}),
        new QuestionVectors(
            List.of("1", "2"), FloatMatrix.wrap(2, 3, new float[] {1, 0, 0, 0, 1, 0}), ENCODER),
        Map.of("1", new Reference("A", List.of("A", "B"))));
  }

  private static void readModel(Path file) throws IOException {
    sealed(file, Map.of());
    ModelArtifact artifact = ModelArtifact.open(file);
    artifact.served(Optional.empty());
    artifact.votes();
    artifact.attributeTable();
    artifact.textFamiliarity();
  }

  private static void readQuestions(Path at, byte[] answers, byte[] texts) throws IOException {
    Path model = at.resolve("q.safetensors");
    Path folder = Files.createDirectories(TrainingQuestions.folder(model));
    Path table = Files.write(folder.resolve("questions.csv"), texts);
    Path file = Files.write(folder.resolve("answers.safetensors"), answers);
    sealed(file, Map.of("texts_digest", Sha256.of(table)));
    String digest = Safetensors.open(file).metadata().getOrDefault(Checksum.KEY, "0".repeat(64));
    ModelArtifact any = Any.MODEL;
    TrainingQuestions.beside(
        model,
        new ModelArtifact(
            any.factorization(),
            any.training(),
            any.provenance(),
            any.callCosts(),
            Optional.of(digest),
            any.tensors(),
            any.notes()));
  }

  private static final EncoderIdentity ENCODER = new EncoderIdentity("e", "0".repeat(64), 3, 16);

  private static byte[] storedVectors(Path folder) throws IOException {
    Path data = folder.resolve("data");
    VectorStore.ofDataset(data)
        .attach(
            questions().matrix().questions(),
            FloatMatrix.wrap(2, 3, new float[] {1, 0, 0, 0, 1, 0}),
            ENCODER);
    return Files.readAllBytes(data.resolve("vectors").resolve("e.safetensors"));
  }

  private static void readVectors(Path at, byte[] bytes) throws IOException {
    Path folder = Files.createDirectories(at.resolve("data/vectors"));
    sealed(Files.write(folder.resolve("e.safetensors"), bytes), Map.of());
    VectorStore.ofDataset(at.resolve("data")).find(questions().matrix().questions(), ENCODER);
  }

  private static MatrixFactorizationTrainer trainer(Path checkpoint) {
    return new MatrixFactorizationTrainer(
            TrainingOptions.PUBLISHED.withDimension(2).withEpochs(2).withThreads(1))
        .withCheckpoint(checkpoint);
  }

  private static TrainingProblem problem() {
    TrainingQuestions questions = questions();
    return TrainingProblem.of(questions.matrix(), questions.vectors());
  }

  private static byte[] checkpoint(Path folder) throws IOException {
    Path file = folder.resolve("checkpoint");
    trainer(file).fit(problem());
    return Files.readAllBytes(file);
  }

  private static void resume(Path at, byte[] bytes) throws IOException {
    Path file = Files.write(at.resolve("checkpoint"), bytes);
    sealed(file, Map.of());
    trainer(file).fit(problem());
  }

  private static final class Any {
    static final ModelArtifact MODEL = open();

    private static ModelArtifact open() {
      try {
        return ModelArtifact.open(FILES.resolve("linear.safetensors"));
      } catch (IOException e) {
        throw new java.io.UncheckedIOException(e);
      }
    }
  }

  /// Replaces the checksum in a file by the right one, if it has one.
  ///
  /// @param changed metadata to replace as well, texts of one length
  private static void sealed(Path file, Map<String, String> changed) throws IOException {
    Safetensors read = Safetensors.open(file);
    Map<String, String> metadata = new HashMap<>(read.metadata());
    String before = metadata.remove(Checksum.KEY);
    if (before == null) {
      return;
    }
    String bytes = Files.readString(file, StandardCharsets.ISO_8859_1);
    for (Map.Entry<String, String> entry : changed.entrySet()) {
      String old = metadata.put(entry.getKey(), entry.getValue());
      bytes = bytes.replace(String.valueOf(old), entry.getValue());
    }
    Checksum.Writer writer = new Checksum.Writer();
    metadata.forEach(writer::metadata);
    for (Map.Entry<String, TensorEntry> tensor : read.tensors().entrySet()) {
      String name = tensor.getKey();
      long[] shape = tensor.getValue().shape().stream().mapToLong(Long::longValue).toArray();
      switch (tensor.getValue().type()) {
        case F32 -> writer.floats(name, read.floats(name), shape);
        case I32 -> writer.ints(name, read.ints(name), shape);
        case I64 -> writer.longs(name, read.longs(name), shape);
        case U8 -> writer.bytes(name, read.bytes(name), shape);
        default -> {
          return;
        }
      }
    }
    Files.writeString(file, bytes.replace(before, writer.checksum()), StandardCharsets.ISO_8859_1);
  }
}
