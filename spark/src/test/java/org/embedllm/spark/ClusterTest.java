package org.embedllm.spark;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.embedllm.artifact.ModelAddition;
import org.embedllm.artifact.PoolTrainer;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.correctness.Question;
import org.embedllm.dataset.DatasetDirectory;
import org.embedllm.ingest.DatasetImporter;
import org.embedllm.question.QuestionVectors;
import org.embedllm.question.VectorStore;
import org.embedllm.source.ImportOptions;
import org.embedllm.source.file.ImportProgress;
import org.embedllm.storage.Sha256;
import org.embedllm.tensor.FloatMatrix;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Jobs on a cluster of several processes, one of which is killed.
@Tag("slow")
@Timeout(value = 15, unit = TimeUnit.MINUTES)
class ClusterTest {
  private static final int MODELS = 20_000;

  @TempDir private Path folder;

  @Test
  void add_aWorkerIsKilled_writesTheFileOfOneMachine() throws Exception {
    PoolTrainer.Trained pool = SmallPool.trained();
    Path model = folder.resolve("pool.safetensors");
    pool.write(model, true);
    CorrectnessMatrix added = SmallPool.answers("new", MODELS, 8, 0.5);
    Path answers = write(added, folder.resolve("answers.csv"));
    var addition = new ModelAddition(pool.artifact(), pool.questions());
    Path expected = folder.resolve("expected.safetensors");
    CorrectnessMatrix ordered = added.withModels(added.models().stream().sorted().toList());
    addition
        .with(addition.placeAll(ordered, Optional.empty(), 2, () -> 0, (i, s) -> {}))
        .write(expected, true);
    Path written = folder.resolve("written.safetensors");
    withAWorkerKilled("add", model.toString(), answers.toString(), "--to", written.toString());
    assertThat(Sha256.of(written)).isEqualTo(Sha256.of(expected));
  }

  @Test
  void train_aWorkerIsKilled_writesTheFileOfOneProcess() throws Exception {
    Path dataset = folder.resolve("data");
    CorrectnessMatrix matrix = SmallPool.answers("model", MODELS, 3, 0.5);
    DatasetDirectory.write(
        new DatasetImporter(ImportOptions.DEFAULT, ImportProgress.NONE)
            .read(List.of(write(matrix, folder.resolve("answers.csv")))),
        dataset,
        false);
    List<Question> questions = DatasetDirectory.read(dataset).data().matrix().questions();
    QuestionVectors vectors = SmallPool.vectors(matrix).of(questions);
    VectorStore.ofDataset(dataset)
        .attach(
            questions,
            FloatMatrix.wrap(vectors.count(), 3, vectors.vectors().toArray()),
            vectors.encoder());
    Path expected = folder.resolve("expected.safetensors");
    Path written = folder.resolve("written.safetensors");
    try (SparkCluster cluster = new SparkCluster(folder)) {
      Process one = cluster.submit("one", "local[2]", train(dataset, expected));
      assertThat(one.waitFor()).as(cluster.errors("one")).isZero();
    }
    withAWorkerKilled(train(dataset, written));
    assertThat(Sha256.of(written)).isEqualTo(Sha256.of(expected));
  }

  private static String[] train(Path dataset, Path model) {
    return new String[] {
      "train", dataset.toString(), "--to", model.toString(), "--sample-models", "40"
    };
  }

  private void withAWorkerKilled(String... job) throws Exception {
    try (SparkCluster cluster = new SparkCluster(folder)) {
      Process running = cluster.submit("job", cluster.master(), job);
      cluster.killAWorkerThatComputes();
      assertThat(running.waitFor()).as(cluster.errors("job")).isZero();
      assertThat(cluster.errors("job")).contains("Lost executor");
    }
  }

  private static Path write(CorrectnessMatrix matrix, Path file) throws IOException {
    try (PrintWriter out = new PrintWriter(Files.newBufferedWriter(file))) {
      out.println("model_name,prompt_id,prompt,category,score");
      for (int j = 0; j < matrix.questionCount(); j++) {
        Question question = matrix.questions().get(j);
        for (int c = matrix.firstCell(j); c < matrix.firstCell(j + 1); c++) {
          out.println(
              String.join(
                  ",",
                  matrix.models().get(matrix.cellModel(c)),
                  question.id(),
                  question.text(),
                  question.benchmark(),
                  Float.toString(matrix.cellScore(c))));
        }
      }
    }
    return file;
  }
}
