package org.embedllm.routing;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SplittableRandom;
import org.embedllm.correctness.AnswerCounts;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.correctness.Question;
import org.embedllm.forecast.ForecastQuantity;
import org.embedllm.routing.Recommendation.Trial;
import org.embedllm.routing.Recommendation.Use;
import org.junit.jupiter.api.Test;

class RecommendationTest {
  private static final int N = 800;

  /// Two models: the first is right on seven of ten questions, the second on the others. A router
  /// of a skill takes the right one on that share of questions, otherwise the first.
  private static Trial trial(long seed, Map<Use, Double> skills) {
    var random = new SplittableRandom(seed);
    float[][] scores = new float[N][2];
    List<Question> questions = new ArrayList<>();
    Map<Use, List<Integer>> choices = new HashMap<>();
    skills.keySet().forEach(use -> choices.put(use, new ArrayList<>()));
    for (int j = 0; j < N; j++) {
      boolean first = random.nextDouble() < 0.7;
      scores[j] = new float[] {first ? 1 : 0, first ? 0 : 1};
      questions.add(new Question("q" + j, "t", "b"));
      skills.forEach((use, skill) -> {
        boolean knows = random.nextDouble() < Math.abs(skill);
        int told = first == (skill > 0) ? 0 : 1;
        Objects.requireNonNull(choices.get(use)).add(knows ? told : 0);
      });
    }
    CorrectnessMatrix answers =
        CorrectnessMatrix.ofDense(List.of("first", "second"), questions, scores);
    return new Trial(answers, AnswerCounts.of(answers), choices);
  }

  private static Recommendation of(Map<Use, Double> skills) {
    return Recommendation.of(
        List.of(trial(1, skills)),
        List.of(),
        trial(2, skills),
        Optional.empty(),
        ForecastQuantity.CORRECTNESS,
        0);
  }

  @Test
  void routerThatIsBetter_isRecommended_withItsNumbers() {
    Recommendation found = of(Map.of(Use.ROUTER, 0.3));
    assertThat(found.use()).isEqualTo(Use.ROUTER);
    assertThat(found.model()).isEmpty();
    assertThat(found.policy()).hasValue("best");
    assertThat(found.text()).contains("points better", "than first alone", "95 % confidence");
  }

  @Test
  void routerThatIsNoBetter_givesWayToTheBestSingleModel() {
    Recommendation found = of(Map.of(Use.ROUTER, -0.05));
    assertThat(found.use()).isEqualTo(Use.SINGLE);
    assertThat(found.model()).hasValue("first");
    assertThat(found.policy()).isEmpty();
    assertThat(found.text()).startsWith("Use first alone");
  }

  @Test
  void neighborsThatAreClearlyBetter_areServed_andNotWhereTheyAreWorse() {
    assertThat(of(Map.of(Use.ROUTER, 0.1, Use.NEIGHBORS, 0.5)).use()).isEqualTo(Use.NEIGHBORS);
    assertThat(of(Map.of(Use.ROUTER, 0.4, Use.NEIGHBORS, 0.3)).use()).isEqualTo(Use.ROUTER);
  }

  @Test
  void tableThatIsClearlyBetter_isServed() {
    assertThat(of(Map.of(Use.ROUTER, 0.1, Use.NEIGHBORS, 0.2, Use.TABLE, 0.5)).use())
        .isEqualTo(Use.TABLE);
  }

  @Test
  void routerThatIsWorseAsPeopleAsk_isNotRecommended() {
    Map<Use, Double> skills = Map.of(Use.ROUTER, 0.3);
    Recommendation found =
        Recommendation.of(
            List.of(trial(1, skills)),
            List.of(trial(4, Map.of(Use.ROUTER, -0.3)), trial(4, Map.of(Use.ROUTER, -0.3))),
            trial(2, skills),
            Optional.empty(),
            ForecastQuantity.CORRECTNESS,
            0);
    assertThat(found.use()).isEqualTo(Use.SINGLE);
    assertThat(found.text()).contains("As people ask, it is -");
    assertThat(
            Recommendation.of(
                    List.of(trial(1, skills)),
                    List.of(trial(4, skills)),
                    trial(2, skills),
                    Optional.empty(),
                    ForecastQuantity.CORRECTNESS,
                    0)
                .use())
        .isEqualTo(Use.ROUTER);
  }

  @Test
  void withoutQuestionsToChooseOn_theBestSingleModelIsUsed() {
    Recommendation found =
        Recommendation.of(
            List.of(),
            List.of(),
            trial(3, Map.of(Use.ROUTER, 0.9)),
            Optional.empty(),
            ForecastQuantity.PREFERENCE,
            0);
    assertThat(found.use()).isEqualTo(Use.SINGLE);
    assertThat(found.text())
        .contains("on test it is preferred on", "no other questions to choose on");
  }
}
