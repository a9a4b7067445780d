package org.embedllm.benchmarks;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.dataset.AnswerOutputs;
import org.embedllm.dataset.Dataset;
import org.embedllm.facts.AbilityRegression;
import org.embedllm.facts.FactsFile;
import org.embedllm.facts.ModelFacts;
import org.embedllm.facts.ModelOutputs;
import org.embedllm.facts.OutputMeans;
import org.embedllm.facts.OutputSimilarity;
import org.embedllm.ingest.DatasetLoader;
import org.embedllm.itemresponse.Ability;
import org.embedllm.itemresponse.AbilityPrior;
import org.embedllm.itemresponse.ItemParameters;
import org.embedllm.itemresponse.ItemResponses;
import org.embedllm.linalg.Shuffle;
import org.embedllm.linalg.Workers;
import org.embedllm.onnx.EncoderSettings;
import org.embedllm.onnx.Encoders;
import org.embedllm.question.QuestionEncoder;
import org.embedllm.tensor.FloatMatrix;

/// The numbers on models without answers in docs/results.md: each model is left out in turn, and
/// its accuracy is estimated from 0 to 50 random answers after different priors.
///
/// `--data DATASET` (imported with `--keep-outputs`), `--questions 1500` of its questions or
/// `--with-texts` for those whose answers' texts were kept, `--draws 10`. What models write is 100
/// texts of each, as `train --outputs` takes them. `--facts FILE` adds facts: as `add` takes them,
/// with what names say besides; without what names say; and each column alone.
public final class PriorComparison {
  private static final int[] ANSWERS = {0, 10, 20, 50};
  private static final int RESAMPLES = 4_000;
  private static final String POOL = "pool's mean";
  private static final String FACTS = "facts and name";

  private PriorComparison() {}

  public static void main(String[] arguments) throws IOException {
    Flags flags = Flags.of(arguments);
    Dataset dataset = DatasetLoader.load(Path.of(flags.text("data")));
    CorrectnessMatrix all = dataset.data().matrix();
    CorrectnessMatrix matrix =
        all.selectQuestions(
            flags.has("with-texts")
                ? withTexts(dataset)
                : spaced(all.questionCount(), flags.integer("questions", 1_500)));
    OutputMeans means = outputs(dataset);
    Map<String, double[][]> errors = new LinkedHashMap<>(); // by prior: [answers][m]
    Map<String, double[]> covered = new LinkedHashMap<>();
    int draws = flags.integer("draws", 10);
    Map<String, Map<String, String>> facts =
        flags.has("facts") ? FactsFile.read(Path.of(flags.text("facts"))) : Map.of();
    for (int i = 0; i < matrix.modelCount(); i++) {
      leaveOut(matrix, i, means, facts, draws, errors, covered);
    }
    System.out.printf(
        "%d questions: mean absolute error of accuracy (covered) and its difference to the pool's mean"
            + " with a 95 %% interval by models, with %s answers%n",
        matrix.questionCount(), Arrays.toString(ANSWERS));
    double[][] pool = errors.getOrDefault(POOL, new double[0][]);
    errors.forEach((name, rows) -> {
      StringBuilder text = new StringBuilder(String.format(Locale.ROOT, "%-20s", name));
      for (int a = 0; a < ANSWERS.length; a++) {
        text.append(
            String.format(
                Locale.ROOT,
                " %.4f (%.2f) %s;",
                mean(rows[a]),
                covered.getOrDefault(name, new double[ANSWERS.length])[a]
                    / (matrix.modelCount() * draws),
                difference(rows[a], pool[a])));
      }
      System.out.println(text);
    });
    beside(errors, "by benchmark", "outputs");
    beside(errors, "by benchmark", "name");
    beside(errors, "name, by benchmark", "name");
    if (!facts.isEmpty()) {
      beside(errors, FACTS, "name");
    }
  }

