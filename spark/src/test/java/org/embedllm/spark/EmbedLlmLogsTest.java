package org.embedllm.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.spark.sql.SparkSession;
import org.embedllm.dataset.DatasetDirectory;
import org.embedllm.ingest.DatasetImporter;
import org.embedllm.source.ConflictRule;
import org.embedllm.source.file.ImportProgress;
import org.embedllm.storage.Sha256;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbedLlmLogsTest {
  private static final SparkSession SPARK = LocalSpark.session();
  private static final EmbedLlmLogs.Settings SETTINGS =
      new EmbedLlmLogs.Settings("", ConflictRule.MEAN, "60/20/20", 7, new TreeMap<>());

  @TempDir private Path folder;

  /// Tables with conflicts, measures, references, attributes, votes and a question whose text
  /// another source has.
  @Test
  void read_sourcesOfManyKinds_writesTheDirectoryOfOneMachine() throws IOException {
    List<Path> sources = new ArrayList<>();
    for (int file = 0; file < 5; file++) {
      StringBuilder csv =
          new StringBuilder(
              "model,prompt_id,prompt,category,score,output_tokens,reference,attribute:kind\n");
      for (int j = 0; j < 40; j++) {
        int question = (file * 13 + j * 7) % 60;
        csv.append(
            "model-%d,q%d,What is %d?,b%d,0.%d,%d,answer %d,k%d\n"
                .formatted(
                    j % 3,
                    question,
                    question,
                    question % 2,
                    (j + file) % 10,
                    10 + j,
                    question,
                    question % 4));
      }
      sources.add(Files.writeString(folder.resolve("answers-" + file + ".csv"), csv));
    }
    sources.add(
        Files.writeString(
            folder.resolve("votes.jsonl"),
            """
            {"model_a": "model-0", "model_b": "model-9", "winner": "model_a", "prompt_id": "q1"}
            {"model_a": "model-2", "model_b": "model-1", "winner": "tie", "prompt_id": "q2"}
            """));
    Path expected = folder.resolve("expected");
    DatasetDirectory.write(
        new DatasetImporter(SETTINGS.options(), ImportProgress.NONE).read(sources),
        expected,
        false);
    Path written = folder.resolve("written");
    DatasetDirectory.write(EmbedLlmLogs.read(SPARK, sources, SETTINGS), written, false);
    assertThat(contents(written)).isEqualTo(contents(expected)).hasSizeGreaterThan(3);
  }

  @Test
  void read_aBadRow_namesFileAndLine() throws IOException {
    Path good =
        Files.writeString(folder.resolve("good.csv"), "model,prompt,score\na,What?,1\nb,What?,0\n");
    Path bad =
        Files.writeString(
            folder.resolve("bad.csv"), "model,prompt,score\na,Who?,1\na,Why?,seven\n");
    assertThatThrownBy(() -> EmbedLlmLogs.read(SPARK, List.of(good, bad), SETTINGS))
        .hasStackTraceContaining("bad.csv:3");
  }

  private static List<String> contents(Path folder) throws IOException {
    List<String> all = new ArrayList<>();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
        all.add(file.getFileName() + " " + Sha256.of(file));
      }
    }
    return all;
  }
}
