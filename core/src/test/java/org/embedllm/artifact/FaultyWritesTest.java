package org.embedllm.artifact;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.embedllm.correctness.Question;
import org.embedllm.dataset.Dataset;
import org.embedllm.dataset.DatasetDirectory;
import org.embedllm.dataset.ExportTables;
import org.embedllm.dataset.TableFile;
import org.embedllm.ingest.Sources;
import org.embedllm.question.EncoderIdentity;
import org.embedllm.question.VectorStore;
import org.embedllm.storage.BadInputException;
import org.embedllm.storage.FaultyFiles;
import org.embedllm.storage.FaultyFiles.Fault;
import org.embedllm.storage.Sha256;
import org.embedllm.tensor.FloatMatrix;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Writers over a file system in which one operation fails, each one in turn: what was there stays
/// whole, the error names the file, and nothing else is left.
class FaultyWritesTest {
  private static final int MOST = 400; // operations of a writer

  @TempDir Path folder;
  @TempDir Path sources;

  /// Writes one of two contents to a place.
  @FunctionalInterface
  private interface Writer {
    void write(Path place, int content) throws IOException;
  }

  @ParameterizedTest
  @EnumSource
  void model_withItsQuestions_isWholeAfterEveryFault(Fault fault) throws IOException {
    Path model = folder.resolve("pool.safetensors");
    Writer writer =
        (place, content) ->
            ArtifactSamples.linear()
                .write(
                    place,
                    Optional.of(
                        content == 0
                            ? ArtifactSamples.questions()
                            : ArtifactSamples.otherQuestions()));
    assertWholeAfterEveryFault(
        fault,
        model,
        writer,
        () -> {
          ModelArtifact artifact = ModelArtifact.open(model);
          TrainingQuestions questions = TrainingQuestions.beside(model, artifact).orElseThrow();
          return Sha256.of(model)
              + questions.matrix().cellScore(0)
              + Arrays.toString(questions.vectors().vectors().toArray());
        });
  }

  @ParameterizedTest
  @EnumSource
  void dataSet_isWholeAfterEveryFault(Fault fault) throws IOException {
    assertWholeAfterEveryFault(
        fault,
        folder.resolve("data"),
        (place, content) -> DatasetDirectory.write(dataset(content), place, true),
        () -> digest(folder.resolve("data")));
  }

  @ParameterizedTest
  @EnumSource
  void table_isWholeAfterEveryFault(Fault fault) throws IOException {
    assertWholeAfterEveryFault(
        fault,
        folder.resolve("table.csv"),
        (place, content) -> TableFile.write(ExportTables.responses(dataset(content)), place),
        () -> digest(folder.resolve("table.csv")));
  }

  @ParameterizedTest
  @EnumSource
  void vectors_areWholeAfterEveryFault(Fault fault) throws IOException {
    EncoderIdentity encoder = new EncoderIdentity("e", "ab".repeat(32), 2, 0);
    List<Question> questions =
        List.of(new Question("1", "one", "b"), new Question("2", "two", "b"));
    assertWholeAfterEveryFault(
        fault,
        folder.resolve("store"),
        (place, content) ->
            VectorStore.ofDataset(place)
                .attach(questions, FloatMatrix.wrap(2, 2, new float[] {content, 1, 2, 3}), encoder),
        () ->
            Arrays.toString(
                VectorStore.ofDataset(folder.resolve("store"))
                    .find(questions, encoder)
                    .orElseThrow()
                    .vectors()
                    .toArray()));
  }

  private Dataset dataset(int content) {
    return Sources.read(
        Sources.write(
            sources.resolve("t" + content + ".csv"),
            """
            model,prompt_id,prompt,score,cost,output_tokens,reference
            a,1,one,%d,0.5,7,A
            b,1,one,1,,9,A
            a,2,two,0,0.1,,B
            """
                .formatted(content)));
  }

  /// What is at a place now.
  @FunctionalInterface
  private interface State {
    String now() throws IOException;
  }

  private void assertWholeAfterEveryFault(Fault fault, Path place, Writer writer, State state)
      throws IOException {
    writer.write(place, 1);
    String fresh = state.now();
    writer.write(place, 0);
    String old = state.now();
    assertThat(old).isNotEqualTo(fresh);
    int failures = 0;
    for (int good = 0; good < MOST; good++) {
      Set<Path> before = names();
      FaultyFiles files = new FaultyFiles(folder, fault, good);
      boolean refused = false;
      try {
        writer.write(files.of(place), 1);
      } catch (IOException | UncheckedIOException | BadInputException e) {
        refused = true;
        assertThat(e.getMessage()).contains(String.valueOf(place.getFileName()));
      }
      String what = "%s after %d".formatted(fault, good);
      assertThat(state.now()).as(what).isEqualTo(refused ? old : fresh);
      assertThat(hidden()).as(what).isEmpty();
      assertThat(refused ? names() : before).as(what).isEqualTo(before);
      if (!files.failed()) {
        // The writer has fewer operations of this kind than were allowed to go well.
        assertThat(refused).as(what).isFalse();
        assertThat(failures).as(what).isPositive();
        return;
      }
      failures += refused ? 1 : 0;
      writer.write(place, 0);
      assertThat(state.now()).as(what).isEqualTo(old);
    }
    throw new AssertionError("more than " + MOST + " operations");
  }

  private Set<Path> names() throws IOException {
    try (Stream<Path> tree = Files.walk(folder)) {
      return Set.copyOf(tree.toList());
    }
  }

  private List<Path> hidden() throws IOException {
    try (Stream<Path> tree = Files.walk(folder)) {
      return tree.filter(path -> String.valueOf(path.getFileName()).startsWith(".")).toList();
    }
  }

  private static String digest(Path place) throws IOException {
    Map<String, String> files = new TreeMap<>();
    try (Stream<Path> tree = Files.walk(place)) {
      for (Path file : tree.filter(Files::isRegularFile).toList()) {
        files.put(place.relativize(file).toString(), Sha256.of(file));
      }
    }
    return files.toString();
  }
}