  private static void beside(Map<String, double[][]> errors, String some, String other) {
    double[][] none = new double[ANSWERS.length][0];
    StringBuilder text = new StringBuilder(some + " minus " + other);
    for (int a = 0; a < ANSWERS.length; a++) {
      text.append(' ')
          .append(
              difference(errors.getOrDefault(some, none)[a], errors.getOrDefault(other, none)[a]));
    }
    System.out.println(text);
  }

  private static int[] spaced(int n, int wanted) {
    int step = Math.max(1, n / wanted);
    return IntStream.range(0, n).filter(j -> j % step == 0).limit(wanted).toArray();
  }

  /// The questions of which an answer's text was kept.
  private static int[] withTexts(Dataset dataset) throws IOException {
    CorrectnessMatrix matrix = dataset.data().matrix();
    BitSet found = new BitSet();
    try (AnswerOutputs.Cursor cursor = dataset.outputs().open()) {
      for (int j = 0; j < matrix.questionCount(); j++) {
        for (int c = matrix.firstCell(j); c < matrix.firstCell(j + 1); c++) {
          if (!cursor.text(c).isBlank()) {
            found.set(j);
          }
        }
      }
    }
    return found.stream().toArray();
  }

  private static double mean(double[] values) {
    return Arrays.stream(values).average().orElse(Double.NaN);
  }

  /// The mean difference with its 95 % interval, models drawn again.
  private static String difference(double[] some, double[] others) {
    SplittableRandom random = new SplittableRandom(1);
    int m = some.length;
    double[] means = new double[RESAMPLES];
    for (int b = 0; b < RESAMPLES; b++) {
      for (int t = 0; t < m; t++) {
        int i = random.nextInt(m);
        means[b] += (some[i] - others[i]) / m;
      }
    }
    Arrays.sort(means);
    return String.format(
        Locale.ROOT,
        "%+.4f (%+.4f to %+.4f)",
        mean(some) - mean(others),
        means[RESAMPLES / 40],
        means[RESAMPLES - 1 - RESAMPLES / 40]);
  }

  private static OutputMeans outputs(Dataset dataset) throws IOException {
    try (QuestionEncoder encoder =
        Encoders.open(Encoders.DEFAULT, EncoderSettings.of(System.getenv()))) {
      return ModelOutputs.means(
          ModelOutputs.of(dataset),
          encoder,
          dataset.data().matrix().benchmarks(),
          (done, total) -> {});
    }
  }

