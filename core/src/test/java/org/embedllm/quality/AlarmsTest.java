package org.embedllm.quality;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.correctness.EvaluationData;
import org.embedllm.correctness.Question;
import org.embedllm.correctness.QuestionSplit;
import org.embedllm.correctness.SplitPart;
import org.junit.jupiter.api.Test;

/// Twenty-four models of rising ability on 300 questions, and one thing wrong at a time.
class AlarmsTest {
  private static final int MODELS = 24;
  private static final int QUESTIONS = 300;

  private final float[][] scores = new float[QUESTIONS][MODELS];
  private final List<Question> questions = new ArrayList<>();

  AlarmsTest() {
    Random random = new Random(3);
    for (int j = 0; j < QUESTIONS; j++) {
      questions.add(new Question("q" + j, "question number " + j, j < 150 ? "first" : "second"));
      double difficulty = random.nextDouble();
      for (int i = 0; i < MODELS; i++) {
        double ability = 0.1 + 0.8 * i / (MODELS - 1);
        scores[j][i] = random.nextDouble() < ability * (1.5 - difficulty) ? 1 : 0;
      }
    }
  }

  private List<Alarm> alarms() {
    List<String> names = IntStream.range(0, MODELS).mapToObj(i -> "m" + i).toList();
    QuestionSplit split =
        QuestionSplit.of(IntStream.range(0, QUESTIONS).mapToObj(j -> SplitPart.TRAIN).toList());
    EvaluationData data =
        EvaluationData.of(CorrectnessMatrix.ofDense(names, questions, scores), split, Map.of());
    return Alarms.of(data, AccuracyTable.of(data.matrix()), 0);
  }

  @Test
  void data_withoutAFault_raisesNone() {
    assertThat(alarms()).isEmpty();
  }

  @Test
  void benchmark_onWhichEverybodyIsWrongOrRight_isNamed() {
    for (int j = 0; j < QUESTIONS; j++) {
      Arrays.fill(scores[j], j < 150 ? 0 : 1);
    }

    assertThat(alarms())
        .filteredOn(alarm -> alarm.kind() != Alarm.Kind.IDENTICAL_MODELS)
        .extracting(alarm -> alarm.kind().label() + " " + alarm.text().split(":")[0])
        .containsExactly("all-wrong benchmark first", "all-right benchmark second");
  }

  @Test
  void model_withoutAnswersOrConstant_isNamed() {
    for (int j = 0; j < QUESTIONS; j++) {
      scores[j][0] = Float.NaN;
      scores[j][5] = 1;
    }

    assertThat(alarms())
        .extracting(Alarm::kind)
        .containsExactly(Alarm.Kind.MISSING_ANSWERS, Alarm.Kind.CONSTANT_MODEL);
    assertThat(alarms().get(1).text()).contains("model m5", "300 answers are right");
  }

  @Test
  void models_thatAnswerIdentically_areNamed() {
    for (int j = 0; j < QUESTIONS; j++) {
      scores[j][3] = scores[j][7];
      scores[j][8] = scores[j][7];
    }

    assertThat(alarms()).extracting(Alarm::kind).containsExactly(Alarm.Kind.IDENTICAL_MODELS);
    assertThat(alarms().getFirst().text()).startsWith("models m3, m7, m8 ");
  }

  @Test
  void question_thatBetterModelsGetWrong_isNamed() {
    for (int i = 0; i < MODELS; i++) {
      scores[42][i] = i < MODELS / 2 ? 1 : 0;
    }

    assertThat(alarms()).extracting(Alarm::kind).containsExactly(Alarm.Kind.WRONG_KEY);
    assertThat(alarms().getFirst().text()).contains("q42");
  }

  @Test
  void facts_ofTheImport_areAlarmsToo() {
    EvaluationData data =
        EvaluationData.of(
            CorrectnessMatrix.ofDense(List.of("a"), questions.subList(0, 1), new float[][] {{1}}),
            QuestionSplit.of(List.of(SplitPart.TRAIN)),
            Map.of());

    assertThat(Alarms.of(data, AccuracyTable.of(data.matrix()), 2))
        .extracting(Alarm::kind)
        .containsExactly(Alarm.Kind.CONTRADICTION);
    assertThat(Alarms.ofNearDuplicates(1)).map(Alarm::kind).contains(Alarm.Kind.NEAR_DUPLICATES);
    assertThat(Alarms.ofNearDuplicates(0)).isEmpty();
  }
}
