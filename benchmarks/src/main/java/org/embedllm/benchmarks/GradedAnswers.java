package org.embedllm.benchmarks;

import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.NamedCsvRecord;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.zip.GZIPInputStream;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.correctness.MeanScore;
import org.embedllm.correctness.Question;
import org.embedllm.forecast.RepeatErrors;
import org.embedllm.itemresponse.ItemParameters;
import org.embedllm.itemresponse.ItemResponses;
import org.embedllm.itemresponse.OneMoreAnswer;
import org.embedllm.linalg.Workers;
import org.embedllm.tensor.FloatMatrix;

/// The numbers on graded answers in docs/results.md: one sample of every other cell is left out and
/// forecast from the other samples of all cells. Then each sample in turn, as `evaluate` does it.
///
/// `--samples FILE` (CSV, `.gz` too: `model_name,prompt_id,score`, a row for each sample), `--draws
/// 5`.
public final class GradedAnswers {
  private static final int RESAMPLES = 2_000;
  private static final String BASELINE = "cell, shrunk to model + prompt";

  private GradedAnswers() {}

  /// Samples by model and prompt.
  ///
  /// @param scores `[m][n]`, those of a cell
  private record Samples(
      List<String> models, List<String> prompts, List<List<List<Double>>> scores) {
    List<Double> of(int model, int prompt) {
      return scores.get(model).get(prompt);
    }
  }

  /// A sample that is left out.
  private record LeftOut(int model, int prompt, double score) {}

  public static void main(String[] arguments) throws IOException {
    Flags flags = Flags.of(arguments);
    Samples samples = read(Path.of(flags.text("samples")));
    int n = samples.prompts().size();
    Map<String, double[][]> errors = new LinkedHashMap<>(); // by forecast: [n] of sum and count
    SplittableRandom random = new SplittableRandom(0);
    for (int draw = 0; draw < flags.integer("draws", 5); draw++) {
      List<LeftOut> left = new ArrayList<>();
      Samples kept = without(samples, left, random);
      Map<String, double[]> forecasts = forecasts(kept, left);
      forecasts.forEach((name, forecast) -> {
        double[][] sums = errors.computeIfAbsent(name, f -> new double[n][2]);
        for (int at = 0; at < left.size(); at++) {
          double error = forecast[at] - left.get(at).score();
          sums[left.get(at).prompt()][0] += error * error;
          sums[left.get(at).prompt()][1]++;
        }
      });
    }
    double[][] baseline = errors.getOrDefault(BASELINE, new double[n][2]);
    errors.forEach((name, sums) -> System.out.println(row(name, sums, baseline)));
    CorrectnessMatrix all = matrix(samples, true);
    RepeatErrors.of(all, OneMoreAnswer.of(known(all), all)::shrunk, 0)
        .ifPresent(System.out::println);
  }

  private static String row(String name, double[][] sums, double[][] baseline) {
    double[] differences = new double[RESAMPLES];
    SplittableRandom random = new SplittableRandom(1);
    for (int b = 0; b < RESAMPLES; b++) {
      double difference = 0;
      double count = 0;
      for (int j = 0; j < sums.length; j++) {
        int drawn = random.nextInt(sums.length);
        difference += sums[drawn][0] - baseline[drawn][0];
        count += sums[drawn][1];
      }
      differences[b] = difference / count;
    }
    Arrays.sort(differences);
    return String.format(
        Locale.ROOT,
        "%-52s %.4f, difference %.4f (%.4f to %.4f)",
        name,
        mean(sums),
        mean(sums) - mean(baseline),
        differences[RESAMPLES / 40],
        differences[RESAMPLES - 1 - RESAMPLES / 40]);
  }

  private static double mean(double[][] sums) {
    return Arrays.stream(sums).mapToDouble(s -> s[0]).sum()
        / Arrays.stream(sums).mapToDouble(s -> s[1]).sum();
  }

