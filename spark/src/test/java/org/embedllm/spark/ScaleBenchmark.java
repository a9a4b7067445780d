package org.embedllm.spark;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.LongAccumulator;
import org.embedllm.artifact.ModelAddition;
import org.embedllm.artifact.ModelArtifact;
import org.embedllm.artifact.PoolPlacement;
import org.embedllm.artifact.PoolTrainer;
import org.embedllm.artifact.TrainingQuestions;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.correctness.Question;
import org.embedllm.kernel.KernelFactorizationTrainer;
import org.embedllm.kernel.KernelOptions;
import org.embedllm.question.EncoderIdentity;
import org.embedllm.question.QuestionVectors;
import org.embedllm.tensor.FloatMatrix;

/// Growth of `add` with the number of models, on simulated answers, beside one machine:
/// `ScaleBenchmark FOLDER QUESTIONS MODELS...`. What was made in FOLDER is used again. With `train`
/// before the numbers of models, pools of so many are trained instead.
final class ScaleBenchmark {
  private static final double OBSERVED = 0.01;
  private static final int POOL = 24;
  private static final int COMPARED = 200; // models that one machine places

  private static final KernelOptions OPTIONS =
      KernelOptions.DEFAULT.withDimensions(List.of(8)).withLandmarks(128);

  private final SparkSession spark;
  private final Path folder;
  private final int questions;

  private ScaleBenchmark(SparkSession spark, Path folder, int questions) {
    this.spark = spark;
    this.folder = folder;
    this.questions = questions;
  }

  public static void main(String[] arguments) throws IOException {
    Path folder = Path.of(arguments[0]);
    Files.createDirectories(folder);
    SparkSession spark = LocalSpark.session();
    var benchmark = new ScaleBenchmark(spark, folder, Integer.parseInt(arguments[1]));
    if (arguments[2].equals("train")) {
      for (int i = 3; i < arguments.length; i++) {
        benchmark.train(Integer.parseInt(arguments[i]));
      }
      return;
    }
    ModelArtifact artifact = benchmark.pool();
    TrainingQuestions known =
        TrainingQuestions.beside(folder.resolve("pool.safetensors"), artifact).orElseThrow();
    double before = 0;
    for (int i = 2; i < arguments.length; i++) {
      int models = Integer.parseInt(arguments[i]);
      double used = benchmark.run(artifact, known, models);
      if (before > 0) {
        double exponent =
            Math.log(used / before) / Math.log(models / Double.parseDouble(arguments[i - 1]));
        System.out.printf(Locale.ROOT, "growth since the line before: exponent %.3f%n", exponent);
      }
      before = used;
    }
  }

  /// @return processor seconds of placing all models
  private double run(ModelArtifact artifact, TrainingQuestions known, int models)
      throws IOException {
    String answers = answers(models);
    PoolPlacement placement = PoolPlacement.of(artifact, known);
    oneMachine(artifact, known, models); // Until the code is compiled.
    double single = oneMachine(artifact, known, models);
    LongAccumulator solver = new LongAccumulator();
    double cpu = cpu();
    long start = System.nanoTime();
    String target = folder.resolve("placed-" + models).toString();
    EmbedLlmAddition.place(
            AnswerTable.read(spark, List.of(answers), Map.of()), placement, 24, solver)
        .write()
        .mode(SaveMode.Overwrite)
        .parquet(target);
    double seconds = (System.nanoTime() - start) * 1e-9;
    double used = cpu() - cpu;
    Row totals =
        spark.read().parquet(target).selectExpr("count_if(error is null)", "sum(answers)").first();
    System.out.printf(
        Locale.ROOT,
        "%,d models, %,d answers: %.1f s, %.1f processor s, %.1f in the solver; one machine %.2f ms a model, here %.2f; share %.0f %%; heap %d MB%n",
        totals.getLong(0),
        totals.getLong(1),
        seconds,
        used,
        solver.value() * 1e-9,
        single * 1e3,
        used * 1e3 / models,
        100 * single * models / used,
        (Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory()) >> 20);
    return used;
  }

  /// Trains a pool of all models; what they share is fitted to a sample.
  private void train(int models) throws IOException {
    CorrectnessMatrix matrix = matrix(models);
    double cpu = cpu();
    long start = System.nanoTime();
    PoolTrainer.Trained trained =
        EmbedLlmTraining.train(
            spark,
            input(matrix, vectors()),
            OPTIONS,
            EmbedLlmTraining.SAMPLE_MODELS,
            24,
            "benchmark");
    trained.write(folder.resolve("trained-" + models + ".safetensors"), true);
    System.out.printf(
        Locale.ROOT,
        "trained %,d models, %,d answers, a sample of %,d: %.1f s, %.1f processor s%n",
        trained.artifact().factorization().models().size(),
        matrix.cellCount(),
        EmbedLlmTraining.SAMPLE_MODELS,
        (System.nanoTime() - start) * 1e-9,
        cpu() - cpu);
  }

