package org.embedllm.spark;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.embedllm.artifact.PoolTrainer;
import org.embedllm.correctness.CellMeasures;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.correctness.EvaluationData;
import org.embedllm.correctness.Question;
import org.embedllm.correctness.QuestionSplit;
import org.embedllm.correctness.SplitPart;
import org.embedllm.correctness.Vote;
import org.embedllm.kernel.KernelFactorizationTrainer;
import org.embedllm.kernel.KernelOptions;
import org.embedllm.question.EncoderIdentity;
import org.embedllm.question.QuestionVectors;
import org.embedllm.tensor.FloatMatrix;
import org.embedllm.votes.VoteShares;
import org.embedllm.votes.VoteTrainer;

/// A pool of simulated models and questions of three directions, and answers as rows of Spark.
final class SmallPool {
  static final int QUESTIONS = 120;
  static final StructType ANSWERS =
      new StructType()
          .add("model_name", DataTypes.StringType)
          .add("prompt_id", DataTypes.StringType)
          .add("score", DataTypes.StringType);

  private SmallPool() {}

  static PoolTrainer.Trained trained() {
    CorrectnessMatrix matrix = answers("model", 6, 5, 0.1);
    return new PoolTrainer(
            new KernelFactorizationTrainer(
                KernelOptions.DEFAULT.withDimensions(List.of(2)).withLandmarks(32)),
            "test")
        .train(
            new PoolTrainer.Input(
                matrix,
                matrix.selectQuestions(new int[0]),
                vectors(matrix),
                "00",
                Map.of(),
                Map.of()),
            report -> {});
  }

  /// The same models and questions, from votes: of each pair of neighbors with different answers,
  /// the right one won.
  static PoolTrainer.Trained voted() {
    CorrectnessMatrix matrix = answers("model", 6, 5, 0);
    List<Vote> votes = new ArrayList<>();
    for (int j = 0; j < matrix.questionCount(); j++) {
      for (int i = 0; i + 1 < matrix.modelCount(); i++) {
        float first = matrix.cellScore(matrix.firstCell(j) + i);
        float second = matrix.cellScore(matrix.firstCell(j) + i + 1);
        if (first != second) {
          votes.add(
              new Vote(j, i, i + 1, first > second ? Vote.Winner.MODEL_A : Vote.Winner.MODEL_B, 1));
        }
      }
    }
    EvaluationData shares =
        VoteShares.of(
            EvaluationData.of(
                matrix,
                QuestionSplit.of(Collections.nCopies(QUESTIONS, SplitPart.TRAIN)),
                Map.of(),
                CellMeasures.NONE,
                votes));
    return new PoolTrainer(new VoteTrainer(KernelOptions.DEFAULT.withLandmarks(32), votes), "test")
        .train(
            new PoolTrainer.Input(
                shares.matrix(),
                matrix.selectQuestions(new int[0]),
                vectors(matrix),
                "00",
                Map.of(),
                Map.of()),
            report -> {});
  }

  /// Answers of models that differ in ability.
  ///
  /// @param missing share of cells that are not observed
  static CorrectnessMatrix answers(String name, int models, int seed, double missing) {
    var random = new SplittableRandom(seed);
    double[] ability = random.doubles(models, -1, 1.5).toArray();
    List<Question> questions = new ArrayList<>();
    float[][] scores = new float[QUESTIONS][models];
    for (int j = 0; j < QUESTIONS; j++) {
      questions.add(new Question("q" + j, "Question number " + j + "?", j % 3 == 0 ? "a" : "b"));
      double difficulty = Math.sin(j);
      for (int i = 0; i < models; i++) {
        boolean right = random.nextDouble() < 1 / (1 + Math.exp(difficulty - ability[i]));
        scores[j][i] = random.nextDouble() < missing ? Float.NaN : right ? 1 : 0;
      }
    }
    List<String> names = new ArrayList<>();
    for (int i = 0; i < models; i++) {
      names.add(name + "-" + i);
    }
    return CorrectnessMatrix.ofDense(names, questions, scores);
  }

  static QuestionVectors vectors(CorrectnessMatrix matrix) {
    var random = new SplittableRandom(4);
    float[] values = new float[matrix.questionCount() * 3];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return new QuestionVectors(
        matrix.questions().stream().map(Question::id).toList(),
        FloatMatrix.wrap(matrix.questionCount(), 3, values),
        new EncoderIdentity("simulated", "00", 3, 0));
  }

  /// The observed cells as a table of Spark.
  static Dataset<Row> table(SparkSession spark, CorrectnessMatrix matrix) {
    List<Row> rows = new ArrayList<>();
    for (int j = matrix.questionCount() - 1; j >= 0; j--) {
      for (int c = matrix.firstCell(j); c < matrix.firstCell(j + 1); c++) {
        rows.add(
            RowFactory.create(
                matrix.models().get(matrix.cellModel(c)),
                matrix.questions().get(j).id(),
                Float.toString(matrix.cellScore(c))));
      }
    }
    return spark.createDataFrame(rows, ANSWERS);
  }
}
