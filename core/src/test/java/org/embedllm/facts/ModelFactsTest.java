package org.embedllm.facts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
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
