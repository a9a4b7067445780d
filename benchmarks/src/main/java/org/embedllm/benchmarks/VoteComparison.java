package org.embedllm.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.correctness.EvaluationData;
import org.embedllm.correctness.Question;
import org.embedllm.correctness.QuestionSplit;
import org.embedllm.correctness.SplitPart;
import org.embedllm.correctness.Vote;
import org.embedllm.factorization.MatrixFactorization;
import org.embedllm.factorization.TrainingListener;
import org.embedllm.factorization.TrainingProblem;
import org.embedllm.factorization.TrainingResult;
import org.embedllm.ingest.DatasetLoader;
import org.embedllm.kernel.KernelOptions;
import org.embedllm.linalg.Logistic;
import org.embedllm.question.EncoderIdentity;
import org.embedllm.question.QuestionVectors;
import org.embedllm.question.VectorStore;
import org.embedllm.tensor.FloatMatrix;
import org.embedllm.votes.VoteEvaluation;
import org.embedllm.votes.VoteFit;
import org.embedllm.votes.VoteLikelihood;
import org.embedllm.votes.VoteNotes;
import org.embedllm.votes.VoteShares;
import org.embedllm.votes.VoteTrainer;

/// The numbers on votes in docs/results.md.
///
/// `--votes DATASET` (votes alone, encoded): log loss of votes on left-out texts, ten folds, beside
/// Bradley-Terry. `--answers DATASET --draws 10 --each 200 --to FILE` (scores, encoded): votes
/// drawn from a right beside a wrong answer; Kendall's τ between the models' order by votes and by
/// accuracy. FILE keeps finished draws. `--worth` adds how many graded answers give the same τ.
public final class VoteComparison {
  private static final int FOLDS = 10;

  private VoteComparison() {}

  public static void main(String[] arguments) throws IOException {
    Flags flags = Flags.of(arguments);
    if (flags.has("votes")) {
      folds(Path.of(flags.text("votes")));
    }
    if (flags.has("answers")) {
      draws(
          Path.of(flags.text("answers")),
          flags.integer("draws", 10),
          flags.integer("each", 200),
          Path.of(flags.text("to")));
      if (flags.has("worth")) {
        worth(DatasetLoader.load(Path.of(flags.text("answers"))).data().matrix());
      }
    }
  }

  private static QuestionVectors vectors(Path dataset, List<Question> questions)
      throws IOException {
    VectorStore store = VectorStore.ofDataset(dataset);
    EncoderIdentity encoder = store.encoders().getFirst();
    return store.find(questions, encoder).orElseThrow();
  }

  private static void folds(Path dataset) throws IOException {
    EvaluationData read = DatasetLoader.load(dataset).data();
    int n = read.matrix().questionCount();
    EvaluationData data =
        VoteShares.of(
            EvaluationData.of(
                read.matrix(),
                QuestionSplit.of(java.util.Collections.nCopies(n, SplitPart.TRAIN)),
                read.callCosts(),
                read.measures(),
                read.votes()));
    CorrectnessMatrix matrix = data.matrix();
    int m = matrix.modelCount();
    QuestionVectors vectors = vectors(dataset, matrix.questions());
    int[] fold = shuffled(matrix.questionCount());
    double[][] own = new double[2][matrix.questionCount()];
    int[] counts = new int[matrix.questionCount()];
    for (int f = 0; f < FOLDS; f++) {
      int left = f;
      CorrectnessMatrix train =
          matrix.selectQuestions(
              IntStream.range(0, fold.length).filter(j -> fold[j] != left).toArray());
      List<Vote> votes = VoteShares.on(data, train.questions());
      TrainingResult result = train(train, vectors, votes);
      VoteLikelihood likelihood = VoteNotes.of(result.notes()).orElseThrow().likelihood();
      VoteFit baseline = VoteEvaluation.bradleyTerry(votes, m);
      FloatMatrix forecast = forecast(result.model(), vectors, matrix.questions());
      for (Vote vote : data.votes()) {
        int j = vote.question();
        if (fold[j] == left) {
          double difference =
              logit(forecast.get(j, vote.modelA())) - logit(forecast.get(j, vote.modelB()));
          own[0][j] -= Math.log(likelihood.outcomes(difference).of(vote.winner()));
          own[1][j] -=
              Math.log(
                  baseline
                      .likelihood()
                      .outcomes(
                          baseline.vectors().get(vote.modelA()).mean()[0]
                              - baseline.vectors().get(vote.modelB()).mean()[0])
                      .of(vote.winner()));
          counts[j]++;
        }
      }
    }
    int all = Arrays.stream(counts).sum();
    double[] ends = interval(own, counts);
    System.out.printf(
        Locale.ROOT,
        "%d votes, %d texts: log loss %.4f, Bradley-Terry %.4f, difference %.4f (%.4f to %.4f)%n",
        all,
        matrix.questionCount(),
        Arrays.stream(own[0]).sum() / all,
        Arrays.stream(own[1]).sum() / all,
        (Arrays.stream(own[0]).sum() - Arrays.stream(own[1]).sum()) / all,
        ends[0],
        ends[1]);
  }