  /// Simulated answers, which the driver holds.
  private CorrectnessMatrix matrix(int models) {
    List<String> names = new ArrayList<>();
    List<List<Row>> byModel = new ArrayList<>();
    int[] offsets = new int[questions + 1];
    for (int i = 0; i < models; i++) {
      names.add(name(i));
      byModel.add(new Simulated(questions).of(i));
      byModel.get(i).forEach(row -> offsets[question(row) + 1]++);
    }
    java.util.Arrays.parallelPrefix(offsets, Integer::sum);
    int[] next = offsets.clone();
    int[] cells = new int[offsets[questions]];
    float[] scores = new float[cells.length];
    for (int i = 0; i < models; i++) {
      for (Row row : byModel.get(i)) {
        int at = next[question(row)]++;
        cells[at] = i;
        scores[at] = row.getFloat(2);
      }
    }
    return CorrectnessMatrix.ofCells(names, questions(), offsets, cells, scores);
  }

  private static int question(Row row) {
    return Integer.parseInt(row.getString(1).substring(1));
  }

  /// Processor seconds of one machine for a model, placed and measured as the command does.
  private double oneMachine(ModelArtifact artifact, TrainingQuestions known, int models) {
    int count = Math.min(COMPARED, models);
    var addition = new ModelAddition(artifact, known);
    List<String> names = new ArrayList<>();
    float[][] scores = new float[questions][count];
    for (float[] row : scores) {
      java.util.Arrays.fill(row, Float.NaN);
    }
    for (int i = 0; i < count; i++) {
      names.add(name(i));
      for (Row row : new Simulated(questions).of(i)) {
        scores[question(row)][i] = row.getFloat(2);
      }
    }
    CorrectnessMatrix matrix = CorrectnessMatrix.ofDense(names, known.matrix().questions(), scores);
    double before = cpu();
    addition
        .placeAll(matrix, Optional.empty(), 2, System::nanoTime, (i, s) -> {})
        .forEach(one -> {
          one.ability().accuracy();
          one.ability().accuracyByBenchmark();
        });
    return (cpu() - before) / count;
  }

  private static double cpu() {
    return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
            .getProcessCpuTime()
        * 1e-9;
  }

  private ModelArtifact pool() throws IOException {
    Path file = folder.resolve("pool.safetensors");
    if (!Files.exists(file)) {
      float[] vectors = vectors();
      float[][] scores = new float[questions][POOL];
      var random = new SplittableRandom(1);
      for (int j = 0; j < questions; j++) {
        for (int i = 0; i < POOL; i++) {
          double logit = i * 0.1 - 1 + vectors[j * 8 + i % 8] + Math.sin(j);
          scores[j][i] = random.nextDouble() < 1 / (1 + Math.exp(-logit)) ? 1 : 0;
        }
      }
      List<String> names = new ArrayList<>();
      for (int i = 0; i < POOL; i++) {
        names.add("pool-" + i);
      }
      CorrectnessMatrix matrix = CorrectnessMatrix.ofDense(names, questions(), scores);
      new PoolTrainer(new KernelFactorizationTrainer(OPTIONS), "benchmark")
          .train(input(matrix, vectors), report -> {})
          .write(file, true);
    }
    return ModelArtifact.open(file);
  }

  private List<Question> questions() {
    List<Question> list = new ArrayList<>();
    for (int j = 0; j < questions; j++) {
      list.add(new Question("q" + j, "", "b" + j % 10));
    }
    return list;
  }

  private float[] vectors() {
    var random = new SplittableRandom(2);
    float[] vectors = new float[questions * 8]; // [questions, 8]
    for (int k = 0; k < vectors.length; k++) {
      vectors[k] = (float) random.nextGaussian();
    }
    return vectors;
  }

  private PoolTrainer.Input input(CorrectnessMatrix matrix, float[] vectors) {
    return new PoolTrainer.Input(
        matrix,
        matrix.selectQuestions(new int[0]),
        new QuestionVectors(
            matrix.questions().stream().map(Question::id).toList(),
            FloatMatrix.wrap(questions, 8, vectors),
            new EncoderIdentity("simulated", "00", 8, 0)),
        "00",
        Map.of(),
        Map.of());
  }

  private String answers(int models) {
    String folder = this.folder.resolve("answers-" + models + ".parquet").toString();
    if (!Files.exists(Path.of(folder, "_SUCCESS"))) {
      Dataset<Row> cells =
          spark
              .range(0, models, 1, 16)
              .flatMap(
                  new Simulated(questions),
                  Encoders.row(
                      new StructType()
                          .add("model_name", DataTypes.StringType)
                          .add("prompt_id", DataTypes.StringType)
                          .add("score", DataTypes.FloatType)));
      cells.write().mode(SaveMode.Overwrite).parquet(folder);
    }
    return folder;
  }

  private static String name(long model) {
    return String.format(Locale.ROOT, "model-%06d", model);
  }

  private record Simulated(int questions) implements FlatMapFunction<Long, Row> {
    @Override
    public Iterator<Row> call(Long model) {
      return of(model).iterator();
    }

    List<Row> of(long model) {
      var random = new SplittableRandom(model);
      double ability = random.nextDouble(-1, 1.5);
      List<Row> rows = new ArrayList<>();
      for (int j = 0; j < questions; j++) {
        if (random.nextDouble() < OBSERVED) {
          boolean right = random.nextDouble() < 1 / (1 + Math.exp(-ability - Math.sin(j)));
          rows.add(RowFactory.create(name(model), "q" + j, right ? 1f : 0f));
        }
      }
      return rows;
    }
  }
}
