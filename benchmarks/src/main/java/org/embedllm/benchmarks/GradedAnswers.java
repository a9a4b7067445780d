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
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.zip.GZIPInputStream;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.correctness.MeanScore;
import org.embedllm.correctness.Question;
import org.embedllm.itemresponse.Ability;
import org.embedllm.itemresponse.ItemParameters;
import org.embedllm.itemresponse.OneMoreAnswer;
import org.embedllm.itemresponse.Responses;
import org.embedllm.linalg.Workers;
import org.embedllm.logistic.ScoreDispersion;
import org.embedllm.tensor.FloatMatrix;

/// The numbers on graded answers in docs/results.md: one sample of every other cell is left out and
/// forecast from the other samples of all cells. How cells are shrunk is chosen on samples that are
/// left out of these once more.
///
/// `--samples FILE` (CSV, `.gz` too: `model_name,prompt_id,score`, a row for each sample), `--draws
/// 5`.
public final class GradedAnswers {
  private static final int RESAMPLES = 2_000;
  private static final String BASELINE = "cell, shrunk to model + prompt";
  private static final String CHOSEN = "chosen on validation";
  private static final double EQUAL = Double.POSITIVE_INFINITY; // the same variances everywhere
  private static final double[] PRIOR_CELLS = {5, 15, 50};
  private static final int VALIDATIONS = 3;

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
    Map<String, Integer> choices = new TreeMap<>();
    SplittableRandom random = new SplittableRandom(0);
    for (int draw = 0; draw < flags.integer("draws", 5); draw++) {
      List<LeftOut> left = new ArrayList<>();
      Samples kept = without(samples, left, random);
      Map<String, double[]> forecasts = forecasts(kept, left);
      String choice = choice(kept, random);
      choices.merge(choice, 1, Integer::sum);
      forecasts.put(CHOSEN, forecasts.getOrDefault(choice, new double[0]));
      forecasts.forEach((name, forecast) -> {
        double[][] sums = errors.computeIfAbsent(name, f -> new double[n][2]);
        for (int at = 0; at < left.size(); at++) {
          double error = forecast[at] - left.get(at).score();
          sums[left.get(at).prompt()][0] += error * error;
          sums[left.get(at).prompt()][1]++;
        }
      });
    }
    System.out.println("chosen: " + choices);
    double[][] baseline = errors.getOrDefault(BASELINE, new double[n][2]);
    errors.forEach((name, sums) -> System.out.println(row(name, sums, baseline)));
  }

  /// The way to shrink cells with the smallest error on samples that are left out of those known.
  private static String choice(Samples known, SplittableRandom random) {
    Map<String, Double> errors = new TreeMap<>();
    for (int v = 0; v < VALIDATIONS; v++) {
      List<LeftOut> left = new ArrayList<>();
      forecasts(without(known, left, random), left)
          .forEach((name, forecast) -> {
            if (name.startsWith("cell,")) {
              double sum = 0;
              for (int at = 0; at < left.size(); at++) {
                double error = forecast[at] - left.get(at).score();
                sum += error * error / left.size();
              }
              errors.merge(name, sum, Double::sum);
            }
          });
    }
    return errors.entrySet().stream().min(Map.Entry.comparingByValue()).orElseThrow().getKey();
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
    double[][] again = new double[m][n];
    double[][] known = itemResponse(kept, means, counts, again);
    double[][] ones = new double[m][n];
    double[][] binomial = new double[m][n];
    for (int i = 0; i < m; i++) {
      for (int j = 0; j < n; j++) {
        ones[i][j] = 1;
        double p = Math.clamp(known[i][j], 0.02, 0.98);
        binomial[i][j] = p * (1 - p);
      }
    }
    Map<String, double[]> all = new LinkedHashMap<>();
    all.put("cell's other samples", of(means, left));
    all.put("model + prompt", of(added, left));
    all.put(BASELINE, shrunk(kept, means, counts, added, ones, EQUAL, left));
    all.put("item response, graded likelihood", of(known, left));
    all.put("the program: item response, own answers", of(again, left));
    all.put(
        "cell, shrunk to item response", shrunk(kept, means, counts, known, binomial, EQUAL, left));
    for (double prior : PRIOR_CELLS) {
      String variances = ", variances by prompt (%.0f)".formatted(prior);
      all.put(BASELINE + variances, shrunk(kept, means, counts, added, ones, prior, left));
      all.put(
          "cell, shrunk to item response" + variances,
          shrunk(kept, means, counts, known, binomial, prior, left));
    }
    return all;
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

  /// Expected scores by the pool's item parameters, fitted with the likelihood of graded scores.
  ///
  /// @param again `[m][n]`, takes what is expected of one more answer
  private static double[][] itemResponse(
      Samples kept, double[][] means, double[][] counts, double[][] again) {
    int m = means.length;
    int n = means[0].length;
    List<Question> questions =
        kept.prompts().stream().map(id -> new Question(id, id, Question.NO_BENCHMARK)).toList();
    float[][] scores = new float[n][m];
    for (int j = 0; j < n; j++) {
      for (int i = 0; i < m; i++) {
        scores[j][i] = (float) means[i][j];
      }
    }
    CorrectnessMatrix matrix = CorrectnessMatrix.ofDense(kept.models(), questions, scores);
    float[] repeats = new float[matrix.cellCount()];
    for (int j = 0; j < n; j++) {
      for (int c = matrix.firstCell(j); c < matrix.firstCell(j + 1); c++) {
        repeats[c] = (float) counts[matrix.cellModel(c)][j];
      }
    }
    float[] variances = new float[matrix.cellCount()];
    for (int j = 0; j < n; j++) {
      for (int c = matrix.firstCell(j); c < matrix.firstCell(j + 1); c++) {
        MeanScore mean = new MeanScore();
        kept.of(matrix.cellModel(c), j).forEach(score -> mean.add(score, 1, Double.NaN));
        variances[c] = (float) mean.variance();
      }
    }
    CorrectnessMatrix repeated = matrix.withRepeats(repeats, variances);
    float[] constant = new float[n];
    Arrays.fill(constant, 1);
    double[][] expected = new double[m][n];
    try (Workers workers = new Workers(2)) {
      ItemParameters known =
          ItemParameters.fit(repeated, FloatMatrix.wrap(n, 1, constant), workers);
      List<Responses> pool = Responses.byModel(repeated);
      OneMoreAnswer one = OneMoreAnswer.of(known, repeated);
      for (int i = 0; i < m; i++) {
        Ability ability = known.ability(pool.get(i));
        for (int j = 0; j < n; j++) {
          expected[i][j] = ability.probability(j);
          again[i][j] = one.expected(i, j);
        }
      }
    }
    return expected;
  }

  /// Expectations moved towards the mean of a cell's samples by the share of the variance that is
  /// between cells.
  ///
  /// @param unit `[m][n]`, variances in whose units a cell's variances are equal
  /// @param prior how many cells with the variances of all prompts each prompt's own are averaged
  ///   with; infinite for the same variances everywhere
  private static double[] shrunk(
      Samples kept,
      double[][] means,
      double[][] counts,
      double[][] expected,
      double[][] unit,
      double prior,
      List<LeftOut> left) {
    int n = means[0].length;
    double[] squares = new double[n];
    double[] freedom = new double[n];
    double[] off = new double[n]; // of cells, in units
    double[] inverse = new double[n]; // mean of 1 / count
    double[] cells = new double[n];
    for (int i = 0; i < means.length; i++) {
      for (int j = 0; j < n; j++) {
        if (counts[i][j] > 0) {
          for (double score : kept.of(i, j)) {
            squares[j] += (score - means[i][j]) * (score - means[i][j]);
          }
          freedom[j] += (counts[i][j] - 1) * unit[i][j];
          double error = means[i][j] - expected[i][j];
          off[j] += error * error / unit[i][j];
          inverse[j] += 1 / counts[i][j];
          cells[j]++;
        }
      }
    }
    double within = sum(squares) / sum(freedom);
    double between = Math.max(0, (sum(off) - within * sum(inverse)) / sum(cells));
    double perCell = sum(freedom) / sum(cells);
    ScoreDispersion[] byPrompt = new ScoreDispersion[n];
    for (int j = 0; j < n; j++) {
      double own =
          Double.isInfinite(prior)
              ? within
              : (squares[j] + prior * perCell * within) / (freedom[j] + prior * perCell);
      double spread =
          Double.isInfinite(prior)
              ? between
              : (off[j] - own * inverse[j] + prior * between) / (cells[j] + prior);
      byPrompt[j] = new ScoreDispersion(Math.max(1e-3, spread), own);
    }
    return left.stream()
        .mapToDouble(l -> {
          double p = expected[l.model()][l.prompt()];
          ScoreDispersion dispersion = byPrompt[l.prompt()];
          double variance =
              dispersion.between() + dispersion.within() / counts[l.model()][l.prompt()];
          return p + dispersion.between() / variance * (means[l.model()][l.prompt()] - p);
        })
        .toArray();
  }

  private static double sum(double[] values) {
    return Arrays.stream(values).sum();
  }
}
