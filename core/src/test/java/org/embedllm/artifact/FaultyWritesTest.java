package org.embedllm.artifact;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.embedllm.correctness.Question;
import org.embedllm.dataset.Dataset;
import org.embedllm.dataset.DatasetDirectory;
import org.embedllm.dataset.ExportTables;
import org.embedllm.dataset.TableFile;
import org.embedllm.factorization.SampleCheckpoint;
import org.embedllm.ingest.Sources;
import org.embedllm.question.EncoderIdentity;
import org.embedllm.question.QuestionVectors;
import org.embedllm.question.VectorStore;
import org.embedllm.source.ImportOptions;
import org.embedllm.storage.FaultyFiles.Fault;
import org.embedllm.storage.FaultyWriting;
import org.embedllm.storage.FaultyWriting.State;
import org.embedllm.storage.FaultyWriting.Writer;
import org.embedllm.storage.Sha256;
import org.embedllm.tensor.FloatMatrix;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// All writers of the library, see [FaultyWriting].
@Tag("seconds")
class FaultyWritesTest {
  private static final List<Question> QUESTIONS =
      List.of(new Question("1", "one", "b"), new Question("2", "two", "b"));
  private static final EncoderIdentity ENCODER = new EncoderIdentity("e", "ab".repeat(32), 2, 0);

  /// Writers of temporary files alone, of a list that may be lost, and what all others write with.
  private static final Set<String> OTHERS =
      Set.of(
          "AtomicDirectory",
          "AtomicFile",
          "Checksum",
          "PlaceLock",
          "Safetensors",
          "TextSpool",
          "VerifiedFiles");

  @TempDir Path folder;
  @TempDir Path sources;

  /// What is written.
  enum Written {
    MODEL("pool.safetensors", true, "ArtifactFormat TrainingQuestions"),
    DATA_SET("data", true, "CellFiles DatasetDirectory OutputsFile"),
    CSV("table", true, "TableFile"),
    NPY("table", false, "TableFile"),
    PARQUET("table", true, "TableFile"),
    VECTORS("store", true, "VectorSegment"),
    CHECKPOINT("pool.checkpoint", true, "Checkpoint"),
    PLACEMENT("placement.safetensors", true, "PoolPlacement");

    private final String name;
    private final boolean together;
    private final String classes; // that write

    Written(String name, boolean together, String classes) {
      this.name = name;
      this.together = together;
      this.classes = classes;
    }
  }

  private static Stream<Arguments> writersAndFaults() {
    return Stream.of(Written.values())
        .flatMap(w -> Stream.of(Fault.values()).map(fault -> Arguments.of(w, fault)));
  }

  @ParameterizedTest
  @MethodSource("writersAndFaults")
  void place_isWholeAfterEveryFault(Written written, Fault fault) throws Exception {
    Path place = folder.resolve(written.name);
    State state =
        switch (written) {
          case MODEL -> () -> model(place);
          case VECTORS -> () -> vectors(place);
          case DATA_SET, CSV, NPY, PARQUET, CHECKPOINT, PLACEMENT -> FaultyWriting.files(place);
        };
    new FaultyWriting(folder, fault)
        .assertWhole(place, 1, written.together, state, writer(written));
  }

  @Test
  void everyWriter_isTried() throws IOException {
    Set<String> tried = new TreeSet<>(OTHERS);
    Stream.of(Written.values())
        .forEach(written -> tried.addAll(List.of(written.classes.split(" "))));
    assertThat(FaultyWriting.writersOf(Path.of("src", "main", "java"))).isEqualTo(tried);
  }

  private Writer writer(Written written) {
    return switch (written) {
      case MODEL ->
          (place, content) ->
              ArtifactSamples.linear()
                  .write(
                      place,
                      Optional.of(
                          content == 0
                              ? ArtifactSamples.questions()
                              : ArtifactSamples.otherQuestions()));
      case DATA_SET -> (place, content) -> DatasetDirectory.write(dataset(content), place, true);
      case CSV -> (place, content) -> table(content, place.resolve("t.csv"));
      case NPY -> (place, content) -> table(content, place.resolve("t.npy"));
      case PARQUET -> (place, content) -> table(content, place.resolve("t.parquet"));
      case VECTORS ->
          (place, content) ->
              VectorStore.ofDataset(place)
                  .attach(
                      QUESTIONS, FloatMatrix.wrap(2, 2, new float[] {content, 1, 2, 3}), ENCODER);
      case CHECKPOINT -> SampleCheckpoint::write;
      case PLACEMENT -> (place, content) -> Placements.TWO.get(content).write(place);
    };
  }

  /// Of pools that are trained once.
  private static final class Placements {
    private static final List<PoolPlacement> TWO =
        Stream.of(5L, 6L)
            .map(PoolPlacementTest::pool)
            .map(pool -> PoolPlacement.of(pool.artifact(), pool.questions()))
            .toList();
  }

  private static Map<String, String> model(Path file) throws IOException {
    ModelArtifact artifact = ModelArtifact.open(file);
    TrainingQuestions questions = TrainingQuestions.beside(file, artifact).orElseThrow();
    return Map.of(
        "model",
        Sha256.of(file)
            + questions.matrix().cellScore(0)
            + Arrays.toString(questions.vectors().vectors().toArray()));
  }

  private static Map<String, String> vectors(Path store) throws IOException {
    QuestionVectors found = VectorStore.ofDataset(store).find(QUESTIONS, ENCODER).orElseThrow();
    return Map.of("vectors", Arrays.toString(found.vectors().toArray()));
  }

  private void table(int content, Path file) throws IOException {
    TableFile.write(ExportTables.responses(dataset(content)), file);
  }

  private Dataset dataset(int content) {
    return Sources.read(
        ImportOptions.DEFAULT.withOutputsKept(true),
        Sources.write(
            sources.resolve("t" + content + ".csv"),
            """
            model,prompt_id,prompt,score,cost,output_tokens,reference,output
            a,1,one,%d,0.5,7,A,says
            b,1,one,1,,9,A,so
            a,2,two,0,0.1,,B,no
            """
                .formatted(content)));
  }
}