  private static int[] shuffled(int n) {
    var random = new SplittableRandom(0);
    int[] fold = new int[n];
    for (int j = 0; j < n; j++) {
      int at = random.nextInt(j + 1);
      fold[j] = fold[at];
      fold[at] = j % FOLDS;
    }
    return fold;
  }

  private static TrainingResult train(
      CorrectnessMatrix train, QuestionVectors vectors, List<Vote> votes) {
    return new VoteTrainer(KernelOptions.DEFAULT, votes)
        .train(TrainingProblem.of(train, vectors), TrainingListener.NONE);
  }

  private static FloatMatrix forecast(
      MatrixFactorization model, QuestionVectors vectors, List<Question> questions) {
    return model.forecast(model.attributes().beside(vectors.of(questions).vectors(), questions));
  }

  private static double logit(double p) {
    return Logistic.logit(Math.clamp(p, 1e-6, 1 - 1e-6));
  }

  private static double[] interval(double[][] losses, int[] counts) {
    var random = new SplittableRandom(1);
    double[] differences = new double[2_000];
    for (int s = 0; s < differences.length; s++) {
      double sum = 0;
      int count = 0;
      for (int t = 0; t < counts.length; t++) {
        int j = random.nextInt(counts.length);
        sum += losses[0][j] - losses[1][j];
        count += counts[j];
      }
      differences[s] = sum / count;
    }
    Arrays.sort(differences);
    return new double[] {differences[49], differences[1_949]};
  }

  private static void draws(Path dataset, int draws, int each, Path file) throws IOException {
    CorrectnessMatrix matrix = DatasetLoader.load(dataset).data().matrix();
    QuestionVectors vectors = vectors(dataset, matrix.questions());
    double[] accuracy = accuracies(matrix, IntStream.range(0, matrix.questionCount()).toArray());
    List<String> rows = new ArrayList<>(Files.exists(file) ? Files.readAllLines(file) : List.of());
    for (int draw = rows.size(); draw < draws; draw++) {
      List<Vote> votes = drawn(matrix, each, new SplittableRandom(draw));
      int[] asked = votes.stream().mapToInt(Vote::question).distinct().sorted().toArray();
      List<Question> questions =
          Arrays.stream(asked).mapToObj(j -> matrix.questions().get(j)).toList();
      EvaluationData data =
          EvaluationData.of(
              CorrectnessMatrix.ofDense(
                  matrix.models(), questions, empty(asked.length, matrix.modelCount())),
              QuestionSplit.of(java.util.Collections.nCopies(asked.length, SplitPart.TRAIN)),
              java.util.Map.of(),
              org.embedllm.correctness.CellMeasures.NONE,
              votes.stream()
                  .map(v ->
                      new Vote(
                          Arrays.binarySearch(asked, v.question()),
                          v.modelA(),
                          v.modelB(),
                          v.winner(),
                          1))
                  .toList());
      EvaluationData shares = VoteShares.of(data);
      TrainingResult result =
          train(shares.matrix(), vectors, VoteShares.on(shares, shares.matrix().questions()));
      FloatMatrix forecast = forecast(result.model(), vectors, matrix.questions());
      double[] own = new double[matrix.modelCount()];
      for (int j = 0; j < forecast.rows(); j++) {
        for (int i = 0; i < own.length; i++) {
          own[i] += logit(forecast.get(j, i));
        }
      }
      rows.add(
          "%d %.4f %.4f"
              .formatted(
                  draw, tau(own, accuracy), tau(strengths(votes, matrix.modelCount()), accuracy)));
      Files.write(file, rows);
    }
    System.out.printf(
        Locale.ROOT,
        "%d votes a model, %d draws: tau %.4f, Bradley-Terry %.4f%n",
        each,
        rows.size(),
        rows.stream().mapToDouble(r -> Double.parseDouble(r.split(" ")[1])).average().orElse(0),
        rows.stream().mapToDouble(r -> Double.parseDouble(r.split(" ")[2])).average().orElse(0));
  }

