package org.embedllm.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class DidYouMeanTest {
  private static final List<String> KNOWN = List.of("gpt-4o-mini", "gpt-4o", "claude-3-opus");

  @Test
  void closest_nameWithFewEdits_isFoundWhateverItsCase() {
    assertThat(DidYouMean.closest("Claude-3-Opsu", KNOWN)).containsExactly("claude-3-opus");
  }

  @Test
  void closest_partOfNames_namesThemTheClosestFirst() {
    assertThat(DidYouMean.closest("gpt4o", KNOWN)).containsExactly("gpt-4o", "gpt-4o-mini");
  }

  @Test
  void hint_nothingClose_isEmpty() {
    assertThat(DidYouMean.hint("entirely different", KNOWN)).isEmpty();
    assertThat(DidYouMean.hint("gpt-4p", KNOWN)).isEqualTo(" Did you mean \"gpt-4o\"?");
  }

  @Test
  void distance_ofEdits_countsEachOnce() {
    assertThat(DidYouMean.distance("kitten", "sitting")).isEqualTo(3);
    assertThat(DidYouMean.distance("", "abc")).isEqualTo(3);
    assertThat(DidYouMean.distance("ab", "ba")).isEqualTo(1);
  }
}
