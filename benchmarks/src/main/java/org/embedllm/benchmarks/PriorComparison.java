package org.embedllm.benchmarks;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.embedllm.artifact.ModelArtifact;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.facts.AbilityRegression;
import org.embedllm.facts.ModelFacts;
import org.embedllm.facts.OutputSimilarity;
import org.embedllm.ingest.DatasetLoader;
import org.embedllm.itemresponse.Ability;
import org.embedllm.itemresponse.AbilityPrior;
import org.embedllm.itemresponse.ItemParameters;
import org.embedllm.itemresponse.Responses;
import org.embedllm.linalg.Workers;
import org.embedllm.tensor.FloatMatrix;

/// The numbers on models without answers in docs/results.md: each model is left out in turn, and
/// its accuracy is estimated from 0 to 50 random answers after different priors.
///
/// `--data DATASET`, `--questions 1500` of its questions, `--model POOL` (trained with `--outputs`
/// on all models, for what they write), `--draws 10`.
public final class PriorComparison {
  private static final int[] ANSWERS = {0, 10, 20, 50};

  private PriorComparison() {}

  public static void main(String[] arguments) throws IOException {
    Flags flags = Flags.of(arguments);
    CorrectnessMatrix all = DatasetLoader.load(Path.of(flags.text("data"))).data().matrix();
    int wanted = flags.integer("questions", 1_500);
    int step = Math.max(1, all.questionCount() / wanted);
    CorrectnessMatrix matrix =
        all.selectQuestions(
            IntStream.range(0, all.questionCount())
                .filter(j -> j % step == 0)
                .limit(wanted)
                .toArray());
    FloatMatrix means = outputs(ModelArtifact.open(Path.of(flags.text("model"))), matrix.models());
    Map<String, double[]> errors = new LinkedHashMap<>();
    Map<String, double[]> covered = new LinkedHashMap<>();
    int draws = flags.integer("draws", 10);
    for (int i = 0; i < matrix.modelCount(); i++) {
      leaveOut(matrix, i, means, draws, errors, covered);
    }
    System.out.printf(
        "mean absolute error of accuracy, with %s answers%n", Arrays.toString(ANSWERS));
    errors.forEach((name, row) ->
        System.out.printf(
            Locale.ROOT,
            "%-20s %s; covered %s%n",
            name,
            text(row, matrix.modelCount() * draws),
            text(covered.getOrDefault(name, new double[0]), matrix.modelCount() * draws)));
  }

  private static String text(double[] sums, int count) {
    StringBuilder text = new StringBuilder();
    for (double sum : sums) {
      text.append(String.format(Locale.ROOT, "%.4f ", sum / count));
    }
    return text.toString().strip();
  }

  private static FloatMatrix outputs(ModelArtifact pool, List<String> models) {
    FloatMatrix means = pool.tensors().get(OutputSimilarity.MEANS);
    if (means == null) {
      throw new IllegalArgumentException("the pool was not trained with --outputs");
    }
    float[] rows = new float[models.size() * means.columns()];
    for (int i = 0; i < models.size(); i++) {
      int row = pool.factorization().models().indexOf(models.get(i));
      for (int c = 0; row >= 0 && c < means.columns(); c++) {
        rows[i * means.columns() + c] = means.get(row, c);
      }
    }
    return FloatMatrix.wrap(models.size(), means.columns(), rows);
  }

  private static void leaveOut(
      CorrectnessMatrix matrix,
      int left,
      FloatMatrix means,
      int draws,
      Map<String, double[]> errors,
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
    Responses.byModel(pool).forEach(r -> abilities.add(known.ability(r).value()));
    List<String> names = Arrays.stream(order).mapToObj(i -> matrix.models().get(i)).toList();
    FloatMatrix byName = ModelFacts.similarity(ModelFacts.of(names, Map.of()));
    float[] ordered = new float[m * means.columns()];
    for (int i = 0; i < m; i++) {
      for (int c = 0; c < means.columns(); c++) {
        ordered[i * means.columns() + c] = means.get(order[i], c);
      }
    }
    FloatMatrix byOutputs =
        OutputSimilarity.similarity(FloatMatrix.wrap(m, means.columns(), ordered));
    Map<String, AbilityPrior> priors = new LinkedHashMap<>();
    priors.put("pool's mean", AbilityPrior.POOL);
    priors.put("name", AbilityRegression.fit(byName, abilities).prior(m - 1));
    priors.put("outputs", AbilityRegression.fit(byOutputs, abilities).prior(m - 1));
    priors.put(
        "name and outputs", AbilityRegression.fit(sum(byName, byOutputs), abilities).prior(m - 1));
    // As the command `add` chooses: texts only where names explain nothing of the pool.
    AbilityRegression named = AbilityRegression.fit(byName, abilities);
    priors.put(
        "as add chooses",
        (named.explained() > 0 ? named : AbilityRegression.fit(byOutputs, abilities)).prior(m - 1));
    Responses own = Responses.byModel(matrix).get(left);
    double truth = IntStream.range(0, own.count()).mapToDouble(own::score).average().orElse(0);
    for (int draw = 0; draw < draws; draw++) {
      int[] shuffled = shuffled(own.count(), new SplittableRandom(100L * left + draw));
      for (int a = 0; a < ANSWERS.length; a++) {
        boolean[] asked = new boolean[matrix.questionCount()];
        for (int t = 0; t < ANSWERS[a]; t++) {
          asked[own.question(shuffled[t])] = true;
        }
        boolean[] answered = new boolean[matrix.questionCount()];
        for (int t = 0; t < own.count(); t++) {
          answered[own.question(t)] = true;
        }
        Responses some = own.only(j -> asked[j]);
        for (Map.Entry<String, AbilityPrior> prior : priors.entrySet()) {
          Ability.Accuracy estimate =
              known.ability(some, prior.getValue()).accuracy(j -> answered[j]);
          errors.computeIfAbsent(prior.getKey(), k -> new double[ANSWERS.length])[a] +=
              Math.abs(estimate.value() - truth);
          covered.computeIfAbsent(prior.getKey(), k -> new double[ANSWERS.length])[a] +=
              estimate.low() <= truth && truth <= estimate.high() ? 1 : 0;
        }
      }
    }
  }

  private static FloatMatrix sum(FloatMatrix a, FloatMatrix b) {
    float[] sum = a.toArray();
    for (int i = 0; i < sum.length; i++) {
      sum[i] += b.get(i / b.columns(), i % b.columns());
    }
    return FloatMatrix.wrap(a.rows(), a.columns(), sum);
  }

  private static int[] shuffled(int n, SplittableRandom random) {
    int[] order = IntStream.range(0, n).toArray();
    for (int i = n - 1; i > 0; i--) {
      int other = random.nextInt(i + 1);
      int kept = order[i];
      order[i] = order[other];
      order[other] = kept;
    }
    return order;
  }
}
