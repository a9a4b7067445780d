package org.embedllm.app.gateway;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.embedllm.artifact.ModelArtifact;
import org.embedllm.artifact.Provenance;
import org.embedllm.correctness.AnswerCounts;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.correctness.Question;
import org.embedllm.factorization.MatrixFactorization;
import org.embedllm.tensor.FloatMatrix;

/// Artifacts around a given factorization.
final class TestArtifacts {
  private TestArtifacts() {}

  static ModelArtifact of(MatrixFactorization factorization, Map<String, FloatMatrix> tensors) {
    float[] scores = new float[factorization.models().size()];
    CorrectnessMatrix answers =
        CorrectnessMatrix.ofDense(
            factorization.models(),
            List.of(new Question("q", "a question", "some")),
            new float[][] {scores});
    return new ModelArtifact(
        factorization,
        AnswerCounts.of(answers),
        new Provenance("0.1.0", "ab".repeat(32), Map.of(), 1),
        Map.of(),
        Optional.empty(),
        tensors,
        Map.of());
  }
}
