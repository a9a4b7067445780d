package org.embedllm.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.embedllm.dataset.Dataset;
import org.embedllm.dataset.DatasetDirectory;
import org.embedllm.source.ImportOptions;
import org.embedllm.source.file.ImportProgress;
import org.embedllm.storage.Sha256;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SourceRecordingTest {
  @TempDir private Path folder;

  /// Scores that conflict, measures, outputs, right answers, attributes, votes, and a question
  /// whose text only a later source has.
  @Test
  void recordings_ofSourcesOfManyKinds_giveTheDataSetOfOneImport() throws IOException {
    List<Path> sources =
        List.of(
            Files.writeString(
                folder.resolve("answers.csv"),
                """
                model,prompt_id,prompt,category,score,output_tokens,cost,output,reference,attribute:kind
                a,q1,What is 1?,x,1,10,0.5,one,1,k
                b,q1,What is 1?,x,0.25,12,,two,1,k
                a,q2,What is 2?,y,0,,0.1,,2,
                a,q1,What is 1?,x,0,14,0.5,three,1,k
                """),
            Files.writeString(
                folder.resolve("more.csv"), "model,prompt_id,score\na,q3,1\nb,q3,\nc,q3,0.5\n"),
            Files.writeString(
                folder.resolve("votes.jsonl"),
                """
                {"model_a": "a", "model_b": "d", "winner": "model_a", "prompt": "Ünd 4?"}
                {"model_a": "b", "model_b": "a", "winner": "tie", "prompt": "Ünd 4?"}
                """),
            Files.writeString(
                folder.resolve("texts.csv"), "prompt_id,prompt,reference\nq3,What is 3?,3\n"),
            longTexts(),
            log());
    ImportOptions options = ImportOptions.DEFAULT.withOutputsKept(true);
    DatasetImporter importer = new DatasetImporter(options, ImportProgress.NONE);
    List<String> expected = written(importer.read(sources), "expected");
    Dataset recorded =
        importer.read(
            sources, tasks -> tasks.stream().map(t -> SourceRecording.of(t, options)).iterator());
    assertThat(written(recorded, "recorded")).isEqualTo(expected).hasSizeGreaterThan(5);
  }

  /// A table whose recording has more than one piece.
  private Path longTexts() throws IOException {
    StringBuilder table = new StringBuilder("model,prompt_id,prompt,score\n");
    for (int i = 0; i < 30; i++) {
      table
          .append("a,long")
          .append(i)
          .append(",What is ")
          .append(i)
          .append(" ü".repeat(10_000 + i));
      table.append(",1\n");
    }
    return Files.writeString(folder.resolve("long.csv"), table);
  }

  /// A log whose model ran with an argument that tells it apart.
  private Path log() throws IOException {
    Path logs = Files.createDirectory(folder.resolve("logs"));
    Files.writeString(
        logs.resolve("results_2026-01-02T03-04-05.678901.json"),
        "{\"model_name\": \"e\", \"config\": {\"model_args\": {\"load_in_4bit\": true}}}");
    Files.writeString(
        logs.resolve("samples_t_2026-01-02T03-04-05.678901.jsonl"),
        "{\"doc_id\": 0, \"doc\": {\"question\": \"What is 5?\"}, \"target\": \"5\", \"acc\": 1}\n");
    return logs;
  }

  /// Names and digests of the files of a data set directory.
  private List<String> written(Dataset dataset, String name) throws IOException {
    Path target = folder.resolve(name);
    DatasetDirectory.write(dataset, target, false);
    List<String> all = new ArrayList<>();
    try (Stream<Path> files = Files.list(target)) {
      for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
        all.add(file.getFileName() + " " + Sha256.of(file));
      }
    }
    return all;
  }
}
