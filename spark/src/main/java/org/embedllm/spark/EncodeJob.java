package org.embedllm.spark;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.embedllm.correctness.Question;
import org.embedllm.ingest.DatasetLoader;
import org.embedllm.onnx.Encoders;
import org.embedllm.question.EncodingSummary;
import org.embedllm.question.VectorStore;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `encode DATASET [--encoder ID]`.
@Command(
    name = "encode",
    description =
        "Encodes the questions of a data set on all processes; kept vectors are not computed again.")
final class EncodeJob implements Callable<Integer> {
  @Mixin private JobOptions options;

  @Parameters(
      index = "0",
      paramLabel = "DATASET",
      description = "Data set directory on the driver.")
  private Path dataset = Path.of("");

  @Option(
      names = "--encoder",
      paramLabel = "ID",
      description = "Sentence encoder that all processes have. Default: ${DEFAULT-VALUE}.")
  private String encoder = Encoders.DEFAULT;

  @Override
  public Integer call() throws IOException {
    List<Question> questions = DatasetLoader.load(dataset).data().matrix().questions();
    try (SparkSession spark = options.session("encode");
        DistributedEncoder distributed =
            new DistributedEncoder(
                JavaSparkContext.fromSparkContext(spark.sparkContext()),
                encoder,
                options.partitions(spark))) {
      EncodingSummary summary =
          VectorStore.ofDataset(dataset).encode(questions, distributed, done -> {}).summary();
      Map<String, Object> document = new LinkedHashMap<>();
      document.put("questions", summary.questions());
      document.put("texts", summary.texts());
      document.put("encoded", summary.encoded());
      document.put("reused", summary.reused());
      document.put("seconds", summary.elapsed().toMillis() * 1e-3);
      options.json(document);
      options.line(
          "encoded %d texts, %d were there".formatted(summary.encoded(), summary.reused()));
    }
    return EmbedLlmJob.DONE;
  }
}
