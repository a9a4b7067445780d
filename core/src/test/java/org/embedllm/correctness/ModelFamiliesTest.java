package org.embedllm.correctness;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class ModelFamiliesTest {
  @Test
  void of_namesThatShareTheirFirstWord_areOneFamily() {
    assertThat(ModelFamilies.of(List.of("gpt-4o", "claude-3-opus", "gpt-3.5-turbo", "o1-mini")))
        .containsEntry("gpt", List.of(0, 2))
        .containsEntry("claude", List.of(1))
        .containsEntry("o", List.of(3));
  }

  @Test
  void of_aFirstWordInsideAnotherName_joinsThem() {
    assertThat(ModelFamilies.of(List.of("meta-llama/Llama-2-7b-hf", "Meta-Llama-3-8B", "Yi-6B")))
        .containsEntry("llama", List.of(0, 1))
        .containsEntry("yi", List.of(2));
  }

  @Test
  void of_namesWithoutLetters_areFamiliesOfTheirOwn() {
    assertThat(ModelFamilies.of(List.of("7", "8"))).hasSize(2);
  }
}
