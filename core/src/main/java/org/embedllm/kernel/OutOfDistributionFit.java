package org.embedllm.kernel;

import java.util.Arrays;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.embedllm.linalg.Cholesky;
import org.embedllm.linalg.DenseVectors;
import org.embedllm.linalg.Kernels;
import org.embedllm.linalg.Workers;
import org.embedllm.tensor.FloatMatrix;

/// Measures on training questions what [OutOfDistribution] holds, whose letters are used here.
final class OutOfDistributionFit {
  private static final int TOGETHER = 24; // questions
  private static final int LANDMARKS = 1_024;
  private static final int SAMPLE = 4_096;
  private static final int UNRELATED = 256;
  private static final double FAR_QUANTILE = 0.01;
  private static final double LEAST = 0.01;
  private static final double ROUNDING = 1e-5;

  private OutOfDistributionFit() {}

  /// What is measured on.
  ///
  /// @param vectors of the training questions, [n, q]
  /// @param kernel K, [n, r]
  /// @param landmarks whose kernel it is
  /// @param landmarkKernel Z, [r, r]
  /// @param ridge λ
  record Ground(
      FloatMatrix vectors,
      KernelMatrix kernel,
      LandmarkKernel landmarks,
      FloatMatrix landmarkKernel,
      double ridge,
      double jitter) {}

  /// Measures [OutOfDistribution#nearness]; the same for any number of threads.
  static FloatMatrix nearness(Ground ground, SemanticSimilarity meaning, Workers workers) {
    int[] sample = spread(ground, SAMPLE, each -> true);
    double[] near = new double[sample.length];
    double[] meanings = new double[sample.length];
    // A single landmark has no others: only similar questions are near.
    boolean several = ground.landmarks().count() > 1;
    QuestionClusters clusters = ground.landmarks().clusters();
    double gamma = ground.landmarks().features().gamma();
    workers.run(
        sample.length,
        at -> {
          int j = sample[at];
          float[] features = ground.kernel().row(j);
          float[] vector = ground.vectors().row(j);
          meanings[at] =
              several ? meaning.of(vector, features, clusters, j) : meaning.of(vector, features);
          int owner = clusters.owner(j);
          double cosine = Math.log(features[owner]) / gamma + 1;
          features[owner] =
              (float) Math.exp(gamma * (clusters.withoutItself(j, cosine, 1, cosine) - 1));
          near[at] = OutOfDistribution.nearness(features);
        });
    Arrays.sort(near);
    Arrays.sort(meanings);
    int middle = sample.length / 2;
    int farAt = (int) Math.floor(FAR_QUANTILE * (sample.length - 1));
    double usual = several ? near[middle] : 0;
    double far = several ? near[farAt] : 0;
    double usualMeaning = meanings[middle];
    double farMeaning =
        several
            ? Math.min(meanings[farAt], (unrelated(ground, meaning) + usualMeaning) / 2)
            : meanings[farAt];
    double open = several ? shared(ground, workers) : 1;
    float[] values = {
      (float) Math.clamp(open, LEAST, 1.0),
      (float) usual,
      (float) far,
      (float) (farMeaning - ROUNDING),
      (float) usualMeaning
    };
    return FloatMatrix.wrap(1, OutOfDistribution.COLUMNS, values);
  }

  /// Dot product of the sentences of an unrelated question and landmark: the median over 256
  /// questions and 256 landmarks.
  private static double unrelated(Ground ground, SemanticSimilarity meaning) {
    int[] sample = spread(ground, UNRELATED, each -> true);
    int count = Math.min(UNRELATED, ground.landmarks().count());
    double[] products = new double[sample.length * count];
    int at = 0;
    for (int j : sample) {
      double[] sentences = meaning.sentences(ground.vectors().row(j), ground.kernel().row(j));
      int owner = ground.landmarks().clusters().owner(j);
      for (int i = 0; i < count; i++) {
        if (i != owner) {
          products[at++] = sentences[i];
        }
      }
    }
    Arrays.sort(products, 0, at);
    return products[at / 2];
  }

  /// At most a given number of suitable questions, evenly spaced; none with a vector of zeros.
  private static int[] spread(Ground ground, int most, IntPredicate questions) {
    int[] which =
        IntStream.range(0, ground.kernel().rows())
            .filter(questions)
            .filter(j -> !LandmarkKernel.isZero(ground.vectors(), j))
            .toArray();
    int count = Math.min(most, which.length);
    return IntStream.range(0, count)
        .map(at -> which[(int) ((long) at * which.length / count)])
        .toArray();
  }

  /// c: the first half of the landmarks as landmarks, of the questions those that are none of
  /// these.
  private static double shared(Ground ground, Workers workers) {
    FloatMatrix landmarkKernel = ground.landmarkKernel();
    int s = Math.min(LANDMARKS, landmarkKernel.rows() / 2);
    QuestionClusters clusters = ground.landmarks().clusters();
    int[] sample = spread(ground, LANDMARKS, j -> clusters.owner(j) >= s || !clusters.alone(j));
    if (sample.length < 2) {
      return 1;
    }
    double[] prior = new double[s * s];
    double[] posterior = KernelGram.of(ground.kernel(), s, Kernels.best(), workers);
    for (int i = 0; i < s; i++) {
      for (int l = 0; l <= i; l++) {
        prior[i * s + l] = landmarkKernel.get(i, l) + (i == l ? ground.jitter() : 0);
        posterior[i * s + l] = prior[i * s + l] + posterior[i * s + l] / ground.ridge();
      }
    }
    Cholesky before = Cholesky.overwriting(s, prior, workers);
    Cholesky after = Cholesky.overwriting(s, posterior, workers);
    double[][] a = new double[sample.length][s]; // L⁻¹ k of each question
    double[][] b = new double[sample.length][s];
    workers.run(
        Math.ceilDiv(sample.length, TOGETHER),
        group -> {
          int first = group * TOGETHER;
          int count = Math.min(TOGETHER, sample.length - first);
          double[] rows = new double[s * count];
          for (int i = 0; i < count; i++) {
            for (int l = 0; l < s; l++) {
              rows[l * count + i] = ground.kernel().get(sample[first + i], l);
            }
          }
          double[] same = rows.clone();
          before.solveLowerAll(rows, count);
          after.solveLowerAll(same, count);
          for (int i = 0; i < count; i++) {
            for (int l = 0; l < s; l++) {
              a[first + i][l] = rows[l * count + i];
              b[first + i][l] = same[l * count + i];
            }
          }
        });
    KernelMatrix between = ground.landmarks().among(ground.vectors().selectRows(sample), workers);
    double sum = 0;
    for (int i = 0; i < sample.length; i++) {
      int nearest = nearest(between, i);
      sum +=
          between.get(i, nearest)
              - DenseVectors.dot(a[i], a[nearest])
              + DenseVectors.dot(b[i], b[nearest]);
    }
    return sum / sample.length;
  }

  private static int nearest(KernelMatrix between, int question) {
    int nearest = question;
    float highest = Float.NEGATIVE_INFINITY;
    for (int other = 0; other < between.columns(); other++) {
      float value = between.get(question, other);
      if (other != question && value > highest) {
        highest = value;
        nearest = other;
      }
    }
    return nearest;
  }
}
