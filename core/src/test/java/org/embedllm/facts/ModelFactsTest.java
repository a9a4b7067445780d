package org.embedllm.facts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.embedllm.itemresponse.AbilityPrior;
import org.embedllm.storage.BadInputException;
import org.embedllm.tensor.FloatMatrix;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelFactsTest {
  @TempDir private Path folder;

  @Test
  void name_withSizeAndTuning_givesFacts() {
    List<Map<String, String>> facts =
        ModelFacts.of(
            List.of("org/Llama-3-8B-Instruct", "Mixtral-8x7B-v0.1", "bitnet"),
            Map.of("bitnet", Map.of("Parameters", "2", "date", "")));
    assertThat(facts.get(0))
        .containsEntry(ModelFacts.PARAMETERS, "8.0")
        .containsEntry(ModelFacts.TUNED, "yes");
    assertThat(facts.get(1))
        .containsEntry(ModelFacts.PARAMETERS, "56.0")
        .containsEntry(ModelFacts.TUNED, "no");
    assertThat(facts.get(2)).containsEntry(ModelFacts.PARAMETERS, "2").doesNotContainKey("date");
  }

  @Test
  void number_asPeopleWriteIt_isRead() {
    Map<String, Double> written = new TreeMap<>();
    written.put("70B", 70.0);
    written.put("8x7b", 56.0);
    written.put("350M", 0.35);
    written.put("$0.9", 0.9);
    written.put("1,250", 1250.0);
    written.put("2024-05-13", 19856.0);
    written.put("2024-05", 19858.0);
    written.put("2024-05-13T08:00:00Z", 19856.0);
    written.forEach((text, value) ->
        assertThat(ModelFacts.number(text).orElseThrow()).as(text).isCloseTo(value, within(1e-9)));
    for (String words : List.of("apache-2.0", "2024-13-40", "about 7B", "NaN", "")) {
      assertThat(ModelFacts.number(words)).as(words).isEmpty();
    }
  }

  /// Rounding must not count as a gain: texts are looked at only where facts explain nothing.
  @Test
  void names_thatSayNothing_explainExactlyNothing() {
    List<String> names = new ArrayList<>();
    for (char letter = 'a'; letter < 'x'; letter++) {
      names.add(Character.toString(letter).repeat(3));
    }
    FloatMatrix similarity = ModelFacts.similarity(ModelFacts.of(names, Map.of()));
    var random = new SplittableRandom(2);
    for (int draw = 0; draw < 50; draw++) {
      List<Double> abilities = random.doubles(names.size(), -2, 2).boxed().toList();
      assertThat(AbilityRegression.fit(similarity, abilities).explained()).isZero();
    }
  }

  @Test
  void parameters_countedAndInBillions_areTheSame() {
    List<Map<String, String>> facts =
        ModelFacts.of(List.of("a", "b-7b"), Map.of("a", Map.of("parameters", "7,000,000,000")));
    assertThat(facts.get(0).get(ModelFacts.PARAMETERS)).isEqualTo("7.0");
    assertThat(facts.get(1).get(ModelFacts.PARAMETERS)).isEqualTo("7.0");
  }

  @Test
  void column_oneValueIsNoNumber_isNamed() {
    assertThat(
            ModelFacts.mixed(
                Map.of(
                    "a", Map.of("date", "2024-05-13", "license", "MIT"),
                    "b", Map.of("date", "May 2024", "license", "2"),
                    "c", Map.of("date", "2024-06", "license", "Apache"))))
        .isEqualTo(Map.of("date", "May 2024"));
  }

  @Test
  void prior_abilityFollowsADate_explainsIt() {
    List<String> names = new ArrayList<>();
    List<Double> abilities = new ArrayList<>();
    Map<String, Map<String, String>> dates = new TreeMap<>();
    for (int i = 0; i < 24; i++) {
      String name = "model" + (char) ('a' + i);
      names.add(name);
      dates.put(name, Map.of("date", LocalDate.of(2023, 1, 1).plusDays(30L * i).toString()));
      abilities.add(i / 8.0 - 1.5);
    }
    AbilityRegression regression =
        AbilityRegression.fit(ModelFacts.similarity(ModelFacts.of(names, dates)), abilities);
    assertThat(regression.explained()).isGreaterThan(0.8);
  }

  @Test
  void prior_abilityFollowsTheSize_isNearItAndSure() {
    List<String> names = new ArrayList<>();
    List<Double> abilities = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      names.add("m" + (char) ('a' + i) + "-" + (1 << (i % 7)) + "b");
      abilities.add((i % 7) / 2.0 - 1.5);
    }
    names.add("new-64b");
    AbilityRegression regression =
        AbilityRegression.fit(ModelFacts.similarity(ModelFacts.of(names, Map.of())), abilities);
    AbilityPrior prior = regression.prior(20);
    assertThat(regression.explained()).isGreaterThan(0.8);
    assertThat(prior.mean()).isCloseTo(1.5, within(0.4));
    assertThat(prior.variance()).isLessThan(0.3);
  }

  @Test
  void prior_factsSayNothing_isThePoolsMean() {
    int m = 30;
    var random = new SplittableRandom(3);
    float[] noise = new float[(m + 1) * 4];
    for (int i = 0; i < noise.length; i++) {
      noise[i] = (float) random.nextGaussian();
    }
    List<Double> abilities = random.doubles(m, -1, 1).boxed().toList();
    AbilityRegression regression =
        AbilityRegression.fit(
            OutputSimilarity.similarity(FloatMatrix.wrap(m + 1, 4, noise)), abilities);
    double mean = abilities.stream().mapToDouble(a -> a).average().orElseThrow();
    assertThat(regression.explained()).isLessThan(0.2);
    assertThat(regression.prior(m).mean()).isCloseTo(mean, within(0.25));
    assertThat(regression.prior(m).variance()).isBetween(0.2, 0.5);
  }

  @Test
  void file_withoutModels_isRefusedWithItsLine() throws IOException {
    Path file = folder.resolve("facts.csv");
    Files.writeString(file, "model,parameters\na,7\na,8\n");
    assertThatThrownBy(() -> FactsFile.read(file))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("facts.csv:3")
        .hasMessageContaining("again");
    Files.writeString(file, "name,parameters\na,7\n");
    assertThatThrownBy(() -> FactsFile.read(file))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("column model");
  }
}
