package org.embedllm.spark;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.apache.spark.sql.SparkSession;
import org.embedllm.artifact.ModelArtifact;
import org.embedllm.artifact.PoolTrainer;
import org.embedllm.correctness.EvaluationData;
import org.embedllm.correctness.Question;
import org.embedllm.correctness.SplitPart;
import org.embedllm.ingest.DatasetLoader;
import org.embedllm.kernel.KernelOptions;
import org.embedllm.question.EncoderIdentity;
import org.embedllm.question.QuestionVectors;
import org.embedllm.question.TextFeatureSet;
import org.embedllm.question.TextFeatureVectors;
import org.embedllm.question.VectorStore;
import org.embedllm.storage.BadInputException;
import org.embedllm.storage.SingleWriter;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `train DATASET --to MODEL [--sample-models N]`.
@Command(
    name = "train",
    description =
        "Trains the default forecaster: what models share on the driver, their vectors as a map.")
final class TrainJob implements Callable<Integer> {
  @Mixin private JobOptions options;

  @Parameters(
      index = "0",
      paramLabel = "DATASET",
      description = "Data set directory on the driver, imported and encoded.")
  private Path dataset = Path.of("");

  @Option(
      names = "--to",
      required = true,
      paramLabel = "MODEL",
      description = "Model file to write.")
  private Path target = Path.of("");

  @Option(
      names = "--encoder",
      paramLabel = "ID",
      description = "Encoder whose stored vectors are used, where there are several.")
  private @Nullable String encoder;

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "Seed of landmarks and sample. Default: 0.")
  private @Nullable Long seed;

  @Option(
      names = "--sample-models",
      paramLabel = "N",
      description =
          "Models that the shared parts are fitted to, drawn by the hash of their names; at most all."
              + " Default: 1000.")
  private int sampleModels = EmbedLlmTraining.SAMPLE_MODELS;

  @Override
  public Integer call() throws IOException {
    if (sampleModels < 2) {
      throw BadInputException.of("--sample-models must be at least 2; got " + sampleModels);
    }
    SingleWriter place = ModelArtifact.reserve(target, true);
    try {
      train();
    } finally {
      place.close();
    }
    return EmbedLlmJob.DONE;
  }

  private void train() throws IOException {
    long start = System.nanoTime();
    var loaded = DatasetLoader.load(dataset);
    EvaluationData data = loaded.data();
    var input =
        new PoolTrainer.Input(
            data.part(SplitPart.TRAIN),
            data.part(SplitPart.VALIDATION),
            vectors(data),
            data.digest(),
            Map.of(),
            data.callCosts());
    try (SparkSession spark = options.session("train")) {
      KernelOptions settings =
          seed == null ? KernelOptions.DEFAULT : KernelOptions.DEFAULT.withSeed(seed);
      PoolTrainer.Trained trained =
          EmbedLlmTraining.train(
              spark, input, settings, sampleModels, options.partitions(spark), version());
      trained.withReferences(loaded.references()).write(target, true);
      Map<String, Object> document = new LinkedHashMap<>();
      document.put("model", target.toString());
      document.put("models", trained.artifact().factorization().models().size());
      document.put("sampleModels", Math.min(sampleModels, input.train().modelCount()));
      document.put("cells", input.train().cellCount());
      document.put("seconds", (System.nanoTime() - start) * 1e-9);
      options.json(document);
      options.line(
          "trained %d models, %d of them in the sample, on %d answers; wrote %s"
              .formatted(
                  trained.artifact().factorization().models().size(),
                  Math.min(sampleModels, input.train().modelCount()),
                  input.train().cellCount(),
                  target));
    }
  }

  /// The version in the jar's manifest.
  private static String version() {
    return Optional.ofNullable(TrainJob.class.getPackage().getImplementationVersion())
        .orElse("development");
  }

  /// Stored vectors of the questions that training may see, with text features as the command
  /// `train` appends them.
  private QuestionVectors vectors(EvaluationData data) throws IOException {
    List<Question> questions = new ArrayList<>(data.part(SplitPart.TRAIN).questions());
    questions.addAll(data.part(SplitPart.VALIDATION).questions());
    VectorStore store = VectorStore.ofDataset(dataset);
    List<EncoderIdentity> kept =
        store.encoders().stream()
            .filter(one -> encoder == null || one.name().equals(encoder))
            .toList();
    if (kept.size() != 1) {
      throw BadInputException.in(
          dataset,
          "has vectors of %d such encoders (%s): %s"
              .formatted(
                  kept.size(),
                  String.join(", ", kept.stream().map(EncoderIdentity::name).toList()),
                  kept.isEmpty() ? "encode it first" : "choose one with --encoder"));
    }
    Optional<QuestionVectors> found = store.find(questions, kept.getFirst());
    QuestionVectors vectors =
        found.orElseThrow(() ->
            BadInputException.in(dataset, "lacks vectors of some questions: encode it again"));
    boolean there = vectors.encoder().textFeatures() != TextFeatureSet.NONE;
    boolean textless = questions.stream().allMatch(question -> question.text().isBlank());
    return there || textless ? vectors : TextFeatureVectors.append(vectors, questions);
  }
}