  private static float[][] empty(int questions, int models) {
    float[][] scores = new float[questions][models];
    for (float[] row : scores) {
      Arrays.fill(row, Float.NaN);
    }
    return scores;
  }

  /// Pairs of a right and a wrong answer to one question, `each` for each model on average, the
  /// right one first in half of them.
  static List<Vote> drawn(CorrectnessMatrix matrix, int each, SplittableRandom random) {
    List<Vote> votes = new ArrayList<>();
    int m = matrix.modelCount();
    while (votes.size() < each * m / 2) {
      int j = random.nextInt(matrix.questionCount());
      int a = random.nextInt(m);
      int b = (a + 1 + random.nextInt(m - 1)) % m;
      float first = matrix.score(a, j);
      float second = matrix.score(b, j);
      if (!Float.isNaN(first) && !Float.isNaN(second) && first != second) {
        votes.add(new Vote(j, a, b, first > second ? Vote.Winner.MODEL_A : Vote.Winner.MODEL_B, 1));
      }
    }
    return votes;
  }

  private static double[] strengths(List<Vote> votes, int models) {
    return VoteEvaluation.bradleyTerry(votes, models).vectors().stream()
        .mapToDouble(v -> v.mean()[0])
        .toArray();
  }

  private static double[] accuracies(CorrectnessMatrix matrix, int[] questions) {
    double[] sums = new double[matrix.modelCount()];
    int[] counts = new int[sums.length];
    for (int j : questions) {
      for (int c = matrix.firstCell(j); c < matrix.firstCell(j + 1); c++) {
        sums[matrix.cellModel(c)] += matrix.cellScore(c);
        counts[matrix.cellModel(c)]++;
      }
    }
    for (int i = 0; i < sums.length; i++) {
      sums[i] /= Math.max(1, counts[i]);
    }
    return sums;
  }

  private static double tau(double[] some, double[] others) {
    int sum = 0;
    int pairs = 0;
    for (int a = 0; a < some.length; a++) {
      for (int b = 0; b < a; b++) {
        sum += (int) (Math.signum(some[a] - some[b]) * Math.signum(others[a] - others[b]));
        pairs++;
      }
    }
    return sum / (double) pairs;
  }

  /// τ of 50 to 400 votes a model by Bradley-Terry, and of random answers of a model, its own
  /// questions or the same for all.
  private static void worth(CorrectnessMatrix matrix) {
    int m = matrix.modelCount();
    int n = matrix.questionCount();
    double[] accuracy = accuracies(matrix, IntStream.range(0, n).toArray());
    int repeats = 40;
    for (int count : new int[] {50, 100, 200, 300, 400, 600, 800}) {
      double votes = 0;
      double same = 0;
      double own = 0;
      for (int draw = 0; draw < repeats; draw++) {
        var random = new SplittableRandom(1_000 + draw);
        votes += tau(strengths(drawn(matrix, count, random), m), accuracy) / repeats;
        int[] asked = IntStream.range(0, count).map(t -> random.nextInt(n)).toArray();
        same += tau(accuracies(matrix, asked), accuracy) / repeats;
        double[] each = new double[m];
        for (int i = 0; i < m; i++) {
          int got = 0;
          while (got < count) {
            float score = matrix.score(i, random.nextInt(n));
            if (!Float.isNaN(score)) {
              each[i] += score;
              got++;
            }
          }
        }
        own += tau(each, accuracy) / repeats;
      }
      System.out.printf(
          Locale.ROOT,
          "%d a model: votes %.4f, answers to the same questions %.4f, to own questions %.4f%n",
          count,
          votes,
          same,
          own);
    }
  }
}