  private static Samples read(Path file) throws IOException {
    TreeSet<String> models = new TreeSet<>();
    TreeSet<String> prompts = new TreeSet<>();
    List<NamedCsvRecord> rows = new ArrayList<>();
    try (Reader text =
            new InputStreamReader(
                file.toString().endsWith(".gz")
                    ? new GZIPInputStream(Files.newInputStream(file))
                    : Files.newInputStream(file),
                StandardCharsets.UTF_8);
        CsvReader<NamedCsvRecord> csv = CsvReader.builder().ofNamedCsvRecord(text)) {
      csv.forEach(rows::add);
    }
    rows.removeIf(row -> row.getField("score").isBlank() || row.getField("score").equals("nan"));
    rows.forEach(row -> {
      models.add(row.getField("model_name"));
      prompts.add(row.getField("prompt_id"));
    });
    List<String> names = List.copyOf(models);
    List<String> ids = List.copyOf(prompts);
    List<List<List<Double>>> scores = empty(names.size(), ids.size());
    for (NamedCsvRecord row : rows) {
      scores
          .get(names.indexOf(row.getField("model_name")))
          .get(ids.indexOf(row.getField("prompt_id")))
          .add(Double.valueOf(row.getField("score")));
    }
    return new Samples(names, ids, scores);
  }

  private static List<List<List<Double>>> empty(int m, int n) {
    List<List<List<Double>>> scores = new ArrayList<>();
    for (int i = 0; i < m; i++) {
      List<List<Double>> own = new ArrayList<>();
      for (int j = 0; j < n; j++) {
        own.add(new ArrayList<>());
      }
      scores.add(own);
    }
    return scores;
  }

  /// @param left takes the samples that are left out
  private static Samples without(Samples samples, List<LeftOut> left, SplittableRandom random) {
    int m = samples.models().size();
    int n = samples.prompts().size();
    List<List<List<Double>>> kept = empty(m, n);
    for (int i = 0; i < m; i++) {
      for (int j = 0; j < n; j++) {
        List<Double> own = kept.get(i).get(j);
        own.addAll(samples.of(i, j));
        if (own.size() > 1 && random.nextBoolean()) {
          left.add(new LeftOut(i, j, own.remove(random.nextInt(own.size()))));
        }
      }
    }
    return new Samples(samples.models(), samples.prompts(), kept);
  }

  /// What is forecast of each sample, by the name of the way.
  private static Map<String, double[]> forecasts(Samples kept, List<LeftOut> left) {
    int m = kept.models().size();
    int n = kept.prompts().size();
    double[][] means = new double[m][n]; // NaN where there is no sample
    double[][] counts = new double[m][n];
    for (int i = 0; i < m; i++) {
      for (int j = 0; j < n; j++) {
        List<Double> own = kept.of(i, j);
        counts[i][j] = own.size();
        means[i][j] = own.stream().mapToDouble(s -> s).average().orElse(Double.NaN);
      }
    }
    double[][] added = additive(means);
    double[][] expected = new double[m][n];
    CorrectnessMatrix matrix = matrix(kept, true);
    ItemParameters known = known(matrix);
    List<ItemResponses> pool = ItemResponses.byModel(matrix);
    for (int i = 0; i < m; i++) {
      Arrays.setAll(expected[i], known.ability(pool.get(i))::probability);
    }
    Map<String, double[]> all = new LinkedHashMap<>();
    all.put("cell's other samples", of(means, left));
    all.put("model + prompt", of(added, left));
    all.put(BASELINE, shrunk(kept, means, counts, added, left));
    all.put("item response, graded likelihood", of(expected, left));
    all.put("the program", again(known, matrix, left));
    CorrectnessMatrix bare = matrix(kept, false);
    all.put("the program, variances not kept", again(known(bare), bare, left));
    return all;
  }

  private static double[] again(
      ItemParameters known, CorrectnessMatrix answers, List<LeftOut> left) {
    OneMoreAnswer one = OneMoreAnswer.of(known, answers);
    return left.stream().mapToDouble(l -> one.expected(l.model(), l.prompt())).toArray();
  }

  private static double[] of(double[][] forecast, List<LeftOut> left) {
    return left.stream().mapToDouble(l -> forecast[l.model()][l.prompt()]).toArray();
  }