  private static void leaveOut(
      CorrectnessMatrix matrix,
      int left,
      OutputMeans means,
      Map<String, Map<String, String>> facts,
      int draws,
      Map<String, double[][]> errors,
      Map<String, double[]> covered) {
    int m = matrix.modelCount();
    int[] order = new int[m]; // the pool, then the model
    int at = 0;
    for (int i = 0; i < m; i++) {
      if (i != left) {
        order[at++] = i;
      }
    }
    order[at] = left;
    CorrectnessMatrix pool = matrix.selectModels(Arrays.copyOf(order, m - 1));
    float[] ones = new float[matrix.questionCount()];
    Arrays.fill(ones, 1);
    ItemParameters known;
    List<Double> abilities = new ArrayList<>();
    try (Workers workers = new Workers(2)) {
      known = ItemParameters.fit(pool, FloatMatrix.wrap(ones.length, 1, ones), workers);
    }
    ItemResponses.byModel(pool).forEach(r -> abilities.add(known.ability(r).value()));
    List<String> names = Arrays.stream(order).mapToObj(i -> matrix.models().get(i)).toList();
    FloatMatrix byName = ModelFacts.similarity(ModelFacts.of(names, Map.of()));
    OutputMeans ordered =
        new OutputMeans(rows(means.overall(), order), rows(means.byBenchmark(), order));
    FloatMatrix byOutputs = OutputSimilarity.similarity(ordered.overall());
    FloatMatrix byBenchmark = ordered.similarity(m - 1);
    Map<String, AbilityPrior> priors = new LinkedHashMap<>();
    priors.put(POOL, AbilityPrior.POOL);
    priors.put("name", AbilityRegression.fit(byName, abilities).prior(m - 1));
    priors.put("outputs", AbilityRegression.fit(byOutputs, abilities).prior(m - 1));
    priors.put("by benchmark", AbilityRegression.fit(byBenchmark, abilities).prior(m - 1));
    priors.put(
        "name and outputs", AbilityRegression.fit(sum(byName, byOutputs), abilities).prior(m - 1));
    priors.put(
        "name, by benchmark",
        AbilityRegression.fit(sum(byName, byBenchmark), abilities).prior(m - 1));
    if (!facts.isEmpty()) {
      priors.put(FACTS, byFacts(ModelFacts.of(names, facts), abilities));
      List<Map<String, String>> given =
          names.stream().map(name -> facts.getOrDefault(name, Map.of())).toList();
      priors.put("facts", byFacts(given, abilities));
      for (String column : facts.values().iterator().next().keySet()) {
        priors.put(
            "fact " + column,
            byFacts(
                given.stream().map(own -> Map.of(column, own.getOrDefault(column, ""))).toList(),
                abilities));
      }
    }
    // As the command `add` chooses: texts only where names explain nothing of the pool.
    AbilityRegression named = AbilityRegression.fit(byName, abilities);
    priors.put(
        "as add chooses",
        (named.explained() > 0 ? named : AbilityRegression.fit(byBenchmark, abilities))
            .prior(m - 1));
    ItemResponses own = ItemResponses.byModel(matrix).get(left);
    double truth = IntStream.range(0, own.count()).mapToDouble(own::score).average().orElse(0);
    for (int draw = 0; draw < draws; draw++) {
      int[] shuffled =
          Shuffle.of(
              IntStream.range(0, own.count()).toArray(), new SplittableRandom(100L * left + draw));
      for (int a = 0; a < ANSWERS.length; a++) {
        boolean[] asked = new boolean[matrix.questionCount()];
        for (int t = 0; t < ANSWERS[a]; t++) {
          asked[own.question(shuffled[t])] = true;
        }
        boolean[] answered = new boolean[matrix.questionCount()];
        for (int t = 0; t < own.count(); t++) {
          answered[own.question(t)] = true;
        }
        ItemResponses some = own.only(j -> asked[j]);
        double plain = some.count() == 0 ? Double.NaN : mean(scores(some));
        errors
                .computeIfAbsent("mean of the answers", k -> new double[ANSWERS.length][m])[a][
                left] +=
            Math.abs(plain - truth) / draws;
        for (Map.Entry<String, AbilityPrior> prior : priors.entrySet()) {
          Ability.Accuracy estimate =
              known.ability(some, prior.getValue()).accuracy(j -> answered[j]);
          errors.computeIfAbsent(prior.getKey(), k -> new double[ANSWERS.length][m])[a][left] +=
              Math.abs(estimate.value() - truth) / draws;
          covered.computeIfAbsent(prior.getKey(), k -> new double[ANSWERS.length])[a] +=
              estimate.low() <= truth && truth <= estimate.high() ? 1 : 0;
        }
      }
    }
  }

  /// The prior of the last model.
  private static AbilityPrior byFacts(List<Map<String, String>> facts, List<Double> abilities) {
    return AbilityRegression.fit(ModelFacts.similarity(facts), abilities).prior(abilities.size());
  }

  private static double[] scores(ItemResponses responses) {
    return IntStream.range(0, responses.count()).mapToDouble(responses::score).toArray();
  }

  private static FloatMatrix rows(FloatMatrix means, int[] order) {
    float[] rows = new float[order.length * means.columns()];
    for (int i = 0; i < order.length; i++) {
      System.arraycopy(means.row(order[i]), 0, rows, i * means.columns(), means.columns());
    }
    return FloatMatrix.wrap(order.length, means.columns(), rows);
  }

  private static FloatMatrix sum(FloatMatrix a, FloatMatrix b) {
    float[] sum = a.toArray();
    for (int i = 0; i < sum.length; i++) {
      sum[i] += b.get(i / b.columns(), i % b.columns());
    }
    return FloatMatrix.wrap(a.rows(), a.columns(), sum);
  }
}
