package org.embedllm.spark;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.api.java.JavaSparkContext;
import org.embedllm.correctness.Question;
import org.embedllm.onnx.EncoderSettings;
import org.embedllm.onnx.Encoders;
import org.embedllm.question.EncodedQuestions;
import org.embedllm.question.QuestionEncoder;
import org.embedllm.question.VectorStore;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("encoder")
class DistributedEncoderTest {
  private static final String GROUP = "encode";

  @TempDir private Path folder;

  /// The store asks for long texts first, and only for those that it lacks.
  @Test
  void encode_textsOfManyLengths_encodesEachOnceInOneJob() throws IOException {
    List<Question> questions = new ArrayList<>();
    for (int j = 0; j < 60; j++) {
      questions.add(new Question("q" + j, "Why" + " so".repeat(j * 7 % 60) + "?", "b"));
    }
    var context = JavaSparkContext.fromSparkContext(LocalSpark.session().sparkContext());
    context.setJobGroup(GROUP, "vectors");
    VectorStore store = VectorStore.ofDataset(folder.resolve("cluster"));
    EncodedQuestions first;
    EncodedQuestions all;
    try (var encoder = new DistributedEncoder(context, Encoders.DEFAULT, 3)) {
      first = store.encode(questions.subList(0, 40), encoder, done -> {});
      assertThat(context.statusTracker().getJobIdsForGroup(GROUP)).hasSize(1);
      all = store.encode(questions, encoder, done -> {});
      assertThat(context.statusTracker().getJobIdsForGroup(GROUP)).hasSize(2);
    } finally {
      context.clearJobGroup();
    }
    assertThat(first.summary().encoded()).isEqualTo(40);
    assertThat(all.summary().encoded()).isEqualTo(20);
    try (QuestionEncoder one =
        Encoders.open(Encoders.DEFAULT, EncoderSettings.of(System.getenv()))) {
      assertThat(all.vectors().vectors().toArray())
          .isEqualTo(one.encode(questions.stream().map(Question::text).toList()).toArray());
    }
  }
}