  private static double[][] additive(double[][] means) {
    int m = means.length;
    int n = means[0].length;
    double overall =
        Arrays.stream(means)
            .flatMapToDouble(Arrays::stream)
            .filter(y -> !Double.isNaN(y))
            .average()
            .orElseThrow();
    double[] a = new double[m];
    double[] b = new double[n];
    for (int round = 0; round < 30; round++) {
      for (int i = 0; i < m; i++) {
        double sum = 0;
        double count = 1;
        for (int j = 0; j < n; j++) {
          if (!Double.isNaN(means[i][j])) {
            sum += means[i][j] - overall - b[j];
            count++;
          }
        }
        a[i] = sum / count;
      }
      for (int j = 0; j < n; j++) {
        double sum = 0;
        double count = 0.5;
        for (int i = 0; i < m; i++) {
          if (!Double.isNaN(means[i][j])) {
            sum += means[i][j] - overall - a[i];
            count++;
          }
        }
        b[j] = sum / count;
      }
    }
    double[][] forecast = new double[m][n];
    for (int i = 0; i < m; i++) {
      for (int j = 0; j < n; j++) {
        forecast[i][j] = overall + a[i] + b[j];
      }
    }
    return forecast;
  }

  /// The samples as a data set keeps them.
  ///
  /// @param apart whether it is kept how far those of a cell are apart
  private static CorrectnessMatrix matrix(Samples samples, boolean apart) {
    int m = samples.models().size();
    int n = samples.prompts().size();
    List<Question> questions =
        samples.prompts().stream().map(id -> new Question(id, id, Question.NO_BENCHMARK)).toList();
    MeanScore[][] cells = new MeanScore[n][m];
    float[][] scores = new float[n][m];
    for (int j = 0; j < n; j++) {
      for (int i = 0; i < m; i++) {
        MeanScore cell = new MeanScore();
        samples.of(i, j).forEach(score -> cell.add(score, 1, Double.NaN));
        cells[j][i] = cell;
        scores[j][i] = (float) cell.mean();
      }
    }
    CorrectnessMatrix matrix = CorrectnessMatrix.ofDense(samples.models(), questions, scores);
    float[] repeats = new float[matrix.cellCount()];
    float[] variances = new float[matrix.cellCount()];
    for (int j = 0; j < n; j++) {
      for (int c = matrix.firstCell(j); c < matrix.firstCell(j + 1); c++) {
        repeats[c] = (float) cells[j][matrix.cellModel(c)].repeats();
        variances[c] = (float) cells[j][matrix.cellModel(c)].variance();
      }
    }
    return apart ? matrix.withRepeats(repeats, variances) : matrix.withRepeats(repeats);
  }

  /// The pool's item parameters, fitted with the likelihood of graded scores.
  private static ItemParameters known(CorrectnessMatrix matrix) {
    float[] constant = new float[matrix.questionCount()];
    Arrays.fill(constant, 1);
    try (Workers workers = new Workers(2)) {
      return ItemParameters.fit(matrix, FloatMatrix.wrap(constant.length, 1, constant), workers);
    }
  }

  /// Expectations moved towards the mean of a cell's samples by the share of the variance that is
  /// between cells, which is the same everywhere.
  private static double[] shrunk(
      Samples kept, double[][] means, double[][] counts, double[][] expected, List<LeftOut> left) {
    double squares = 0;
    double freedom = 0;
    double off = 0;
    double inverse = 0;
    double cells = 0;
    for (int i = 0; i < means.length; i++) {
      for (int j = 0; j < means[i].length; j++) {
        if (counts[i][j] > 0) {
          for (double score : kept.of(i, j)) {
            squares += (score - means[i][j]) * (score - means[i][j]);
          }
          freedom += counts[i][j] - 1;
          off += (means[i][j] - expected[i][j]) * (means[i][j] - expected[i][j]);
          inverse += 1 / counts[i][j];
          cells++;
        }
      }
    }
    double within = squares / freedom;
    double between = Math.max(1e-3, (off - within * inverse) / cells);
    return left.stream()
        .mapToDouble(l -> {
          double p = expected[l.model()][l.prompt()];
          double share = between / (between + within / counts[l.model()][l.prompt()]);
          return p + share * (means[l.model()][l.prompt()] - p);
        })
        .toArray();
  }
}
