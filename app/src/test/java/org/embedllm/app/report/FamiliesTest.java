package org.embedllm.app.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FamiliesTest {
  @ParameterizedTest
  @CsvSource({
    "Qwen1.5-7B-Chat, qwen",
    "Qwen2.5-72B-Instruct, qwen",
    "Meta-Llama-3_1-70B-Instruct, llama",
    "meta-llama/Llama-2-7b-hf, llama",
    "Llama-3.1-405B-Instruct-fp8@together, llama",
    "mistralai__Mixtral-8x7B-v0.1, mixtral",
    "c4ai-command-r-v01, command",
    "o1-mini-2024-09-12, o1",
    "gpt-4o-2024-05-13, gpt",
    "sim-pine-32b, pine",
    "7B, other",
    "---, other",
    "نموذج-١, نموذج"
  })
  void name_tellsItsFamily(String name, String family) {
    assertThat(Families.of(name)).isEqualTo(family);
  }

  @Test
  void name_withoutAnything_isOfNoFamily_andALongOneIsCut() {
    assertThat(Families.of("")).isEqualTo("other");
    assertThat(Families.of("x".repeat(300))).hasSize(40);
  }

  @Test
  void families_comeByTheirSize() {
    assertThat(Families.all(List.of("yi-1", "qwen-1", "qwen-2", "phi-1")))
        .containsExactly("qwen", "phi", "yi");
  }
}
