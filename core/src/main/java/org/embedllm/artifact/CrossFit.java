package org.embedllm.artifact;

import java.util.List;
import java.util.Optional;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.factorization.MatrixFactorization;
import org.embedllm.itemresponse.ItemResponses;
import org.embedllm.kernel.KernelTraining;
import org.embedllm.linalg.Logistic;
import org.embedllm.linalg.Workers;
import org.embedllm.modelvector.ModelVectorProblem;
import org.embedllm.tensor.FloatMatrix;

/// Forecasts of the training questions by fits that did not see their answers, so that settings can
/// be chosen on training questions too (cross-fitting).
///
/// The inputs of a training question are forecast without its answers already. Here the models'
/// vectors are solved again without one fold of the questions at a time, and the questions of that
/// fold are forecast by them.
final class CrossFit {
  private static final String VECTORS = "rows.crossfit";
  private static final int FOLDS = 4;

  private CrossFit() {}

  /// @param questions the training questions
  /// @return the artifact with the models' vectors for each fold, [folds * m, d]; as it is where it
  ///   was trained without a kernel factorization
  static ModelArtifact keep(ModelArtifact artifact, TrainingQuestions questions, int threads) {
    return ModelPlacement.of(artifact, questions)
        .map(problem -> keep(artifact, problem, questions.matrix(), threads))
        .orElse(artifact);
  }

  private static ModelArtifact keep(
      ModelArtifact artifact, ModelVectorProblem problem, CorrectnessMatrix matrix, int threads) {
    int m = matrix.modelCount();
    int d = problem.dimension();
    List<ItemResponses> pool = ItemResponses.byModel(matrix);
    float[] vectors = new float[FOLDS * m * d];
    try (Workers workers = new Workers(threads)) {
      workers.run(
          FOLDS * m,
          task -> {
            int fold = task / m;
            double[] vector = problem.solve(pool.get(task % m).only(j -> j % FOLDS != fold)).mean();
            for (int c = 0; c < d; c++) {
              vectors[task * d + c] = (float) vector[c];
            }
          });
    }
    return artifact.withTensor(VECTORS, FloatMatrix.wrap(FOLDS * m, d, vectors));
  }

  /// Probabilities of all models on the training questions, [n, m].
  ///
  /// @return empty where the artifact does not keep them for all of its models
  static Optional<FloatMatrix> forecasts(ModelArtifact artifact) {
    FloatMatrix vectors = artifact.tensors().get(VECTORS);
    FloatMatrix inputs = artifact.tensors().get(KernelTraining.INPUTS);
    MatrixFactorization model = artifact.factorization();
    int m = model.models().size();
    int d = model.dimension();
    if (vectors == null
        || inputs == null
        || vectors.rows() != FOLDS * m
        || vectors.columns() != d
        || inputs.columns() != d) {
      return Optional.empty();
    }
    double shift = model.logitShift();
    int n = inputs.rows();
    float[] forecasts = new float[Math.multiplyExact(n, m)];
    for (int j = 0; j < n; j++) {
      int first = (j % FOLDS) * m;
      for (int i = 0; i < m; i++) {
        double logit = shift;
        for (int c = 0; c < d; c++) {
          logit += (double) vectors.get(first + i, c) * inputs.get(j, c) * model.logitWeight(c);
        }
        forecasts[j * m + i] = (float) Logistic.sigmoid(logit);
      }
    }
    return Optional.of(FloatMatrix.wrap(n, m, forecasts));
  }
}
